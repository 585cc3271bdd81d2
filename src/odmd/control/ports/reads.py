"""What is read of a state; any number of readers beside the writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.ledger import Ledger
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Subscription
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value, ValueRef


class History(Protocol):
    """What people ask about; reads only, any number of readers beside the writer."""

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        """Newest first; only those with a number below `before`."""
        ...

    def run(self, id: int) -> Run | None: ...

    def runs_of(self, ids: Sequence[int]) -> Sequence[Run]:
        """Those of these runs that are kept, in any order."""
        ...

    def ended_at(self, ids: Sequence[int]) -> Mapping[int, float]:
        """When those of these runs ended that are kept, and ended."""
        ...

    def values_of(self, refs: Sequence[ValueRef]) -> Sequence[Value]:
        """Those of these values that are known, in any order."""
        ...

    def waves_of(self, ids: Sequence[int]) -> Sequence[Wave]:
        """Those of these waves that are kept, in any order."""
        ...

    def values(self, product: str | None = None) -> Sequence[Value]:
        """By product, then version; retired ones included."""
        ...

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        """Newest first; only those with a number below `before`."""
        ...

    def wave(self, id: int) -> Wave | None: ...

    def steps(self, run: int) -> Sequence[DoneStep]:
        """In the order of their recording, over all attempts."""
        ...

    def ended_waves(self, after: int, until: int) -> Sequence[tuple[Wave, int]]:
        """Those that ended with an event after one position and not after another, with the position of the last event
        that was committed with it; in that order."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was received, and what came of it."""

    id: str
    handled: bool
    answer: Sequence[Logged]
    """In order; empty while it is not handled, and where nothing followed from it."""


class Lookups(Protocol):
    """Small reads, each of which costs what it returns and not the size of the organisation."""

    def position(self) -> int:
        """The end of the log."""
        ...

    def enver(self, address: str) -> Enver | None: ...

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        """By address; only those after an address."""
        ...

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        """Those of these envers that are recorded, in any order."""
        ...

    def addresses(self, limit: int) -> Sequence[str]:
        """Of envers, in order."""
        ...

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        """The highest version ever given, of those products that were published."""
        ...

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        """By product, then version: those of a product, or of everything below an address; of everything for ''."""
        ...

    def standing(self) -> Standing:
        """What is in force now."""
        ...

    def clones(self) -> Sequence[KeptClones]:
        """Sets that were made on demand, and of which something is there or to be there, as old as they are."""
        ...

    def waiting(self) -> bool:
        """Whether a run waits for a worker."""
        ...

    def told(self, prefix: str) -> Told | None:
        """The first message received whose id begins so."""
        ...

    def subscriptions(self) -> Sequence[Subscription]:
        """By name."""
        ...

    def looks_of(self, addresses: Sequence[str]) -> Mapping[str, LastLook]:
        """The last look at each of these envers whose last look is kept."""
        ...


class Texts(Protocol):
    """Small texts by name, to be read."""

    def get(self, name: str) -> str | None: ...


class Documents(Texts, Protocol):
    """Small texts by name: plans by digest, the contracts' graph, what the next command needs."""

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        """Stores or replaces. What does not last is forgotten with what happened at the same time."""
        ...

    def put_first(self, name: str, text: str) -> str:
        """Stores it where nothing is; returns what is there, whoever was first."""
        ...


class Reads(History, Lookups, Texts, Ledger, Protocol):
    """What is told of a state, for who changes nothing."""

    def load(self) -> State:
        """The state at the end of the log, from the projections."""
        ...

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        """Events with a position greater than `after`, in order, as far as they were not forgotten."""
        ...

    def close(self) -> None: ...
