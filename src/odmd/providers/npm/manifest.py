"""What a package for npm says of itself, held against what its contract says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from odmd.control.running.procedures import Job
from odmd.errors import FileUnfit, PackageUnfit
from odmd.foreign import read_json
from odmd.graph.rules.packages_of_github_have_its_owner import is_github
from odmd.providers.npm.versions import is_version
from odmd.providers.packages.content import not_there
from odmd.providers.packages.package_version import package_of

Manifest = Mapping[str, object]
FILE: Final = "package.json"
_LARGEST: Final = 1_000_000
_REPOSITORY: Final = re.compile(r"(?:^github:|github\.com[/:]|^)([^/:\s]+/[^/\s#]+?)(?:\.git)?(?:#.*)?$")


def read_manifest(job: Job) -> Manifest:
    """The one in the build's folder.

    Raises:
        PackageUnfit: it is not there, or not of the package that the contract publishes.
    """
    folder = job.place.source / job.enver.folder
    said = f"{job.enver.repo}, {job.enver.folder}/{FILE}"
    try:
        loaded = read_json(folder / FILE, within=job.place.source, most=_LARGEST)
    except FileNotFoundError:
        raise not_there(said, job) from None
    except (OSError, ValueError, FileUnfit) as wrong:
        raise PackageUnfit(f"{said} cannot be read: {wrong}") from wrong
    return fit(loaded, job)


def fit(loaded: object, job: Job) -> Manifest:
    """What was read, if it is what the contract publishes.

    Raises:
        PackageUnfit
    """
    manifest = object_of(loaded)
    for wrong, hint in _wrong(manifest, job):
        raise PackageUnfit(f"{FILE} of {job.enver.label} {wrong}", next_step=hint)
    return manifest


def with_version(manifest: Manifest, version: str, folder: Path) -> None:
    """Writes what is to be built with another version."""
    file = (folder / FILE).resolve()
    file.write_text(json.dumps({**manifest, "version": version}, indent=2, ensure_ascii=False) + "\n")


def published_to(manifest: Manifest) -> Mapping[str, object]:
    """Its `publishConfig`."""
    return object_of(manifest.get("publishConfig"))


def object_of(said: object) -> Mapping[str, object]:
    """An object of JSON; an empty one where something else was said."""
    return cast("Mapping[str, object]", said) if isinstance(said, dict) else {}


def versions_in(document: Mapping[str, object]) -> Mapping[str, Manifest]:
    """What a registry has, by version; what says otherwise than registries do is nothing."""
    return {version: object_of(said) for version, said in object_of(document.get("versions")).items()}


def _wrong(manifest: Manifest, job: Job) -> list[tuple[str, str]]:
    """What is wrong with it, and what to do; the first thing first."""
    package, found = package_of(job), list[tuple[str, str]]()
    name, version, registry = manifest.get("name"), manifest.get("version"), published_to(manifest).get("registry")
    if name != package.distribution:
        found.append((f"is of {name!r}, and {package.distribution} is to be published", "let both be one name"))
    if not isinstance(version, str) or not is_version(version):
        found.append((f"says version {version!r}, which is none", 'say one by semver.org: "version": "1.0.0"'))
    if manifest.get("private"):
        found.append(("is private", 'take "private" out of it, or the address out of the contract'))
    if registry is not None and _plain(registry) != _plain(package.index):
        found.append(
            (f"is for {registry}, and its contract publishes it to {package.index}", "let both be one address")
        )
    repository = _repository(manifest)
    if is_github(package.index) and repository and repository.lower() != job.enver.repo.lower():
        found.append(
            (f"belongs to {repository}, and GitHub Packages takes it from no other", f"say {job.enver.repo} there")
        )
    return found


def _plain(address: object) -> str:
    return str(address).rstrip("/").lower()


def _repository(manifest: Manifest) -> str:
    """Its repository at GitHub, as owner/name; empty where it says none."""
    said = manifest.get("repository")
    url = said if isinstance(said, str) else object_of(said).get("url")
    found = _REPOSITORY.search(url) if isinstance(url, str) else None
    return found[1] if found else ""
