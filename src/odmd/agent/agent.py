"""One agent: claims a run, carries it out, and says how it ended."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from odmd.agent.attempt import Attempt
from odmd.agent.tools import Tools
from odmd.control.desk import Desk
from odmd.control.messages import FailRun, Loss
from odmd.errors import DataWouldBeLost, OdmdError


class Report(Protocol):
    """Told what is going on in a run."""

    def __call__(self, run: int, line: str, *, lasting: bool = False) -> None:
        """One line; a lasting one is part of the record that a person wants to read afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Agent:
    """Needs the desk that hands out runs, the tools to carry them out, and a folder to work in."""

    name: str
    desk: Desk
    tools: Tools
    folder: Path
    report: Report

    def carry_out(self, run: int) -> None:
        """Carries out a run to its end; a failure of the run is told to the desk, not raised."""
        if (claim := self.desk.claim(run, self.name)) is None:
            return
        attempt = Attempt(claim, self.desk, self.tools, self.folder, partial(self.report, run))
        try:
            outcome = attempt.carry_out()
        except OdmdError as failed:
            attempt.log(f"failed: {failed.fact}")
            hint = f"\n{failed.next_step}" if failed.next_step else ""
            fact, clean = f"{failed.code} {failed.fact}{hint}", attempt.is_clean(failed)
            loss = Loss(failed.fact, failed.digest) if isinstance(failed, DataWouldBeLost) else None
            outcome = FailRun(run, claim.attempt, fact, clean, attempt.published, failed.retryable, loss)
        except Exception as broken:
            attempt.log(traceback.format_exc())
            fact = f"ODMD000 odmd itself is broken: {type(broken).__name__}: {broken}"
            outcome = FailRun(run, claim.attempt, fact, attempt.is_clean(broken), attempt.published)
        self.desk.finish(outcome)
