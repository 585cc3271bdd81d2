"""Who decides: one process at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Term(Protocol):
    """The time for which one process leads."""

    @property
    def epoch(self) -> int:
        """One more than that of the term before; 0 where nobody else can begin to lead as long as this one lasts."""
        ...

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Calls `tell` once, in a thread of its own, if the term ends before its holder ends it; at once if it has."""
        ...


class Leadership(Protocol):
    """At most one process decides at a time."""

    def lead(self, stop_waiting: threading.Event | None = None, epoch: int = 0) -> AbstractContextManager[Term]:
        """Holds the leadership while inside; with `stop_waiting`, waits for it until that is set. The epoch of the
        term is no lower than the one that is given.

        Raises:
            StateInUse: another process holds it; says which.
        """
        ...

    def is_led(self) -> bool:
        """Whether anybody leads now."""
        ...

    def leader(self) -> str | None:
        """Who leads now, in words; None: nobody."""
        ...
