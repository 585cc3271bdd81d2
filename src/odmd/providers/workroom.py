"""Where programs that a service's author names run for one run: caged, within limits, heard, in their environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.control.running.saying import Discreet
from odmd.model.run_document import VARIABLE
from odmd.private import open_private, private_file
from odmd.providers.app_process import AppProcess, Heard
from odmd.providers.cage import UNCAGED, Cage
from odmd.providers.environments import AppEnvironment
from odmd.providers.leash import USUAL, ProgramLimits
from odmd.providers.printed import Printed

_HANDED_ON: Final = re.compile(r"LANG|LC_ALL|TMPDIR")


@dataclass(frozen=True, slots=True)
class Workroom:
    """What such programs are run with."""

    discreet: Callable[[Mapping[str, str]], Discreet]
    """What their lines go through before anybody reads or keeps them; it hides the given secrets besides ours."""
    cage: Callable[[], Cage] | None = None
    """What keeps them to what is their own; without it, nothing does."""
    limits: ProgramLimits = USUAL
    """What they may take of the machine."""

    def preflight(self) -> None:
        """Raises:
        NotCaged
        """
        if self.cage is not None:
            self.cage()

    @contextmanager
    def open(
        self, job: Job, into: Path, reads: Sequence[Path] = (), network: bool | None = None
    ) -> Generator[AppProcess]:
        """For programs in the build's folder, which may write to their checkout and into `into`.

        Args:
            reads: what of the machine they see, besides its programs.
            network: whether they reach it; None: as the cage has it.

        Raises:
            NotCaged
        """
        folder, writes = job.place.source / job.enver.folder, (job.place.source, into)
        found = self.cage() if self.cage else UNCAGED
        cage = found if network is None else replace(found, network=network)
        job.tell(str(cage))
        with open_private(job.place.log, "a") as log:
            printed = Printed(log, job.tell)
            yield AppProcess(
                folder,
                job.place.log,
                lambda: Heard(self.discreet(job.secret_variables), printed),
                lambda words: cage.around(words, folder, reads, writes),
                self.limits,
                writes,
            )


def document_of(job: Job) -> Path:
    """The run's document, written to where its programs read it."""
    file = private_file(job.place.document)
    file.write_text(job.document.to_json())
    return file


def plain_variables(job: Job, own: AppEnvironment) -> Mapping[str, str]:
    """No credentials, and of this process's variables only what programs need to run at all."""
    handed_on = {name: text for name, text in os.environ.items() if _HANDED_ON.fullmatch(name)}
    path = [*map(str, own.path), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {
        **handed_on,
        **own.variables,
        "PATH": os.pathsep.join(path),
        "PYTHONUNBUFFERED": "1",
        VARIABLE: str(job.place.document.absolute()),
    }
