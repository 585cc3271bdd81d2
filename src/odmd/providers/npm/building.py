"""Builds a package for npm of a checkout: with the tool whose lock file is there, by its own scripts."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from odmd.control.running.procedures import Job
from odmd.errors import LockMissing
from odmd.providers.environments import AppEnvironment
from odmd.providers.environments.find import find_recipe
from odmd.providers.environments.node import Tool, tool_of
from odmd.providers.npm.manifest import Manifest, object_of, read_manifest, with_version
from odmd.providers.npm.tarball import Tarball, lasting_tarball
from odmd.providers.npm.versions import prerelease
from odmd.providers.packages.content import content_of
from odmd.providers.packages.package_version import package_of
from odmd.providers.packages.tarballs import MOST
from odmd.providers.packages.workshop import Bench, Workshop, only_file

_DEPENDENCIES: Final = ("dependencies", "devDependencies", "optionalDependencies")
_VARIABLES: Final = {
    "CI": "1",
    "NPM_CONFIG_USERCONFIG": os.devnull,
    "NPM_CONFIG_OFFLINE": "true",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "NPM_CONFIG_MANAGE_PACKAGE_MANAGER_VERSIONS": "false",
}
"""It has no network, and nobody's right at a registry."""


def build(workshop: Workshop, job: Job) -> Tarball:
    """The package of the build's folder.

    Raises:
        PackageUnfit: it cannot be built, or is not what the contract publishes.
        LockMissing, EnvironmentNotMade, RegistryUnreachable, ToolMissing, AppOverLimit, DiskFull, NotCaged
    """
    manifest, content = read_manifest(job), content_of(job)
    with _environment(workshop, job, manifest) as (tool, own), workshop.bench(job, own, tool.reads) as bench:
        if not package_of(job).releases:
            version = prerelease(str(manifest["version"]), job.enver.slot, content)
            with_version(manifest, version, job.place.source / job.enver.folder)
            job.tell(f"its version is {version}", lasting=True)
        variables = {**_VARIABLES, "HOME": str(bench.made), "NPM_CONFIG_CACHE": str(bench.made / "cache")}
        if _has_build(manifest):
            job.tell(f"{tool.name} run build, in {job.enver.folder}", lasting=True)
            bench.run("build of the package", (str(tool.program), "run", "build"), variables)
        bench.run("packing of the package", (str(tool.program), *_packs(tool, bench)), variables)
        return lasting_tarball(only_file(bench.made, "*.tgz", MOST, job), job)


@contextmanager
def _environment(workshop: Workshop, job: Job, manifest: Manifest) -> Generator[tuple[Tool, AppEnvironment]]:
    """What its lock file names; nothing where it needs nothing."""
    source = job.place.source
    recipe = find_recipe("Node", source / job.enver.folder, source)
    if recipe is None:
        if any(manifest.get(name) for name in _DEPENDENCIES):
            raise LockMissing(
                f"the package of {job.enver.label} has dependencies and no lock file that says which",
                next_step="commit the one that npm, pnpm or yarn writes: `npm install --package-lock-only`",
            )
        yield tool_of(None, source), AppEnvironment()
        return
    asked, environments = package_of(job).install_scripts, workshop.environments
    environments = replace(environments, scripts=environments.scripts and asked)
    with environments.made(recipe, job.place.log, job.tell) as own:
        yield tool_of(recipe.lock, source), own


def _has_build(manifest: Manifest) -> bool:
    return "build" in object_of(manifest.get("scripts"))


def _packs(tool: Tool, bench: Bench) -> Sequence[str]:
    """How each tool is told to pack into a folder."""
    if tool.name != "yarn":
        return "pack", "--pack-destination", str(bench.made)
    return "pack", "--out" if tool.is_berry else "--filename", str(bench.made / "package.tgz")
