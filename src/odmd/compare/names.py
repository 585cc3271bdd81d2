"""What texts stand for: names, addresses, accounts, regions and times of one side, so that two texts which say the
same of their own sides are alike.

`arn:aws:events:eu-west-1:111111111111:event-bus/orders--main-bus` of one and `arn:aws:events:us-east-1:222222222222:
event-bus/orders--s--prod-bus` of the other are; a name of the first in a template of the second is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from odmd.compare.side import ComparedSide
from odmd.model import naming

_LEAST: Final = 6
"""Characters of a value below which it stands for nothing but itself: `true`, `10`, `dev`."""
_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
_GENERATED: Final = r"(?:[0-9A-F]{8}|[0-9a-f]{20})(?![A-Za-z0-9])"
"""What CDK puts behind the names that it generates."""
_TIMES: Final = re.compile(rf"(?<!\d){_TIME}")
_OF_TIMES: Final = frozenset({"time"})
_OF_STACKS: Final = frozenset({"its stack, folded"})
_OF_GENERATED: Final = frozenset({"generated"})


class FoundName(NamedTuple):
    """A name in a text."""

    end: int
    roles: frozenset[str]


class SideNames:
    """The names of one side, each with what it stands for."""

    def __init__(self, side: ComparedSide) -> None:
        roles: dict[str, set[str]] = {}
        for text, role in _names(side):
            if text:
                roles.setdefault(text, set()).add(role)
        self._roles = {text: frozenset(found) for text, found in roles.items()}
        self._folded = _folded(side)

    def within(self, text: str) -> Mapping[int, FoundName]:
        """By where they begin: the longest at each place."""
        found = {at.start(1): FoundName(at.end(1), self._roles[at[1]]) for at in self._plain.finditer(text)}
        found |= {at.start(): FoundName(at.end(), _OF_TIMES) for at in _TIMES.finditer(text)}
        if self._folded in text:
            for at in self._made.finditer(text):
                found[at.start(1)] = FoundName(at.end(1), _OF_STACKS)
                found[at.start(2)] = FoundName(at.end(2), _OF_GENERATED)
        return found

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        longest_first = sorted(self._roles, key=lambda one: (-len(one), one))
        return re.compile(rf"(?<![A-Za-z0-9])(?=({'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9]))")

    @cached_property
    def _made(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![A-Za-z0-9])({re.escape(self._folded)})[A-Za-z0-9]*?({_GENERATED})")


class Meanings:
    """Whether texts of two sides say the same."""

    def __init__(self, before: ComparedSide, after: ComparedSide) -> None:
        self._before, self._after = SideNames(before), SideNames(after)

    def alike(self, before: str, after: str) -> bool:
        """Whether they are equal, but for names which stand for the same on both sides."""
        if before == after:
            return True
        ours, theirs = self._before.within(before), self._after.within(after)
        return bool(ours and theirs) and _leads_to_the_end(before, after, ours, theirs)


def _leads_to_the_end(before: str, after: str, ours: Mapping[int, FoundName], theirs: Mapping[int, FoundName]) -> bool:
    """Goes along both texts at once, over equal characters and over names of equal meaning, whichever way leads on."""
    ways, seen = [(0, 0)], set[tuple[int, int]]()
    while ways:
        here, there = ways.pop()
        while (here, there) not in seen:
            seen.add((here, there))
            if here == len(before) and there == len(after):
                return True
            mine, other = ours.get(here), theirs.get(there)
            if mine and other and mine.roles & other.roles:
                ways.append((mine.end, other.end))
            if before[here : here + 1] != after[there : there + 1]:
                break
            here, there = here + 1, there + 1
    return False


def _names(side: ComparedSide) -> Iterator[tuple[str, str]]:
    view, node = side.view, side.node
    build, _, slot = view.enver.partition("/")
    yield from ((view.account, "account"), (view.region, "region"), (view.stage, "stage"))
    yield from _of_enver(build, slot, "its")
    if node is not None:
        yield node.stack_name, "its stack"
        yield from ((name, f"its {derived.what}") for derived, name in node.derived_names())
        for product in node.products:
            for one in product.told or ():
                yield from _of_consumer(one.enver, one.account)
    for given in side.inputs:
        producer, _, its_slot = naming.enver_of(given.product).partition("/")
        yield from _of_enver(producer, its_slot, f"the producer of {given.name}'s")
        if len(given.text) >= _LEAST:
            yield given.text, f"input {given.name}"
    yield from ((text, f"product {name}") for name, text in side.published if len(text) >= _LEAST)


def _of_consumer(enver: str, account: str) -> Iterator[tuple[str, str]]:
    build, _, slot = enver.partition("/")
    yield account, f"the account of consumer {build}"
    yield from _of_enver(build, slot, f"consumer {build}'s")


def _of_enver(build: str, slot: str, whose: str) -> Iterator[tuple[str, str]]:
    address = f"{build}/{slot}"
    yield from ((address, f"{whose} address"), (naming.enver_label(address), f"{whose} label"))
    yield from ((slot, f"{whose} slot"), (slot.rpartition("..")[2], f"{whose} short slot"))
    yield naming.short_slot(slot), f"{whose} short slot"
    yield naming.stack_name(build, slot), f"{whose} stack"


def _folded(side: ComparedSide) -> str:
    """The beginning of the names that CDK generates: the stack's, of letters and digits alone."""
    name = side.node.stack_name if side.node else naming.stack_name(*side.view.enver.split("/", 1))
    return re.sub(r"[^A-Za-z0-9]", "", name)
