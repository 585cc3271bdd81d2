"""Runs an enver's commands: what they see is their run, and nothing of this process's secrets."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.errors import AppFailed, AppNotStarted, AppOverLimit, CommandFailed, ToolMissing
from odmd.graph.built import CommandNode
from odmd.model import naming
from odmd.private import private_folder
from odmd.providers.app_process import AppProcess
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.leash import ProgramLimits
from odmd.providers.workroom import Workroom, document_of, plain_variables

PRODUCTS: Final = "ODMD_PRODUCTS"
"""The variable that says where the products go: a file with JSON, text by name."""
KEY: Final = "ODMD_IDEMPOTENCY_KEY"
"""The variable with a text that is the same for all attempts at one run, and another one for every other run."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What commands are run with."""

    room: Workroom
    environments: Environments | None = None
    """Without it they run in ours."""

    def run(self, commands: Sequence[str], job: Job) -> Path:
        """Runs them one after the other to their good end; returns the file for their products.

        Raises:
            CommandFailed: says whether any of them began.
            EnvironmentNotMade, NotCaged
        """
        said = job.enver.built_as(CommandNode)
        folder, given = _folder(job), private_folder(job.place.root / "products")
        products = given / "products.json"
        products.unlink(missing_ok=True)
        with (
            self._environment(folder, job) as own,
            self.room.open(job, given, (*own.reads, document_of(job)), said.network or None) as process,
        ):
            ends = time.monotonic() + said.minutes * 60
            for number, command in enumerate(commands):
                job.tell(f"runs {command}", lasting=True)
                bounded = replace(process, limits=_with_time(process.limits, ends - time.monotonic()))
                _run(bounded, command, _variables(job, products, own), first=number == 0)
        return products

    def _environment(self, folder: Path, job: Job) -> AbstractContextManager[AppEnvironment]:
        if self.environments is None:
            return nullcontext(AppEnvironment())
        return self.environments.of(folder, job.place.source, job.place.log, job.tell, uses_jsii=False)


def _folder(job: Job) -> Path:
    """The build's folder in a checkout, which is made where this attempt has none."""
    folder = job.checked_out() / job.enver.folder
    if not folder.is_dir():
        raise CommandFailed(
            f"{job.enver.repo} has no folder {job.enver.folder} at {naming.short_commit(job.commit)}",
            next_step="let the build's folder in the contracts be one that the repository has",
        )
    return folder


def _with_time(limits: ProgramLimits, seconds: float) -> ProgramLimits:
    return replace(limits, seconds=max(1, min(limits.seconds, round(seconds))))


def _run(process: AppProcess, command: str, variables: Mapping[str, str], *, first: bool) -> None:
    """What has begun may have changed anything."""
    try:
        process.run(f"command `{command}`", ("/bin/sh", "-c", command), variables)
    except (ToolMissing, AppNotStarted) as missing:
        raise CommandFailed(missing.fact, next_step=missing.next_step, clean=first) from missing
    except AppOverLimit as over:
        raise CommandFailed(
            over.fact,
            next_step=f"{over.next_step}; how long commands may take is `minutes` in their contract, too",
            clean=False,
        ) from over
    except AppFailed as failed:
        raise CommandFailed(failed.fact, next_step=failed.next_step, clean=False) from failed


def _variables(job: Job, products: Path, own: AppEnvironment) -> Mapping[str, str]:
    """With the values that it consumes, its private config, and where its products go."""
    return {
        **job.variables,
        **job.secret_variables,
        **plain_variables(job, own),
        PRODUCTS: str(products.absolute()),
        KEY: hashlib.sha256(f"{job.state} {job.enver.address} {job.run}".encode()).hexdigest(),
    }
