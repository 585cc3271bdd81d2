"""Waiting for AWS: often at first, since most things are quick, then ever less often; and through its bad moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from odmd.control.running.saying import WAITS, Progress
from odmd.errors import CloudUnreachable, CredentialsRefused

T = TypeVar("T")

FIRST: Final = 0.1
LONGEST: Final = 2.0
LONGEST_AWAY: Final = 30.0
RENEWAL_SECONDS: Final = 600.0
"""How long people have to renew credentials that expired while something is waited for."""
_GROWTH: Final = 1.5


def quiet(_line: str) -> None:
    """Progress that nobody wants to read."""


def looks(
    sleep: Callable[[float], None] = time.sleep, longest: float = LONGEST, first: float = FIRST
) -> Iterator[None]:
    """Yields whenever it is time to look again, without end."""
    pause = first
    while True:
        yield
        sleep(pause)
        pause = min(pause * _GROWTH, longest)


@dataclass(slots=True)
class Patience:
    """Looks while something goes on at AWS: that AWS is busy or away for a while does not end it.

    What goes on there goes on without us, so nothing is gained by giving up; `say` raises when another one
    waits instead. Expired credentials are another matter: people have some time to renew them.
    """

    say: Progress = quiet
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def look(self, read: Callable[[], T]) -> T:
        """What `read` finds, once AWS answers; `read` has to be safe to do again.

        Raises:
            CredentialsRefused: nobody renewed them in time.
            CloudRefused
        """
        expired: float | None = None
        for _ in looks(self.sleep, LONGEST_AWAY, first=1.0):
            try:
                return read()
            except CredentialsRefused as wrong:
                expired = self.clock() if expired is None else expired
                if self.clock() - expired >= RENEWAL_SECONDS:
                    raise
                self.say(f"{WAITS}{wrong.fact}: {wrong.next_step}, and it goes on")
            except CloudUnreachable as wrong:
                expired = None
                self.say(f"{WAITS}{wrong.fact}")
        raise AssertionError  # `looks` has no end
