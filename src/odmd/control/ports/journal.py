"""The journal of runs: which steps are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from odmd.control.scheduler.numbers import AttemptNumber


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step of a run that is done, with what it found: who claims the run again skips it."""

    name: str
    result: str
    """JSON."""
    seconds: float
    at: float
    token: str = ""
    """That of the agent of another place that recorded it; nothing says so in what such an agent records."""


class Journal(Protocol):
    """Steps of runs, outside the log and its lock."""

    def record(self, run: int, attempt: AttemptNumber, step: DoneStep) -> None:
        """Adds a step; the same name again is ignored."""
        ...

    def came_in(self, artifact: str) -> bool:
        """Whether an agent of another place ever handed in an artifact of this digest."""
        ...
