"""Whether the log is what it was when it was written: each entry against the one before, and against the anchors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.anchors import Anchor, KeptAnchor
from odmd.control.ports.ledger import ChainBeginning, Entry, Ledger, link_of

_AT_ONCE: Final = 5000
_RECOVERED: Final = "Recovered"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which the log is not what it was."""

    position: int
    why: str


@dataclass(frozen=True, slots=True)
class LogProof:
    """What was found."""

    begins: int
    """The chain begins after this position."""
    ends: int
    head: str
    """The link of the last entry."""
    entries: int
    """How many were proven."""
    unchained: int
    """How many stand before the chain begins, and prove nothing."""
    anchored: int
    """How many anchors say the same as the log."""
    older: int
    """How many are of entries that are forgotten, or stand before the chain."""
    lost: int
    """How many are of entries that were lost when the state was recovered from a backup."""
    broken: Broken | None


def all_entries(ledger: Ledger, after: int = 0) -> Iterator[Entry]:
    """The whole log, a piece at a time."""
    while page := ledger.entries(after, _AT_ONCE):
        yield from page
        after = page[-1].position


def prove(begins: ChainBeginning, entries: Iterable[Entry], state: str, anchors: Sequence[KeptAnchor] = ()) -> LogProof:
    """Follows the chain to its end, or to where it breaks.

    Args:
        entries: all of the log, in order.
        state: which one it is: an anchor of another one proves nothing of it.
    """
    watched = {kept.anchor.position for kept in anchors if kept.anchor is not None}
    links, recovered = dict[int, str](), list[tuple[int, float]]()
    proven, unchained, last, head, broken = 0, 0, begins.position, begins.link, None
    for entry in entries:
        if entry.position <= begins.position:
            unchained += 1
            continue
        if (broken := _broken(entry, last, head)) is not None:
            break
        last, head, proven = entry.position, entry.link or "", proven + 1
        if entry.position in watched:
            links[entry.position] = head
        if entry.type == _RECOVERED or entry.type.startswith(f"{_RECOVERED}@"):
            recovered.append((entry.position, entry.at))
    if begins.position in watched:
        links[begins.position] = begins.link
    said = _Anchored(state, begins.position, last, links, recovered, cut_short=broken is not None)
    faults = [found for kept in anchors if (found := said.judge(kept)) is not None]
    first = min((one for one in (broken, *faults) if one is not None), key=lambda one: one.position, default=None)
    return LogProof(begins.position, last, head, proven, unchained, said.same, said.older, said.lost, first)


def _broken(entry: Entry, last: int, head: str) -> Broken | None:
    if entry.position != last + 1:
        return Broken(last + 1, f"it is missing: the next one there is {entry.position}")
    if entry.link is None:
        return Broken(entry.position, "it has no link")
    if entry.link != link_of(head, entry):
        return Broken(entry.position, "it, or its link, was changed after it was written")
    return None


class _Anchored:
    """Judges anchors by what the log says where they stand."""

    def __init__(
        self,
        state: str,
        begins: int,
        ends: int,
        links: dict[int, str],
        recovered: Sequence[tuple[int, float]],
        *,
        cut_short: bool,
    ) -> None:
        self._state, self._begins, self._ends, self._links = state, begins, ends, links
        self._recovered, self._cut_short = recovered, cut_short
        self.same = self.older = self.lost = 0

    def judge(self, kept: KeptAnchor) -> Broken | None:
        """What is wrong with it, or with the log."""
        anchor = kept.anchor
        if kept.fault or anchor is None:
            return Broken(anchor.position if anchor else 0, f"the anchor {kept.name} proves nothing: {kept.fault}")
        if anchor.state != self._state:
            return Broken(anchor.position, f"the anchor {kept.name} is of another state, {anchor.state}")
        if anchor.position > self._ends and self._cut_short:
            return None  # nobody knows what the log would say there
        if self._links.get(anchor.position) == anchor.link:
            self.same += 1
        elif anchor.position <= self._begins and anchor.position not in self._links:
            self.older += 1
        elif self._is_lost(anchor):
            self.lost += 1
        elif anchor.position > self._ends:
            return Broken(self._ends + 1, f"the log ends before, and {kept.name} has seen position {anchor.position}")
        else:
            return Broken(anchor.position, f"{kept.name} has seen another one there")
        return None

    def _is_lost(self, anchor: Anchor) -> bool:
        """Whether the state was brought back, later, to what it was before this entry."""
        return any(position <= anchor.position and at > anchor.at for position, at in self._recovered)
