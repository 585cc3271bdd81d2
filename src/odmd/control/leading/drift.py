"""Looks whether what runs is still what was deployed, and keeps what was seen; nothing of what runs is changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from odmd.control.leading.mirrored import MirrorLook
from odmd.control.leading.slices import find_slice
from odmd.control.ports.world import Artifacts
from odmd.control.reading.drift import DriftView, EnverDrift, enver_drift
from odmd.control.reading.records import Records
from odmd.control.running.observing import ChangeTeller, LastDeployed, Observation, Observer
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.drift import ALL_SORTS, AT_A_GLANCE, Deviation, DeviationSort, LastLook, looked, news, over
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import NoteDrift
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus
from odmd.errors import OdmdError
from odmd.graph import Graph, WireEdge

_AT_ONCE: Final = 8
"""Few enough for the limits of an account's API."""
_PAGE: Final = 500
_BEFORE_ALL: Final = ValueRef("", 0)


@dataclass(frozen=True, slots=True)
class DriftAsked:
    """Which envers to look at; without any, all that run."""

    envers: tuple[str, ...] = ()
    """As people type them."""
    resources: bool = False
    """Also at every resource of its own."""
    now: bool = False
    """Whatever is known of earlier looks."""


@dataclass(frozen=True, slots=True)
class LookKeeping:
    """Where what was seen goes."""

    keep: Callable[[Sequence[LastLook]], object]
    tell: Callable[[Sequence[NoteDrift]], object]
    """Told only of what is otherwise than was known."""
    by: Actor
    """Who looks."""
    salt: bytes = b""
    """Of this state; nobody is told of it."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of a look."""

    look: LastLook
    observed: Observation | None = None
    """None: nobody could tell."""


