"""The stacks that an enver has, as its runs recorded them; and those of them that its app has no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, order=True)
class Stack:
    """A stack, and where it is."""

    name: str
    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.name} in {self.account}, {self.region}"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A stack that left its enver's app and is there still."""

    stack: Stack
    why: str = ""
    """Why it could not be removed; empty while nobody tried."""
    asks: bool = False
    """It goes when somebody approves that: what holds data goes with it, or it is protected."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """All that an enver's runs made, or may have made, and that were not removed since."""

    there: tuple[Stack, ...] = ()
    """In the order of their last deployment; those that left the app, too."""
    left: tuple[Leftover, ...] = ()
    clearing: float = 0.0
    """When the removal of those that left began; 0: it is not under way."""

    def deployed(self, stacks: Collection[Stack]) -> Stacks:
        """The app has these now: all others left it, and are there still."""
        left = tuple(one for one in self.there if one not in stacks)
        return Stacks((*left, *stacks), tuple(map(Leftover, left)), self.clearing)

    def touched(self, stacks: Collection[Stack]) -> Stacks:
        """A run failed that may have made these."""
        others = tuple(one for one in self.there if one not in stacks)
        left = tuple(one for one in self.left if one.stack not in stacks)
        return Stacks((*others, *stacks), left, self.clearing)

    def again(self) -> Stacks:
        """Those that left are to be removed, whatever came of it before."""
        return replace(self, left=tuple(Leftover(one.stack) for one in self.left)) if self.left else self

    def cleared(self, removed: Collection[Stack], kept: Iterable[Leftover]) -> Stacks:
        """A removal ended; what came back to the app meanwhile is there."""
        now: Mapping[Stack, Leftover] = {one.stack: one for one in kept}
        gone = {one.stack for one in self.left}.intersection(removed)
        return Stacks(
            tuple(one for one in self.there if one not in gone),
            tuple(now.get(one.stack, one) for one in self.left if one.stack not in gone),
        )

    def to_clear(self) -> tuple[Stack, ...]:
        """Those that left and that nobody tried to remove."""
        return tuple(one.stack for one in self.left if not one.why)
