"""The log of what was decided, and the inbox of what it is decided from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.effects import Effect
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.messages import Message
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value


@dataclass(frozen=True, slots=True)
class Received:
    """A message in the inbox."""

    id: str
    message: Message
    at: float


@dataclass(frozen=True, slots=True)
class Logged:
    """An event at its place in the log."""

    position: int
    event: Event
    message: str
    """Id of the message that it answers."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The entities that a batch of events changed, as they are now; what the projections take over."""

    envers: Sequence[Enver] = ()
    runs: Sequence[Run] = ()
    values: Sequence[Value] = ()
    waves: Sequence[Wave] = ()
    standing: Standing | None = None
    clones: Mapping[str, KeptClones | None] = field(default_factory=dict[str, "KeptClones | None"])
    """By the address of the first of a set; None: nothing is left of them."""


class PositionMoved(Exception):
    """Somebody else appended to the log: reload the state and decide again."""


class Inbox(Protocol):
    """Messages on their way in; needs no lock."""

    def receive(self, id: str, message: Message, at: float) -> bool:
        """Stores a message; False if one with this id was received before."""
        ...

    def pending(self, limit: int) -> Sequence[Received]:
        """Messages not handled yet, oldest first."""
        ...

    def forget_messages(self) -> int:
        """Those not handled yet never are; returns how many that were."""
        ...


class EventLog(Protocol):
    """The truth, with its projections."""

    def load(self) -> State:
        """The state at the end of the log, from the projections."""
        ...

    def commit(
        self,
        expected: int,
        handled: Sequence[str],
        events: Sequence[Logged],
        touched: Touched,
        effects: Sequence[Effect],
        epoch: int = 0,
    ) -> None:
        """Appends events, updates projections, marks messages handled and enqueues effects: all or nothing.

        Args:
            epoch: of the term under which this was decided; 0 where nobody is elected.

        Raises:
            PositionMoved: the log does not end at `expected`; nothing was written.
            LeadershipLost: somebody was elected since, wherever the log ends; nothing was written.
        """
        ...

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        """Events with a position greater than `after`, in order; of those that were forgotten, nothing: the first one
        may then stand at any later position."""
        ...

    def prune(self, before: float) -> int:
        """Forgets what happened before a time (seconds since the epoch); returns how many rows that were.

        Those are handled messages (whose ids are then new again), events, steps and lines of ended runs, ended runs but
        the newest of each enver, ended waves except the newest, documents that do not last, rights of jobs to runs that
        expired, and texts of settings that nothing refers to. Values, envers and what has not ended stay, so the state
        is the same. Positions, ids and versions go on from where they were: the last event, run and wave stay.

        What a durable subscriber has not handled stays too, and all that is younger; but not for ever. `Keep.unseen`
        says how long after the others it goes all the same, and with it who was not heard of for so long.
        """
        ...
