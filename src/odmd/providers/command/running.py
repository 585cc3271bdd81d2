"""Runs an enver's commands: what they see is their run, and nothing of this process's secrets."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.control.running.saying import Discreet
from odmd.errors import AppFailed, AppNotStarted, AppOverLimit, CommandFailed, ToolMissing
from odmd.model.run_document import VARIABLE
from odmd.private import open_private, private_file, private_folder
from odmd.providers.app_process import AppProcess, Heard
from odmd.providers.cage import UNCAGED, Cage
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.leash import USUAL, Limits
from odmd.providers.printed import Printed

PRODUCTS: Final = "ODMD_PRODUCTS"
"""The variable that says where the products go: a file with JSON, text by name."""
KEY: Final = "ODMD_IDEMPOTENCY_KEY"
"""The variable with a text that is the same for all attempts at one run, and another one for every other run."""
_HANDED_ON: Final = re.compile(r"LANG|LC_ALL|TMPDIR")


@dataclass(frozen=True, slots=True)
class Runner:
    """What commands are run with."""

    discreet: Callable[[], Discreet]
    """What their lines go through before anybody reads or keeps them."""
    environments: Environments | None = None
    """Without it they run in ours."""
    cage: Callable[[], Cage] | None = None
    """What keeps them to what is their own; without it, nothing does."""
    limits: Limits = USUAL
    """What they may take of the machine; their contract may give them less time."""

    def run(self, commands: Sequence[str], job: Job) -> Path:
        """Runs them one after the other to their good end; returns the file for their products.

        Raises:
            CommandFailed: says whether any of them began.
            EnvironmentNotMade, NotCaged
        """
        folder, given = _folder(job), private_folder(job.place.root / "products")
        products = given / "products.json"
        products.unlink(missing_ok=True)
        private_file(job.place.document).write_text(job.document.to_json())
        with self._environment(folder, job) as own, open_private(job.place.log, "a") as log:
            printed, writes = Printed(log, job.tell), (job.place.source, given)
            process = AppProcess(
                folder,
                job.place.log,
                lambda: Heard(self.discreet(), printed),
                self._caged(job, folder, (*own.reads, job.place.document), writes),
                self.limits,
                writes,
            )
            ends = time.monotonic() + job.enver.minutes * 60
            for number, command in enumerate(commands):
                job.tell(f"runs {command}", lasting=True)
                bounded = replace(process, limits=_with_time(self.limits, ends - time.monotonic()))
                _run(bounded, command, _variables(job, products, own), first=number == 0)
        return products

    def _environment(self, folder: Path, job: Job) -> AbstractContextManager[AppEnvironment]:
        if self.environments is None:
            return nullcontext(AppEnvironment())
        return self.environments.of(folder, job.place.source, job.place.log, job.tell, uses_jsii=False)

    def _caged(
        self, job: Job, folder: Path, reads: Sequence[Path], writes: Sequence[Path]
    ) -> Callable[[Sequence[str]], Sequence[str]]:
        found = self.cage() if self.cage else UNCAGED
        cage = replace(found, network=found.network or job.enver.network)
        job.tell(str(cage))
        return lambda words: cage.around(words, folder, reads, writes)


def _folder(job: Job) -> Path:
    """The build's folder in a checkout, which is made where this attempt has none."""
    if not job.place.source.is_dir():
        job.checkout()
    folder = job.place.source / job.enver.folder
    if not folder.is_dir():
        raise CommandFailed(
            f"{job.enver.repo} has no folder {job.enver.folder} at {job.commit[:7]}",
            next_step="let the build's folder in the contracts be one that the repository has",
        )
    return folder


def _with_time(limits: Limits, seconds: float) -> Limits:
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
    """No credentials, and of this process's variables only what programs need to run at all."""
    handed_on = {name: text for name, text in os.environ.items() if _HANDED_ON.fullmatch(name)}
    names = {wire.name: wire.variable for wire in job.enver.wires}
    path = [*map(str, own.path), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {
        **handed_on,
        **{names[name]: text for name, text in job.texts.items()},
        **own.variables,
        "PATH": os.pathsep.join(path),
        "PYTHONUNBUFFERED": "1",
        VARIABLE: str(job.place.document.absolute()),
        PRODUCTS: str(products.absolute()),
        KEY: hashlib.sha256(f"{job.state} {job.enver.address} {job.run}".encode()).hexdigest(),
    }
