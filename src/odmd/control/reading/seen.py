"""A state as somebody sees it: what is hidden from him is not there, whichever way he asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.ledger import ANY, ChainBeginning, Entry, Marks
from odmd.control.ports.log import Logged
from odmd.control.ports.reads import Reads, Told
from odmd.control.ports.subscribers import Subscription
from odmd.control.reading import troubles, unreadable
from odmd.control.scheduler.about import envers_of, run_of
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.codec import EVENTS
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import AccessChanged, Event
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value, ValueRef

T = TypeVar("T")
A = TypeVar("A")

Sees = Callable[[str], bool]
"""Whether somebody sees an enver, by its address."""
_PAGE = 500


def owner(product: str) -> str:
    """The address of the enver that makes a product."""
    return "/".join(product.split("/")[:2])


@dataclass(frozen=True, slots=True)
class SeenReads:
    """`Reads` without what is hidden. A page is filled with what is seen, so that its length tells nothing."""

    whole: Reads
    sees: Sees
    sees_scope: Sees
    """The same for the scope of a pause."""

    def run(self, id: int) -> Run | None:
        found = self.whole.run(id)
        return found if found and self.sees(found.enver) else None

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        if enver is not None and not self.sees(enver):
            return ()
        return self._filled(
            lambda after: self.whole.runs(enver, _PAGE, after), lambda one: self.sees(one.enver), limit, before, _id
        )

    def runs_of(self, ids: Sequence[int]) -> Sequence[Run]:
        return [one for one in self.whole.runs_of(ids) if self.sees(one.enver)]

    def ended_at(self, ids: Sequence[int]) -> Mapping[int, float]:
        return self.whole.ended_at([one.id for one in self.runs_of(ids)])

    def values_of(self, refs: Sequence[ValueRef]) -> Sequence[Value]:
        return self.whole.values_of([one for one in refs if self.sees(owner(one.product))])

    def waves_of(self, ids: Sequence[int]) -> Sequence[Wave]:
        return [self._as_seen(one) for one in self.whole.waves_of(ids) if self._sees_wave(one)]

    def values(self, product: str | None = None) -> Sequence[Value]:
        return [one for one in self.whole.values(product) if self.sees(owner(one.product))]

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        return self._filled(
            lambda last: self.whole.values_below(address, last, _PAGE),
            lambda one: self.sees(owner(one.product)),
            limit,
            after,
            lambda one: one.ref,
        )

    def wave(self, id: int) -> Wave | None:
        found = self.whole.wave(id)
        return self._as_seen(found) if found and self._sees_wave(found) else None

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        found = self._filled(lambda after: self.whole.waves(_PAGE, after), self._sees_wave, limit, before, _id)
        return [self._as_seen(one) for one in found]

    def ended_waves(self, after: int, until: int) -> Sequence[tuple[Wave, int]]:
        return [one for one in self.whole.ended_waves(after, until) if self._sees_wave(one[0])]

    def _sees_wave(self, wave: Wave) -> bool:
        return all(map(self.sees, wave.roots))

    def _as_seen(self, wave: Wave) -> Wave:
        """How many owe it counts those that are hidden, so it says only whether anybody does."""
        return replace(wave, open=min(wave.open, 1))

    def steps(self, run: int) -> Sequence[DoneStep]:
        return self.whole.steps(run) if self.run(run) else ()

    def enver(self, address: str) -> Enver | None:
        return self.whole.enver(address) if self.sees(address) else None

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        return self._filled(
            lambda last: self.whole.envers(last, _PAGE), lambda one: self.sees(one.address), limit, after, _address
        )

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        return self.whole.envers_of([one for one in addresses if self.sees(one)])

    def addresses(self, limit: int) -> Sequence[str]:
        return [one.address for one in self.envers(limit=limit)]

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        return self.whole.versions([one for one in products if self.sees(owner(one))])

    def clones(self) -> Sequence[KeptClones]:
        return [one for one in self.whole.clones() if all(self.sees(clone.origin) for clone in one.set.clones)]

    def standing(self) -> Standing:
        found = self.whole.standing()
        pauses = {scope: one for scope, one in found.pauses.items() if self.sees_scope(scope)}
        holds = {enver: one for enver, one in found.holds.items() if self.sees(enver)}
        return replace(found, pauses=pauses, holds=holds, settling={})

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        return self._filled(
            lambda last: self.whole.read(last, _PAGE),
            lambda one: self.sees_event(one.event),
            limit,
            after,
            lambda one: one.position,
        )

    def sees_event(self, event: Event) -> bool:
        """Whether all that an event names is seen: one that names something else beside it would tell of that."""
        run, wave, scope = run_of(event), getattr(event, "wave", None), getattr(event, "scope", None)
        if not all(map(self.sees, envers_of(event))) or (run is not None and self.run(run) is None):
            return False
        if isinstance(event, AccessChanged) or (scope is not None and not self.sees_scope(scope)):
            return False
        return wave is None or bool(envers_of(event)) or self.wave(wave) is not None

    def beginning(self) -> ChainBeginning:
        return self.whole.beginning()

    def entries(
        self, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
    ) -> Sequence[Entry]:
        if before is None:
            return self._filled(
                lambda last: self.whole.entries(last, _PAGE, marks), self._sees_entry, limit, after, _place
            )
        return self._filled(
            lambda last: self.whole.entries(after, _PAGE, marks, last), self._sees_entry, limit, before, _place
        )

    def _sees_entry(self, entry: Entry) -> bool:
        return self.sees_event(EVENTS.decode(entry.type, entry.body))

    def get(self, name: str) -> str | None:
        found = self.whole.get(name)
        if name not in (unreadable.NAME, troubles.NAME) or found is None:
            return found
        return json.dumps([one for one in json.loads(found) if one["enver"] and self.sees(one["enver"])])

    def load(self) -> State:
        """Of what ran and moves, only what is seen."""
        state = self.whole.load()
        return State.restore(
            state.position,
            next_run=state.next_run,
            next_wave=state.next_wave,
            versions=dict(state.versions),
            envers=[one for one in state.envers.values() if self.sees(one.address)],
            runs=[one for one in state.runs.values() if self.sees(one.enver)],
            values=[one for of_it in state.values.values() for one in of_it if self.sees(owner(one.product))],
            waves=[one for one in state.waves.values() if self._sees_wave(one)],
            standing=self.standing(),
        )

    def position(self) -> int:
        return self.whole.position()

    def waiting(self) -> bool:
        return self.whole.waiting()

    def told(self, prefix: str) -> Told | None:
        return self.whole.told(prefix)

    def looks_of(self, addresses: Sequence[str]) -> Mapping[str, LastLook]:
        return self.whole.looks_of([one for one in addresses if self.sees(one)])

    def subscriptions(self) -> Sequence[Subscription]:
        return self.whole.subscriptions()

    def close(self) -> None:
        self.whole.close()

    def _filled(
        self,
        page_after: Callable[[A], Sequence[T]],
        is_seen: Callable[[T], bool],
        limit: int,
        after: A,
        at: Callable[[T], A],
    ) -> Sequence[T]:
        found = list[T]()
        while len(found) < limit and (page := page_after(after)):
            found += [one for one in page if is_seen(one)]
            after = at(page[-1])
            if len(page) < _PAGE:
                break
        return found[:limit]


def _place(one: Entry) -> int:
    return one.position


def _id(one: Run | Wave) -> int:
    return one.id


def _address(one: Enver) -> str:
    return one.address
