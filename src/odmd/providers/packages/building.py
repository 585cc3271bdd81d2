"""Builds a Python package of a checkout: by its own build backend, with tools that it pins."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from odmd.control.running.procedures import Job
from odmd.errors import FileUnfit, PackageUnfit
from odmd.foreign import read_text
from odmd.providers.environments.python import of_requirements
from odmd.providers.packages.content import not_there
from odmd.providers.packages.wheel import MOST
from odmd.providers.packages.workshop import Workshop, only_file

_FRONTEND: Final = "build==1.6.1"
"""What calls the backend; it leaves no trace in what is built."""
PROJECT: Final = "pyproject.toml"
_VARIABLES: Final = {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}


def build_wheel(workshop: Workshop, job: Job) -> bytes:
    """The wheel of the build's folder; the same files and tools make the same bytes.

    Raises:
        PackageUnfit, AppOverLimit, DiskFull, EnvironmentNotMade, RegistryUnreachable, NotCaged
    """
    (wheel,) = _built(workshop, job, ("*.whl",), "--wheel")
    return wheel


def build_both(workshop: Workshop, job: Job) -> tuple[bytes, bytes]:
    """The wheel and the sources; it is made of them alone, so that who installs from sources gets the same.

    Raises:
        PackageUnfit, AppOverLimit, DiskFull, EnvironmentNotMade, RegistryUnreachable, NotCaged
    """
    wheel, sources = _built(workshop, job, ("*.whl", "*.tar.gz"))
    return wheel, sources


def _built(workshop: Workshop, job: Job, files: Sequence[str], *flags: str) -> Sequence[bytes]:
    """What was built: one file of each pattern."""
    source = job.place.source
    project = source / job.enver.folder / PROJECT
    tools = [_FRONTEND, *_requires(project, source, job)]
    with (
        workshop.environments.made(of_requirements(project, tools), job.place.log, job.tell) as own,
        workshop.bench(job, own) as bench,
    ):
        job.tell(f"builds a package of {job.enver.folder}", lasting=True)
        command = ("python", "-m", "build", *flags, "--no-isolation", "--outdir", str(bench.made), ".")
        bench.run("build of the package", command, _VARIABLES)
        return [only_file(bench.made, pattern, MOST, job) for pattern in files]


def _requires(project: Path, checkout: Path, job: Job) -> Sequence[str]:
    """What the project is built with, each in one version."""
    said = f"{job.enver.repo}, {job.enver.folder}/{PROJECT}"
    try:
        read: dict[str, Any] = tomllib.loads(read_text(project, within=checkout))
        named = read["build-system"]["requires"]
        requirements = [Requirement(str(one)) for one in named]
    except FileNotFoundError:
        raise not_there(said, job) from None
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
