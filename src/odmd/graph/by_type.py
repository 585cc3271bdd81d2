"""What envers of single build types say of themselves, as a graph keeps it."""

from __future__ import annotations

from typing import Final

from odmd.graph.nodes import KubernetesNode, PackageNode
from odmd.model import (
    Branch,
    CommandEnver,
    ContractsEnver,
    Enver,
    HelmChart,
    ImageEnver,
    KubernetesEnver,
    Kustomize,
    Manifests,
    ManifestSource,
    NpmEnver,
    PrintedManifests,
    PythonPackageEnver,
)
from odmd.model.kinds import EksCluster

_NO_COMMANDS: Final = ((), "", 0.0, False)
_RELEASED: Final = "main"
"""The branch whose packages are releases, unless their enver says otherwise."""


def commands(enver: Enver) -> tuple[tuple[str, ...], str, float, bool]:
    """What it runs, what takes that away, how many minutes that (or its build) has, and whether it has the network."""
    match enver:
        case CommandEnver():
            return tuple(enver.commands), enver.remove, enver.minutes, enver.network
        case ImageEnver():
            return (), "", enver.minutes, enver.network
        case _:
            return _NO_COMMANDS


def package(enver: Enver) -> PackageNode | None:
    """What it is published as; None where it says none of that."""
    match enver:
        case ContractsEnver():
            said, more = (enver.distribution, enver.entry_point, enver.index, enver.upload), (True, False)
        case PythonPackageEnver():
            said, more = (enver.distribution, "", enver.index, enver.upload), (_releases(enver, enver.releases), False)
        case NpmEnver():
            said = (enver.package_name, "", enver.registry, enver.registry)
            more = (_releases(enver, enver.releases), enver.install_scripts)
        case _:
            return None
    return PackageNode(*said, *more) if any(said) else None


def kubernetes(enver: Enver) -> KubernetesNode | None:
    """How it gets its manifests, and into which cluster they go."""
    if not isinstance(enver, KubernetesEnver):
        return None
    declared = type(enver).declaration.consumes
    clusters = [said.alias or name for name, (said, kind) in declared.items() if issubclass(kind, EksCluster)]
    consumed = clusters[0] if len(clusters) == 1 and not enver.cluster_name else ""
    made_by, of, values, release = _manifests(enver.manifests)
    return KubernetesNode(
        made_by,
        of,
        enver.cluster_name,
        consumed,
        values,
        release,
        takes_over=tuple(enver.takes_over),
        minutes=enver.minutes,
        stuck_seconds=enver.stuck_seconds,
        undo=enver.undo,
    )


def _manifests(source: ManifestSource) -> tuple[str, str, tuple[str, ...], str]:
    """What makes them, of what; a chart's files of values, and what its release is called."""
    match source:
        case Manifests(folder):
            return "manifests", folder, (), ""
        case Kustomize(folder):
            return "kustomize", folder, (), ""
        case HelmChart(folder, values, release):
            return "helm", folder, tuple(values), release
        case PrintedManifests(command):
            return "program", command, (), ""


def registry(enver: Enver) -> str:
    """Where its package is installed from, if it publishes one."""
    found = package(enver)
    return found.index if found else ""


def _releases(enver: Enver, said: bool | None) -> bool:
    """Whether it publishes the version that its source says: no clone does, as its origin may."""
    if enver.origin is not None:
        return False
    is_usual = not isinstance(enver.on, Branch) or enver.on.name == _RELEASED
    return is_usual if said is None else said
