"""Where packages are built: by their own code, which is foreign, so it is caged and has no network."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.errors import AppFailed, AppOverLimit, FileUnfit, PackageUnfit, ToolMissing
from odmd.foreign import read_bytes
from odmd.private import private_folder
from odmd.providers.app_process import AppProcess
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.packages.members import texts_in
from odmd.providers.packages.package_version import package_of
from odmd.providers.workroom import Workroom
from odmd.trees import remove_tree

_BUILT_AT: Final = "1580601600"
"""The time of all files in a package (2020-02-02). A commit's would make another one of the same files at each commit,
and no version can be published twice."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What packages are built with."""

    room: Workroom
    environments: Environments

    def preflight(self, job: Job) -> None:
        """Raises:
        NotCaged
        PackageUnfit: its contract does not say what it is published as.
        """
        self.room.preflight()
        package_of(job)

    @contextmanager
    def bench(self, job: Job, own: AppEnvironment, reads: Sequence[Path] = ()) -> Generator[Bench]:
        """Where the package of a job is built, in its own environment; cleared up afterwards.

        Args:
            reads: what of the machine the build is done with, besides that.
        """
        made = private_folder(job.place.root / "built")
        with self.room.open(job, made, (*own.reads, *reads), network=False) as process:
            try:
                yield Bench(process, own, {**job.variables, **job.secret_variables}, made)
            finally:
                remove_tree(made)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where one package is built."""

    process: AppProcess
    own: AppEnvironment
    values: Mapping[str, str]
    """What it is built with, by variable."""
    made: Path
    """The folder for what is built."""

    def run(self, what: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        """Runs a command of a build to its good end.

        Raises:
            PackageUnfit, AppOverLimit, DiskFull
        """
        path = [*map(str, self.own.path), os.environ.get("PATH", os.defpath)]
        given = {
            **self.values,
            **self.own.variables,
            "PATH": os.pathsep.join(path),
            "SOURCE_DATE_EPOCH": _BUILT_AT,
            **variables,
        }
        try:
            self.process.run(what, command, given)
        except AppOverLimit:
            raise
        except (AppFailed, ToolMissing) as failed:
            raise PackageUnfit(failed.fact, next_step=failed.next_step) from failed


def only_file(folder: Path, pattern: str, most: int, job: Job) -> bytes:
    """The content of the one file that a build made.

    Raises:
        PackageUnfit: it made several, or none, or one that cannot be read.
        SecretShown: it has a text in it that the build was given for itself alone.
    """
    made = sorted(folder.glob(pattern))
    if len(made) != 1:
        raise PackageUnfit(
            f"the build made {len(made)} files {pattern}, and one is published",
            next_step="see the run's log: `odmd logs`",
        )
    try:
        content = read_bytes(made[0], within=folder, most=most)
    except (OSError, FileUnfit) as wrong:
        raise PackageUnfit(f"{made[0].name}, which was built, cannot be read: {wrong}") from wrong
    if job.secret_texts:
        for name, text in texts_in(content, most):
            job.refuse_shown(f"{name} in the package", text)
    return content
