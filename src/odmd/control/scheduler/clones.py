"""Clones that people made on demand: how long they stay, and why one cannot be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.envers import Enver
from odmd.graph import Compiled, Graph
from odmd.graph.clone_limits import Counted, counted, too_many
from odmd.graph.clones import with_clones
from odmd.graph.nodes import CloneSetNode
from odmd.model import naming

_WARNED: Final = 0.25
"""Of the time that they stay, before whose end people are warned; a day at most."""
_DAY_SECONDS: Final = 86_400.0
UNUSED: Final = "nobody used them for as long as they were to stay"


@dataclass(frozen=True, slots=True)
class KeptClones:
    """A set of clones, from when somebody asked for it until nothing is left of it."""

    set: CloneSetNode
    by: Actor
    at: float
    ttl: float
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    until: float | None
    """When they end, if nobody uses them meanwhile."""
    why: str = ""
    warned: bool = False
    """Somebody was told that they end soon."""
    ended: str = ""
    """Why they are being removed; empty while they are to be there."""

    @property
    def address(self) -> str:
        """Of the first."""
        return self.set.address

    @property
    def others(self) -> tuple[str, ...]:
        """Those that were made with the first."""
        return tuple([one for one in self.set.addresses if one != self.address])

    def used(self, at: float) -> KeptClones:
        """The same, once somebody used one of them."""
        return replace(self, until=at + self.ttl if self.ttl else None, warned=False)

    def due(self) -> float | None:
        """When something happens to them by itself next."""
        if self.ended or self.until is None:
            return None
        return self.until if self.warned else self.until - min(self.ttl * _WARNED, _DAY_SECONDS)

    def gone(self, envers: Mapping[str, Enver]) -> bool:
        """Whether nothing is left of them: none was ever deployed, or all of it was counted away."""
        return bool(self.ended) and all(_is_gone(envers.get(one)) for one in self.set.addresses)


def _is_gone(enver: Enver | None) -> bool:
    return enver is None or enver.removed or not (enver.units.there or enver.run or enver.deployed or enver.unknown)


def in_force(kept: Iterable[KeptClones], at: float | None = None) -> list[CloneSetNode]:
    """Those that are to be there, in the order in which they were made, by which others' slices are the same again.

    Args:
        at: a time at which some may be over of which nobody said so yet; None: nobody looks.
    """
    alive = [one for one in kept if not (one.ended or (at is not None and one.until is not None and one.until <= at))]
    return [one.set for one in sorted(alive, key=lambda one: (one.at, one.address))]


def with_kept(compiled: Compiled, kept: Iterable[KeptClones], at: float | None = None) -> Compiled:
    """The contracts with the clones that are to be there, as `in_force` says."""
    return with_clones(compiled, in_force(kept, at))


def why_not(graph: Graph, kept: Mapping[str, KeptClones], wanted: CloneSetNode) -> str:
    """Why clones cannot be made now; empty where they can."""
    return next(_in_the_way(graph.text, kept, wanted), "")


def _in_the_way(declared: Graph, kept: Mapping[str, KeptClones], wanted: CloneSetNode) -> Iterator[str]:
    if (same := kept.get(wanted.address)) is not None and same.set == wanted and not same.ended:
        return
    taken = {address: one for one in kept.values() for address in one.set.addresses}
    for clone, address in zip(wanted.clones, wanted.addresses, strict=True):
        origin, label = declared.envers.get(clone.origin), naming.enver_label(address)
        if origin is None:
            yield f"{naming.enver_label(clone.origin)} is not in the contracts"
        elif origin.origin is not None:
            yield f"{origin.label} is a clone itself"
        elif (before := taken.get(address)) is not None:
            yield f"{label} is being removed still" if before.ended else f"{label} is there: {before.by} made it"
        elif address in declared.envers:
            yield f"{label} stands in the contracts' text"
    sets = [*(one.set for one in kept.values()), wanted]  # what is being removed counts until it is gone
    clones = {one.address: one for one in counted(declared)}
    clones |= {one.address: one for each in sets for one in _counted(declared, each)}
    mine = set(wanted.addresses)
    yield from (why for one, why in too_many(declared.governed.clones, clones.values()) if one in mine)


def _counted(declared: Graph, wanted: CloneSetNode) -> Iterator[Counted]:
    for clone, address in zip(wanted.clones, wanted.addresses, strict=True):
        if (origin := declared.envers.get(clone.origin)) is not None:
            yield Counted(address, clone.origin, origin.team, origin.account)
