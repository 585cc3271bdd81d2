"""Whose names are whose: what IAM matches the stacks and resources of a build's envers of one class with."""

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


def revision_class(enver: EnverNode) -> str:
    """What runs there decides what its role may do: a clone's less than production's."""
    return "clone" if enver.origin else enver.revision.partition(":")[0]


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
        own = [
            *self._of_stacks(enver, alone, parts),
            *(f"{one}-*" for one in said),
            *self._clear(enver, _physical(enver)),
        ]
        stacks = (alone,) if self._shares_head(enver) else (alone, parts)
        return NamePatterns((*stacks, *said), tuple(own), (enver.address,), tuple(self._others(enver)))

    def of_class(self, envers: Sequence[EnverNode]) -> NamePatterns:
        """Those of a build's envers of one class in one place. Tags and clones come and go, so theirs are matched as a
        whole; branches and promotions are matched one by one, and so is all of two builds whose stacks begin alike."""
        each = [self._of_member(enver) for enver in envers]
        return NamePatterns(
            _all(one.stacks for one in each),
            _all(one.resources for one in each),
            _all(one.addresses for one in each),
            _all(one.others for one in each),
        )

    def _of_member(self, enver: EnverNode) -> NamePatterns:
        match revision_class(enver):
            case _ if self._shares_head(enver):
                return self.of(enver)
            case "tag":
                return self._varied(enver, "t--", "t..")
            case "clone":
                slot = (enver.origin or "").partition("/")[2]
                return self._varied(enver, naming.short_clones(slot), f"{slot}-_")
            case _:
                return self.of(enver)

    def _varied(self, enver: EnverNode, short: str, slot: str) -> NamePatterns:
        """Of all whose slots begin so. A clone has no stack of another name than its own, so none is gone on with."""
        head = naming.dashed(enver.build)
        stacks = (f"{head}--{short}*", f"{head}-*--{short}*")
        own = (
            *self._of_stacks(enver, f"{head}--{short}", f"{head}-*--{short}"),
            *self._clear(enver, f"{head}-{short}"),
        )
        return NamePatterns(stacks, own, (f"{enver.build}/{slot}*",), tuple(self._others(enver)))

    def _beginning(self, text: str) -> Sequence[str]:
        """The heads that begin so: they stand side by side."""
        first = bisect_left(self._sorted, text)
        return self._sorted[first : bisect_left(self._sorted, f"{text}\x7f", first)]

    def _longer(self, enver: EnverNode) -> Sequence[str]:
        """What stacks of others begin with, which might be read as the enver's name and a part."""
        return self._beginning(f"{naming.stack_head(enver.build, enver.stack)}-")

    def _shares_head(self, enver: EnverNode) -> bool:
        """Whether another build's stacks begin as its own: builds `a-b` and `a_b`."""
        return len(self._heads[naming.stack_head(enver.build, enver.stack)]) > 1

    def _of_stacks(self, enver: EnverNode, alone: str, parts: str) -> Iterator[str]:
        """What begins with the name of a stack, in as few patterns as can be. What is of a part is left out where it
        could be read as another build's: `kitchen-data--main-…` beside build `kitchen-data`."""
        head = naming.stack_head(enver.build, enver.stack)
        ending = parts.removeprefix(f"{head}-*")
        dash = "" if ending.endswith("--") else "-"
        is_cut = alone != f"{head}{ending}"
        if not (is_cut or self._shares_head(enver) or len(self._beginning(head)) > 1):
            yield f"{head}*{ending}{dash}*"
            return
        yield f"{alone}{dash}*"
        if not self._longer(enver) and not self._shares_head(enver):
            yield f"{parts}{dash}*"

    def _clear(self, enver: EnverNode, begins: str) -> Iterator[str]:
        """What `enver.name(…)` makes, unless it could be read as another build's."""
        longer = [f"{head}-" for head in self._longer(enver)]
        is_clear = self._whose.get(begins, {enver.build}) == {enver.build}
        if is_clear and not any(begins.startswith(one) or one.startswith(begins) for one in longer):
            yield f"{begins}*"

    def _others(self, enver: EnverNode) -> Iterator[str]:
        for head in self._longer(enver):
            yield from (f"{head}--*", f"{head}-*--*")


def _physical(enver: EnverNode) -> str:
    return f"{naming.dashed(enver.build)}-{naming.short_slot(enver.slot)}-"


def _all(texts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in texts for one in each))
