"""What runs say while they are under way: lines, kept for a while, outside the log of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

LONGEST_LINE: Final = 2000
MOST_LINES: Final = 20_000
"""Of one run and one kind; what comes after is dropped, and the last line says so."""
FROM_APP: Final = "app: "
"""Begins a line that a service's own program printed: for the run's log, too many for who follows many runs."""


class LineKind(IntEnum):
    """Whose line it is; each has a room of its own, so that no flood of one pushes another's out."""

    APP = 1
    """A service's own program's."""
    STEP = 2
    """odmd's: what it does."""
    LASTING = 3
    """odmd's: what a person wants to read afterwards."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, with its number in the order in which lines of all runs came."""

    number: int
    run: int
    at: float
    text: str
    lasting: bool = False
    """Part of the record that a person wants to read afterwards."""

    @property
    def kind(self) -> LineKind:
        if self.lasting:
            return LineKind.LASTING
        return LineKind.APP if self.text.startswith(FROM_APP) else LineKind.STEP


@dataclass(frozen=True, slots=True)
class Room:
    """How much of what one run says is kept, of each kind of lines."""

    lines: int = MOST_LINES
    characters: int = MOST_LINES * LONGEST_LINE


ROOM: Final = Room()


class Lines(Protocol):
    """What runs said, for who reads it."""

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        """Of a run, or of all; in order, only those with higher numbers, or the last ones."""
        ...


class RunLog(Lines, Protocol):
    """Where lines are kept."""

    def say(self, lines: Sequence[Line]) -> None:
        """Adds lines, whatever their numbers; they get new ones. Too long ones are cut."""
        ...
