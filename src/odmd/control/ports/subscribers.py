"""Who follows what happened: by name, from a position of the log on, at least once, and each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from odmd.control.ports.log import Logged

WAITED_SECONDS: Final = 30 * 86_400.0
"""For so long, what a durable subscriber has not handled is kept longer than the rest, and one that is not heard of is
expected back."""


class Begin(Enum):
    """Where a subscriber begins, and whether it goes on there later."""

    NEXT = "next"
    """With what happens after it was first heard of; from then on, wherever it got to."""
    OLDEST = "oldest"
    """With the oldest event that is kept; from then on, wherever it got to."""
    EACH_TERM = "each term"
    """With what happens in the term of its process, each time: what it makes of it ends with the process. Its position
    is kept nowhere, and nothing waits for it."""

    @property
    def is_durable(self) -> bool:
        """Whether it misses nothing, whichever process leads."""
        return self is not Begin.EACH_TERM


class Later(Exception):
    """A subscriber's word that it is too early: the same comes to it again, with what follows, after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:g} s")
        self.seconds = seconds


class Subscriber(Protocol):
    """Follows the log in a thread of its own, in the process that leads."""

    @property
    def name(self) -> str:
        """Unique and never changed: its position is kept under it."""
        ...

    @property
    def begin(self) -> Begin: ...

    def handle(self, batch: Sequence[Logged]) -> None:
        """What was committed, in order, at least one event. It may come again, as a whole, in part, or with what
        follows it: after a failure, after kill -9, and once more where a term ended unnoticed.

        Raises:
            Later: nothing is wrong.
            Exception: it was not handled; the same comes again after a while, and nobody else notices.
        """
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """How far a durable subscriber got."""

    name: str
    position: int
    """The last event that it handled."""
    alive: float
    """When it was last heard of; seconds since the epoch."""
    error: str = ""
    """Why it does not get on, if it failed at what follows."""
    since: float = 0.0
    """When that began."""
    missed: int = 0
    """Events that were forgotten before it saw them."""


class Subscriptions(Protocol):
    """The positions of durable subscribers, beside the log."""

    def subscribe(self, name: str, begin: Begin, at: float) -> int:
        """Where it got to; one that is new begins where it says."""
        ...

    def advance(self, name: str, position: int, at: float, missed: int = 0) -> None:
        """It handled all until there, and lives. A position never goes back.

        Raises:
            ValueError: the log ends before; nothing was written.
        """
        ...

    def failed(self, name: str, error: str, at: float) -> None:
        """It did not handle what comes next, and lives."""
        ...
