"""What somebody is about may be over before it is done: the programs that were started for it end then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class Halt:
    """Whether it is over, and what is to be done when it is."""

    def __init__(self) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._endings: list[Callable[[], None]] = []

    def end(self) -> None:
        """It is over."""
        with self._lock:
            self.over, endings = True, list(self._endings)
        for ending in endings:
            ending()

    def when_over(self, ending: Callable[[], None]) -> None:
        """Does it then, or now if it is over already."""
        with self._lock:
            self._endings.append(ending)
            over = self.over
        if over:
            ending()


_CURRENT: Final = ContextVar[Halt | None]("_CURRENT", default=None)


@contextmanager
def halting() -> Generator[Halt]:
    """What this thread is about while inside."""
    halt = Halt()
    before = _CURRENT.set(halt)
    try:
        yield halt
    finally:
        _CURRENT.reset(before)


def when_halted(ending: Callable[[], None]) -> None:
    """To be done when what this thread is about is over; nothing where nobody could halt it."""
    if (halt := _CURRENT.get()) is not None:
        halt.when_over(ending)
