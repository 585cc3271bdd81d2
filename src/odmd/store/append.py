"""What every store demands of a commit, and which projections a state is restored from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from odmd.control.ports import Logged
from odmd.control.state import RunStatus, ValueStatus

OPEN_RUNS: Final = (RunStatus.STARTED, RunStatus.CLAIMED)
LIVE_VALUES: Final = tuple(status for status in ValueStatus if status is not ValueStatus.RETIRED)


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