@dataclass(frozen=True, slots=True)
class DriftLook:
    """Compares what is recorded with the world. `records` is what whoever asks may see; what is found of that is the
    same for everybody."""

    records: Records
    graph: Graph
    """All of it."""
    artifacts: Artifacts
    observers: Mapping[str, Observer]
    """By build type."""
    tellers: Mapping[str, ChangeTeller]
    """By build type: who is asked of what is new."""
    mirror: MirrorLook
    kept: LookKeeping
    stands: float = 0.0
    """Seconds for which a look stands, so that it is not made again; 0: each is made anew."""

    def look(self, asked: DriftAsked) -> DriftView:
        """Side by side; by address, or as asked for.

        Raises:
            EnverUnknown
        """
        found = list[EnverDrift]()
        with ThreadPoolExecutor(_AT_ONCE, "drift") as pool:
            for page in self._pages(asked.envers):
                found += self._looked_at(pool, page, asked)
        return DriftView(tuple(found), time.time())

    def round(self, asked: DriftAsked) -> Iterator[Sequence[EnverDrift]]:
        """Looks at those whose last look does not stand, a few at a time: who iterates says when to go on."""
        with ThreadPoolExecutor(_AT_ONCE, "drift") as pool:
            for page in self._pages(asked.envers):
                due = self._due(page, asked)
                for at in range(0, len(due), _AT_ONCE):
                    yield tuple(self._looked_at(pool, due[at : at + _AT_ONCE], asked))

    def _due(self, envers: Sequence[Enver], asked: DriftAsked) -> Sequence[Enver]:
        """Those of these whose last look does not stand."""
        looks, now = self.records.store.looks_of([one.address for one in envers]), time.time()
        return [one for one in envers if self._is_due(one, looks.get(one.address), asked, now)]

    def _is_due(self, enver: Enver, look: LastLook | None, asked: DriftAsked, now: float) -> bool:
        if asked.now or look is None or look.run != enver.deployed_by or (look.unknown and not _why_not(enver)):
            return True
        return now - look.at >= self.stands or (asked.resources and not look.resources)

    def _pages(self, typed: Sequence[str]) -> Iterator[Sequence[Enver]]:
        """Those that somebody typed, or all that were ever deployed and were not removed."""
        if typed:
            yield [self.records.find(one) for one in dict.fromkeys(typed)]
            return
        after = ""
        while page := self.records.store.envers(after, _PAGE):
            yield [one for one in page if one.last_run is not None and not one.removed]
            after = page[-1].address

    def _looked_at(self, pool: Executor, envers: Sequence[Enver], asked: DriftAsked) -> Iterator[EnverDrift]:
        due = {one.address for one in self._due(envers, asked)}
        begun = {one.address: self._begun(pool, one, resources=asked.resources) for one in envers if one.address in due}
        seen = {address: one if isinstance(one, _Looked) else one.result() for address, one in begun.items()}
        addresses = [one.address for one in envers]  # others may have looked meanwhile
        looks, known = dict(self.records.store.looks_of(addresses)), self.records.store.envers_of(addresses)
        envers = [{one.address: one for one in known}.get(one.address, one) for one in envers]
        new = {address: _not_seen_since(one.look, looks.get(address)) for address, one in seen.items()}
        notes = [
            note
            for one in envers
            if one.address in seen
            for note in self._compared(one, seen[one.address], new[one.address])
        ]
        last = [one.look for address, one in seen.items() if new[address] == _sorts(one.look)]
        looks |= {one.enver: one for one in last}
        self.kept.keep(last)
        if notes:
            self.kept.tell(notes)
        now = time.time()
        yield from (enver_drift(one, looks.get(one.address), now) for one in envers)

    def _compared(self, enver: Enver, seen: _Looked, sorts: tuple[DeviationSort, ...]) -> Iterator[NoteDrift]:
        """Brings what is known of an enver up to date; what is otherwise than it was known is to be noted."""
        if seen.observed is None or not sorts:
            return
        look, there = seen.look, tuple(one for one in seen.observed.deviations if one.sort in sorts)
        found, ended = news(enver.drift, there, sorts, look.at), over(enver.drift, there, sorts)
        if found or ended:
            enver.drift = looked(enver.drift, found, ended, look.at)
            yield NoteDrift(enver.address, look.run, there, sorts, self.kept.by, look.at)

    def _begun(self, pool: Executor, enver: Enver, *, resources: bool) -> _Looked | Future[_Looked]:
        """What is recorded is read here, as a store's reads are of one thread; the world is asked in others."""
        look = LastLook(enver.address, time.time(), self.kept.by.name, enver.deployed_by, resources)
        if why := _why_not(enver):
            return _Looked(replace(look, unknown=why))
        found = self._deployed(enver)
        if found is None:
            return _Looked(replace(look, unknown="what was deployed is not kept any more"))
        observer = self.observers.get(found.node.build_type)
        if observer is None:
            return _Looked(replace(look, unknown=f"nobody looks at what runs of type {found.node.build_type}"))
        told = self.tellers.get(found.node.build_type)
        known = frozenset(one.deviation for one in enver.drift)
        return pool.submit(_observed, observer, told, known, self.mirror, found, look)

    def _deployed(self, enver: Enver) -> LastDeployed | None:
        runs, target = enver.deployed, enver.target
        recipe = self.artifacts.get(enver.recipe) if enver.recipe else None
        said = find_slice(self.records.whole, self.graph, enver.address, runs.slice) if runs else None
        if runs is None or said is None or target is None or recipe is None:
            return None
        plain = {wire.name for wire in said.enver.wires if self._is_plain(wire)}
        consumed = {one.name: one.text for one in enver.consumed if one.name in plain}
        return LastDeployed(
            said.enver,
            target,
            recipe,
            consumed,
            self._published(enver.address),
            runs.commit,
            enver.units.current(),
            self.kept.salt,
            self._ended_at(enver),
            tells=not self.graph.governed.policies,
        )

    def _ended_at(self, enver: Enver) -> float:
        run = self.records.whole.run(enver.deployed_by)
        return run.finished_at or 0.0 if run else 0.0

    def _is_plain(self, wire: WireEdge) -> bool:
        """Whether people may see its value; not, where the contracts do not know its product any more."""
        producer = self.graph.envers.get(wire.producer)
        products = producer.products if producer else ()
        return any(one.address == wire.product and not one.sensitive for one in products)

    def _published(self, address: str) -> Mapping[str, str]:
        found, after = dict[str, str](), _BEFORE_ALL
        while page := self._values(address, after):
            current = (one for one in page if one.status is ValueStatus.CURRENT)
            found |= {one.product.removeprefix(f"{address}/"): one.text for one in current}
            after = page[-1].ref
        return found

    def _values(self, address: str, after: ValueRef) -> Sequence[Value]:
        return self.records.whole.values_below(address, after, _PAGE)


def _sorts(look: LastLook) -> tuple[DeviationSort, ...]:
    return ALL_SORTS if look.resources else AT_A_GLANCE


def _not_seen_since(look: LastLook, last: LastLook | None) -> tuple[DeviationSort, ...]:
    """What a look tells of: all that it looked at, unless one that began later has told of it meanwhile."""
    if last is None or last.unknown or last.run != look.run or not look.at < last.at <= time.time():
        return _sorts(look)
    return tuple(one for one in _sorts(look) if one not in _sorts(last))


def _observed(
    observer: Observer,
    teller: ChangeTeller | None,
    known: Collection[Deviation],
    mirror: MirrorLook,
    deployed: LastDeployed,
    look: LastLook,
) -> _Looked:
    """What one look found, and who made new of it so; that one cannot be looked at leaves the others alone."""
    try:
        seen = observer.observe(deployed, resources=look.resources)
        values = tuple(mirror.deviations(deployed))
    except OdmdError as wrong:
        return _Looked(replace(look, unknown=wrong.fact))
    new = tuple(one for one in seen.deviations if one not in known)
    told = teller.tell(deployed, new) if teller and new else new
    rest = (one for one in seen.deviations if one in known)
    return _Looked(replace(look, unchecked=seen.unchecked), replace(seen, deviations=(*told, *rest, *values)))


def _why_not(enver: Enver) -> str:
    """Why it cannot be told what should run."""
    if enver.run is not None:
        return f"run {enver.run} is under way"
    if enver.departure is not None and enver.departure.under_way:
        return "its removal is under way"
    if enver.deployed is None:
        return "nobody knows what runs: its last run did not end well" if enver.unknown else "it was never deployed"
    return ""
