"""Builds a wheel of a checkout: by the project's own build backend, which is foreign code, with pinned tools, caged."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from odmd.control.running.procedures import Job
from odmd.control.running.saying import Discreet
from odmd.errors import AppFailed, FileUnfit, PackageUnfit, ToolMissing
from odmd.foreign import read_bytes, read_text
from odmd.private import open_private, private_folder
from odmd.providers.app_process import AppProcess, Heard
from odmd.providers.cage import UNCAGED, Cage
from odmd.providers.contracts.wheel import MOST
from odmd.providers.environments import Environments
from odmd.providers.environments.python import of_requirements
from odmd.providers.environments.recipe import AppEnvironment
from odmd.providers.leash import USUAL, Limits
from odmd.providers.printed import Printed

_FRONTEND: Final = "build==1.6.1"
"""What calls the backend; it leaves no trace in what is built."""
_BUILT_AT: Final = "1580601600"
"""The time of all files in a wheel (2020-02-02). A commit's would make another wheel of the same files at each commit,
and no version can be published twice."""
_PROJECT: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Builder:
    """What wheels are built with."""

    discreet: Callable[[], Discreet]
    """What the backend's lines go through before anybody reads or keeps them."""
    environments: Environments
    cage: Callable[[], Cage] | None = None
    """What keeps backends to what is their own; without it, nothing does."""
    limits: Limits = USUAL

    def build(self, job: Job) -> bytes:
        """The wheel of the build's folder; the same files and tools make the same bytes.

        Raises:
            PackageUnfit, AppOverLimit, DiskFull, EnvironmentNotMade, RegistryUnreachable, NotCaged
        """
        source = job.place.source
        folder, made = source / job.enver.folder, private_folder(job.place.root / "wheel")
        project = folder / _PROJECT
        tools = [_FRONTEND, *_requires(project, source, job)]
        with (
            self.environments.made(of_requirements(project, tools), job.place.log, job.tell) as own,
            open_private(job.place.log, "a") as log,
        ):
            printed, writes = Printed(log, job.tell), (source, made)
            process = AppProcess(
                folder,
                job.place.log,
                lambda: Heard(self.discreet(), printed),
                self._caged(folder, own.reads, writes, job),
                self.limits,
                writes,
            )
            job.tell(f"builds a wheel of {job.enver.folder}", lasting=True)
            _run(process, own, made)
        return _only_wheel(made)

    def _caged(
        self, folder: Path, reads: Sequence[Path], writes: Sequence[Path], job: Job
    ) -> Callable[[Sequence[str]], Sequence[str]]:
        cage = replace(self.cage(), network=False) if self.cage else UNCAGED
        job.tell(str(cage))
        return lambda words: cage.around(words, folder, reads, writes)


def _run(process: AppProcess, own: AppEnvironment, into: Path) -> None:
    path = [*map(str, own.path), os.environ.get("PATH", os.defpath)]
    variables = {
        **own.variables,
        "PATH": os.pathsep.join(path),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "SOURCE_DATE_EPOCH": _BUILT_AT,
    }
    command = ("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), ".")
    try:
        process.run("build of the contracts", command, variables)
    except (AppFailed, ToolMissing) as failed:
        raise PackageUnfit(failed.fact, next_step=failed.next_step) from failed


def _requires(project: Path, checkout: Path, job: Job) -> Sequence[str]:
    """What the project is built with, each in one version."""
    said = f"{job.enver.repo}, {job.enver.folder}/{_PROJECT}"
    try:
        read: dict[str, Any] = tomllib.loads(read_text(project, within=checkout))
        named = read["build-system"]["requires"]
        requirements = [Requirement(str(one)) for one in named]
    except FileNotFoundError:
        raise PackageUnfit(
            f"{said} is not there at {job.commit[:7]}",
            next_step="let the build's folder in the contracts be that of the package",
        ) from None
    except (OSError, ValueError, FileUnfit, LookupError, TypeError, InvalidRequirement) as wrong:
        raise PackageUnfit(
            f"{said} does not say what it is built with: {wrong}",
            next_step='write [build-system] requires = ["hatchling==1.33.0"], build-backend = "hatchling.build"',
        ) from wrong
    if loose := [str(one) for one in requirements if not _is_pinned(one)]:
        raise PackageUnfit(
            f"{said} is built with any {', '.join(loose)}, and another one makes another package of the same files",
            next_step='say one version of each: [build-system] requires = ["hatchling==1.33.0"]',
        )
    return [str(one) for one in requirements]


def _is_pinned(requirement: Requirement) -> bool:
    exact = [one for one in requirement.specifier if one.operator == "===" or _is_exact(one.operator, one.version)]
    return requirement.url is None and len(exact) == 1


def _is_exact(operator: str, version: str) -> bool:
    return operator == "==" and not version.endswith("*")


def _only_wheel(folder: Path) -> bytes:
    made = sorted(folder.glob("*.whl"))
    if len(made) != 1:
        raise PackageUnfit(
            f"the build made {len(made)} wheels, and one is published", next_step="see the run's log: `odmd logs`"
        )
    try:
        return read_bytes(made[0], within=folder, most=MOST)
    except (OSError, FileUnfit) as wrong:
        raise PackageUnfit(f"the wheel that was built cannot be read: {wrong}") from wrong
