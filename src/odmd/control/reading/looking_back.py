"""What is asked of what was done: the log and what proves it, the history of an enver, where a value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from odmd.control.ports.anchors import KeptAnchor
from odmd.control.ports.ledger import ChainBeginning, Entry
from odmd.control.reading.history import HistoryView, history
from odmd.control.reading.proven import LogProof, all_entries, prove
from odmd.control.reading.provenance import Provenance, ancestors, descendants, value_of
from odmd.control.reading.records import Records
from odmd.control.reading.trail import Sought, TrailEntry, found_entries

STATE_NAME: Final = "state"
"""The document that says which state it is."""


@dataclass(frozen=True, slots=True)
class ChainView:
    """Which log it is, and where its chain begins."""

    state: str
    begins: ChainBeginning


class Trail(Protocol):
    """What was done, for who looks back."""

    def chain(self) -> ChainView: ...

    def log(self, after: int = 0) -> Iterable[Entry]:
        """All of it after a position, in order, as it stands there."""
        ...

    def entries(
        self, sought: Sought, after: int = 0, limit: int = 500, before: int | None = None
    ) -> Iterable[TrailEntry]:
        """A page of them after a position, in order; with `before`, those below it, newest first.

        Raises:
            EnverUnknown
            TrailRefused: no event is called so.
        """
        ...

    def history(self, typed: str, limit: int = 50, before: float | None = None) -> HistoryView:
        """The newest of what became of an enver, or what was before a time.

        Raises:
            EnverUnknown
        """
        ...

    def ancestors(self, typed: str, version: int | None = None) -> Provenance:
        """All that a value of a product comes from; the newest, where no version is given.

        Raises:
            EnverUnknown, TrailRefused
        """
        ...

    def reached(self, commit: str) -> Provenance:
        """All that a commit has touched.

        Raises:
            TrailRefused: nothing was made from it.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptTrail:
    """The `Trail` of who reaches the state."""

    records: Records

    def chain(self) -> ChainView:
        return ChainView(self.records.store.get(STATE_NAME) or "", self.records.store.beginning())

    def log(self, after: int = 0) -> Iterator[Entry]:
        return all_entries(self.records.store, after)

    def entries(
        self, sought: Sought, after: int = 0, limit: int = 500, before: int | None = None
    ) -> Sequence[TrailEntry]:
        if sought.enver:
            sought = replace(sought, enver=self.records.find(sought.enver).address)
        return found_entries(self.records.store, sought, after, limit, before)

    def history(self, typed: str, limit: int = 50, before: float | None = None) -> HistoryView:
        return history(self.records.store, self.records.find(typed).address, limit, before)

    def ancestors(self, typed: str, version: int | None = None) -> Provenance:
        store = self.records.store
        return ancestors(store, value_of(store, self.records.find_product(typed), version))

    def reached(self, commit: str) -> Provenance:
        return descendants(self.records.store, commit)


def proof_of(trail: Trail, anchors: Sequence[KeptAnchor]) -> LogProof:
    """Follows the whole chain; once more, where the log was pruned meanwhile."""
    while True:
        chain = trail.chain()
        found = prove(chain.begins, trail.log(), chain.state, anchors)
        if found.broken is None or trail.chain() == chain:
            return found


def everything(trail: Trail, sought: Sought, after: int = 0) -> Iterator[TrailEntry]:
    """All of them after a position, a page at a time."""
    while page := list(trail.entries(sought, after)):
        yield from page
        after = page[-1].position
