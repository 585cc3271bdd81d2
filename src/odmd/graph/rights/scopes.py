"""Whose names are whose: what IAM matches the stacks and resources of an enver, or of those of one class, with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph.built import CdkNode
from odmd.graph.nodes import EnverNode, Graph
from odmd.model import naming

CLASSES: Final = ("clone", "branch", "tag", "promoted")
"""From those that may do the least."""
_CLASS_OF: Final = {"b..": "branch", "t..": "tag", "s..": "promoted"}


def class_of_slot(slot: str) -> str:
    """What runs there decides what its role may do: a clone's less than production's. The slot tells it, also of what
    left the contracts; nothing of what is no slot."""
    return "clone" if "-_" in slot else _CLASS_OF.get(slot[:3], "")


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """Patterns of names."""

    stacks: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """As the stacks' own begin, or as `enver.name(…)` makes them."""
    addresses: tuple[str, ...] = ()
    """Of the envers, as their tags say them."""
    others: tuple[str, ...] = ()
    """Stacks that the first of these match, and that are another build's."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of a class: an enver, or in the place of the clones that it may get, the one that they would be of."""

    enver: EnverNode
    names: NamePatterns


class Namer:
    """Knows all builds, so that no pattern is read as another's."""

    def __init__(self, graph: Graph) -> None:
        self._heads: dict[str, set[str]] = {}
        for build in graph.builds:
            self._heads.setdefault(naming.stack_head(build), set()).add(build)
        self._whose: dict[str, set[str]] = {}
        for enver in graph.envers.values():
            self._heads.setdefault(naming.stack_head(enver.build, enver.stack), set()).add(enver.build)
            self._whose.setdefault(_physical(enver), set()).add(enver.build)
        self._sorted = sorted(self._heads)

    def of(self, enver: EnverNode) -> NamePatterns:
        """Those of one enver."""
        alone, parts = naming.stack_patterns(enver.build, enver.slot, enver.stack)
        said = enver.built.stacks if isinstance(enver.built, CdkNode) else ()
        head = naming.stack_head(enver.build, enver.stack)
        own = [
            *self._of_stacks(head, alone, parts),
            *(f"{one}-*" for one in said),
            *self._clear(enver.build, head, _physical(enver)),
        ]
        stacks = (alone,) if self._is_shared(head) else (alone, parts)
        return NamePatterns((*stacks, *said), tuple(own), (enver.address,), tuple(self._others(head)))

    def of_member(self, enver: EnverNode) -> NamePatterns:
        """Those of one of its class. Tags and clones come and go, so theirs are matched as a whole; branches and
        promotions are matched one by one, and so is all of two builds whose stacks begin alike."""
        match class_of_slot(enver.slot):
            case _ if isinstance(enver.built, CdkNode) and (enver.built.stack or enver.built.stacks):
                return self.of(enver)
            case "tag":
                return self._varied(enver.build, "t--", "t..") or self.of(enver)
            case "clone":
                return self.of_clones(enver) or self.of(enver)
            case _:
                return self.of(enver)

    def of_clones(self, enver: EnverNode) -> NamePatterns | None:
        """Those of all clones of an enver, or of what that is a clone of; None where they could be another build's."""
        slot = naming.origin_slot(enver.slot)
        return self._varied(enver.build, naming.short_clones(slot), f"{slot}-_")

    def _varied(self, build: str, short: str, slot: str) -> NamePatterns | None:
        """Of all whose slots begin so."""
        head = naming.stack_head(build)
        if self._is_shared(head):
            return None
        stacks = (f"{head}--{short}*", f"{head}-*--{short}*")
        own = (
            *self._of_stacks(head, f"{head}--{short}", f"{head}-*--{short}"),
            *self._clear(build, head, f"{head}-{short}"),
        )
        return NamePatterns(stacks, own, (f"{build}/{slot}*",), tuple(self._others(head)))

    def _beginning(self, text: str) -> Sequence[str]:
        """The heads that begin so: they stand side by side."""
        first = bisect_left(self._sorted, text)
        return self._sorted[first : bisect_left(self._sorted, f"{text}\x7f", first)]

    def _longer(self, head: str) -> Sequence[str]:
        """What stacks of others begin with, which might be read as a head and a part."""
        return self._beginning(f"{head}-")

    def _is_shared(self, head: str) -> bool:
        """Whether another build's stacks begin so, too: builds `a-b` and `a_b`."""
        return len(self._heads[head]) > 1

    def _of_stacks(self, head: str, alone: str, parts: str) -> Iterator[str]:
        """What begins with the name of a stack, in as few patterns as can be. What is of a part is left out where it
        could be read as another build's: `kitchen-data--main-…` beside build `kitchen-data`."""
        ending = parts.removeprefix(f"{head}-*")
        dash = "" if ending.endswith("--") else "-"
        is_cut = alone != f"{head}{ending}"
        if not (is_cut or self._is_shared(head) or len(self._beginning(head)) > 1):
            yield f"{head}*{ending}{dash}*"
            return
        yield f"{alone}{dash}*"
        if not self._longer(head) and not self._is_shared(head):
            yield f"{parts}{dash}*"

    def _clear(self, build: str, head: str, begins: str) -> Iterator[str]:
        """What `enver.name(…)` makes, unless it could be read as another build's."""
        longer = [f"{one}-" for one in self._longer(head)]
        is_clear = self._whose.get(begins, {build}) == {build}
        if is_clear and not any(begins.startswith(one) or one.startswith(begins) for one in longer):
            yield f"{begins}*"

    def _others(self, head: str) -> Iterator[str]:
        for one in self._longer(head):
            yield from (f"{one}--*", f"{one}-*--*")


def together(names: Iterable[NamePatterns]) -> NamePatterns:
    """The patterns of all of them."""
    each = list(names)
    return NamePatterns(
        _all(one.stacks for one in each),
        _all(one.resources for one in each),
        _all(one.addresses for one in each),
        _all(one.others for one in each),
    )


def _physical(enver: EnverNode) -> str:
    return f"{naming.dashed(enver.build)}-{naming.short_slot(enver.slot)}-"


def _all(texts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in texts for one in each))
