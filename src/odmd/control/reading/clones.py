"""Clones that were made on demand, as people see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from odmd.control.ports.reads import Reads
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.envers import Enver
from odmd.errors import CloneRefused
from odmd.model import naming
from odmd.plan.clones import meant


@dataclass(frozen=True, slots=True)
class CloneView:
    """One clone of a set."""

    enver: str
    """By its label."""
    origin: str
    branch: str
    commit: str
    """That runs; empty: none does, or nobody knows."""
    left: tuple[str, ...]
    """What is recorded to be there: stacks, images, namespaces, packages."""
    why: str
    """Why it is there still, or does not run."""


@dataclass(frozen=True, slots=True)
class CloneSetView:
    """Clones that were made together."""

    clone: str
    """The first of them, by which people call all."""
    by: str
    at: float
    ttl: float
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    until: float | None
    why: str
    ended: str
    """Why they are being removed; empty while they are to be there."""
    clones: tuple[CloneView, ...]


def clone_views(store: Reads) -> Sequence[CloneSetView]:
    """All sets, as old as they are."""
    kept = store.clones()
    envers = {one.address: one for one in store.envers_of([each for one in kept for each in one.set.addresses])}
    return [_view(one, envers) for one in kept]


def find_clones(store: Reads, typed: str) -> KeptClones:
    """The set that somebody means by one of its clones.

    Raises:
        EnverUnknown, CloneRefused
    """
    known = {address: one for one in store.clones() for address in one.set.addresses}
    found = meant(typed, known)
    if found.ended:
        label = naming.enver_label(naming.enver_address(typed, known))
        raise CloneRefused(f"{label} is being removed: {found.ended}", next_step="make it anew")
    return found


def _view(kept: KeptClones, envers: Mapping[str, Enver]) -> CloneSetView:
    clones = zip(kept.set.clones, kept.set.addresses, strict=True)
    return CloneSetView(
        naming.enver_label(kept.address),
        kept.by.name,
        kept.at,
        kept.ttl,
        kept.until,
        kept.why,
        kept.ended,
        tuple([_clone(one.origin, one.branch, at, envers.get(at)) for one, at in clones]),
    )


def _clone(origin: str, branch: str, address: str, enver: Enver | None) -> CloneView:
    runs = enver.deployed.commit if enver and enver.deployed else ""
    left = tuple(str(one) for one in enver.units.there) if enver else ()
    why = "; ".join(_reasons(enver)) if enver else "not deployed yet"
    return CloneView(naming.enver_label(address), naming.enver_label(origin), branch, runs, left, why)


def _reasons(enver: Enver) -> Iterator[str]:
    if enver.removed:
        yield "gone"
    elif enver.departure is not None:
        yield enver.departure.failure or ("being removed" if enver.departure.under_way else "waits to be removed")
    elif enver.failure:
        yield enver.failure.splitlines()[0]
    elif enver.run is not None:
        yield f"run {enver.run} is under way"
    if enver.left:
        yield f"may have left behind {', '.join(enver.left)}"
