"""What foreign programs print, in a run's log: its beginning and its end; what is between is counted, and odmd's own
lines always have room."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import IO, Final

from odmd.control.ports.run_log import FROM_APP, LONGEST_LINE, Room

ROOM: Final = Room(lines=10_000, characters=4_000_000)
LAST_LINES: Final = 100
"""Of each program, kept whatever else is dropped: there it says why it failed."""


class Printed:
    """The lines of all programs of one attempt, as they are written and told.

    Args:
        log: the run's own file.
        tell: whoever follows the run; blank lines are not told.
    """

    def __init__(self, log: IO[str], tell: Callable[[str], object] = lambda _: None, room: Room = ROOM) -> None:
        self._log, self._tell = log, tell
        self._lines, self._characters = room.lines, room.characters
        self._last = deque[str](maxlen=LAST_LINES)
        self._held = 0

    def line(self, text: str) -> str:
        """Takes a line that may be shown; without the blanks at its end."""
        text = text.rstrip()
        self._lines -= 1
        self._characters -= len(text)
        if self._lines >= 0 and self._characters >= 0:
            self._keep(text)
        else:
            self._lines, self._held = 0, self._held + 1
            self._last.append(text[:LONGEST_LINE])
        return text

    def end(self) -> None:
        """The program ended: how much of it is not kept, and its last lines."""
        if dropped := self._held - len(self._last):
            self._keep(f"… left out: {dropped} of its lines …")
        for text in self._last:
            self._keep(text)
        self._last.clear()
        self._held = 0

    def _keep(self, text: str) -> None:
        self._log.write(f"{text}\n")
        self._log.flush()
        if text:
            self._tell(f"{FROM_APP}{text}")
