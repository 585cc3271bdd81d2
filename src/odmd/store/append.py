"""What every store demands of a commit, which projections a state is restored from, and what is never forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import WAITED_SECONDS
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.values import ValueStatus

OPEN_RUNS: Final = (RunStatus.STARTED, RunStatus.DISPATCHED, RunStatus.CLAIMED)
LIVE_VALUES: Final = tuple(status for status in ValueStatus if status is not ValueStatus.RETIRED)


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of what ended stays, however old it is."""

    runs: int = 10
    """The newest ones of each enver; at least 1, as ids go on from the highest."""
    waves: int = 1000
    """The newest ones of all; at least 1."""
    unseen: float = WAITED_SECONDS
    """Seconds for which what a subscriber has not handled stays longer than the rest."""


KEEP: Final = Keep()


def moved_at(run: Run) -> float:
    """When a run moved last: its age."""
    return run.started_at if run.finished_at is None else run.finished_at


def check_append(expected: int, events: Sequence[Logged], effects: Iterable[object]) -> None:
    """Guards what stores rely on: no gap in the log, and effects only with the events that ask for them.

    Raises:
        ValueError: the caller is wrong.
    """
    given = [logged.position for logged in events]
    if given != list(range(expected + 1, expected + 1 + len(given))):
        raise ValueError(f"events at {given} do not follow position {expected}")
    if not given and any(True for _ in effects):
        raise ValueError("effects without an event that asks for them")
