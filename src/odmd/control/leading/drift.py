"""Looks whether what runs is still what was deployed; changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.slices import find_slice
from odmd.control.ports.world import Artifacts
from odmd.control.reading.drift import DriftView, EnverDrift
from odmd.control.reading.records import Records
from odmd.control.running.observing import Deployed, Observer
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus
from odmd.errors import OdmdError
from odmd.graph import Graph

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


@dataclass(frozen=True, slots=True)
class DriftLook:
    """Compares what is recorded with the world. `records` is what whoever asks may see."""

    records: Records
    graph: Graph
    artifacts: Artifacts
    observers: Mapping[str, Observer]
    """By build type."""

    def look(self, asked: DriftAsked) -> DriftView:
        """Side by side; by address, or as asked for.

        Raises:
            EnverUnknown
        """
        at = time.time()
        envers = [self.records.find(one) for one in dict.fromkeys(asked.envers)] or list(self._running())
        with ThreadPoolExecutor(_AT_ONCE, "drift") as pool:
            looks = [self._begun(pool, enver, resources=asked.resources) for enver in envers]
            return DriftView(tuple(one if isinstance(one, EnverDrift) else one.result() for one in looks), at)

    def _running(self) -> Iterator[Enver]:
        """All that was ever deployed and was not removed."""
        after = ""
        while page := self.records.store.envers(after, _PAGE):
            yield from (one for one in page if one.last_run is not None and not one.removed)
            after = page[-1].address

    def _begun(self, pool: Executor, enver: Enver, *, resources: bool) -> EnverDrift | Future[EnverDrift]:
        """What is recorded is read here, as a store's reads are of one thread; the world is asked in others."""
        if why := _why_not(enver):
            return EnverDrift(enver.address, unknown=why)
        found = self._deployed(enver)
        if found is None:
            return EnverDrift(enver.address, unknown="what was deployed is not kept any more")
        observer = self.observers.get(found.node.build_type)
        if observer is None:
            return EnverDrift(enver.address, unknown=f"nobody looks at what runs of type {found.node.build_type}")
        return pool.submit(_observed, observer, found, resources=resources)

    def _deployed(self, enver: Enver) -> Deployed | None:
        runs, target = enver.deployed, enver.target
        recipe = self.artifacts.get(enver.recipe) if enver.recipe else None
        said = find_slice(self.records.whole, self.graph, enver.address, runs.slice) if runs else None
        if said is None or target is None or recipe is None:
            return None
        consumed = {one.name: one.text for one in enver.consumed}
        return Deployed(said.enver, target, recipe, consumed, self._published(enver.address))

    def _published(self, address: str) -> Mapping[str, str]:
        found, after = dict[str, str](), _BEFORE_ALL
        while page := self._values(address, after):
            current = (one for one in page if one.status is ValueStatus.CURRENT)
            found |= {one.product.removeprefix(f"{address}/"): one.text for one in current}
            after = page[-1].ref
        return found

    def _values(self, address: str, after: ValueRef) -> Sequence[Value]:
        return self.records.whole.values_below(address, after, _PAGE)


def _observed(observer: Observer, deployed: Deployed, *, resources: bool) -> EnverDrift:
    """What one look found; that one cannot be looked at leaves the others alone."""
    try:
        seen = observer.observe(deployed, resources=resources)
    except OdmdError as wrong:
        return EnverDrift(deployed.node.address, unknown=wrong.fact)
    return EnverDrift(deployed.node.address, seen.findings, unchecked=seen.unchecked)


def _why_not(enver: Enver) -> str:
    """Why it cannot be told what should run."""
    if enver.run is not None:
        return f"run {enver.run} is under way"
    if enver.deployed is None:
        return "nobody knows what runs: its last run did not end well" if enver.unknown else "it was never deployed"
    return ""
