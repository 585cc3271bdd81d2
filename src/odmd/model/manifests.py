"""Where the manifests of an enver come from; all paths and commands are of the build's folder."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.model.checked import Checked


@dataclass(frozen=True, slots=True)
class Manifests(Checked):
    """All YAML and JSON files of a folder, at every depth."""

    folder: str = "."


@dataclass(frozen=True, slots=True)
class Kustomize(Checked):
    """What `kustomize build` makes of a folder."""

    folder: str = "."


@dataclass(frozen=True, slots=True)
class HelmChart(Checked):
    """What `helm template` makes of a chart that lies in the repository."""

    folder: str = "."
    values: tuple[str, ...] = ()
    """Files with values, the later ones outrank the earlier ones."""
    release: str = "app"


@dataclass(frozen=True, slots=True)
class PrintedManifests(Checked):
    """What a program prints, such as `npx cdk8s synth --stdout`."""

    command: str


ManifestSource = Manifests | Kustomize | HelmChart | PrintedManifests
"""Any of them."""
