"""What goes from programs and procedures to whoever follows a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

Progress = Callable[[str], None]
"""Told one line whenever something moved, and what a service's own program prints."""

WAITS: Final = "waits: "
"""Begins a line about what is waited for longer than people expect."""

WARNS: Final = "warning: "
"""Begins a line about what went well and is not as its user may think; it lasts."""


class Discreet(Protocol):
    """Takes secrets out of lines that come one after the other; some wait for the next one."""

    def __call__(self, line: str, *, cut: bool = False) -> Sequence[str]:
        """What may be shown now; `cut`: the line goes on with the next piece, and nobody is told the rest."""
        ...

    def rest(self) -> Sequence[str]:
        """What waited for a next line, when there is none."""
        ...
