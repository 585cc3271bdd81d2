"""Asks whoever leads, from any process that reaches the database: through the inbox, and the log."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from odmd.control.leading.bell import Bell
from odmd.control.ports.log import Logged
from odmd.control.ports.store import Store
from odmd.control.ports.world import Artifacts
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.messages import Message
from odmd.errors import FailedForNow, NotAnswered

T = TypeVar("T")
_LOOK_SECONDS: Final = 1.0
"""How long at most to rely on the bell."""


class Ask(Protocol):
    """Tells the one who decides, and waits for the events that answer it, committed."""

    def __call__(self, message: Message, id: str | None = None, /) -> Sequence[Event]:
        """A message with an id that came before is not handled again: the answer is the one given then."""
        ...


class Patiently(Protocol):
    """Does something with the database."""

    def __call__(self, do: Callable[[], T], /) -> T: ...


def at_once(do: Callable[[], T], /) -> T:
    """Without patience: who cannot reach the database says so."""
    return do()


def _in_vain_never() -> None:
    pass


def answer_to(
    id: str,
    store: Store,
    bell: Bell,
    patience: float | None = None,
    *,
    patiently: Patiently = at_once,
    in_vain: Callable[[], None] = _in_vain_never,
) -> Sequence[Logged]:
    """What came of a message that was told, once it was handled.

    Args:
        bell: rings when somebody commits.
        patience: seconds; None: as long as it takes.
        in_vain: raises, when there is nothing to wait for any more.

    Raises:
        NotAnswered: patience is over; the answer comes nevertheless.
    """
    until = None if patience is None else time.monotonic() + patience
    while True:
        heard = bell.heard()
        told = patiently(lambda: store.told(id))
        if told is not None and told.handled:
            return told.answer
        in_vain()
        if until is not None and time.monotonic() > until:
            raise NotAnswered(
                "the server took it, and has not decided yet",
                next_step="send the same again with the same Idempotency-Key",
            )
        bell.wait(heard, _LOOK_SECONDS if until is None else min(_LOOK_SECONDS, patience or 0.0))


@dataclass(frozen=True, slots=True)
class InboxAsk:
    """Waits as long as it takes: until a leader is elected, or the database is back."""

    store: Store
    bell: Bell
    """Rings when somebody commits."""

    def __call__(self, message: Message, id: str | None = None, /) -> Sequence[Event]:
        wanted = id or uuid.uuid4().hex
        self.patiently(lambda: self.store.receive(wanted, message, time.time()))
        return [entry.event for entry in answer_to(wanted, self.store, self.bell, patiently=self.patiently)]

    def patiently(self, do: Callable[[], T], /) -> T:
        """Does something with the database, as soon as that can be reached."""
        while True:
            heard = self.bell.heard()
            try:
                return do()
            except FailedForNow:
                self.bell.wait(heard, _LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class PatientArtifacts:
    """A run in the middle does not fail because the database is away for a moment."""

    artifacts: Artifacts
    patiently: Patiently

    def put(self, content: bytes) -> str:
        return self.patiently(lambda: self.artifacts.put(content))

    def put_report(self, content: bytes) -> str:
        return self.patiently(lambda: self.artifacts.put_report(content))

    def get(self, digest: str) -> bytes | None:
        return self.patiently(lambda: self.artifacts.get(digest))
