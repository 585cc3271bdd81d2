"""The units that an enver has, such as stacks, as its runs recorded them; and those that its recipe has no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from odmd.model.targets import Target


@dataclass(frozen=True, slots=True, order=True)
class DeployedUnit:
    """A unit, and where it is."""

    name: str
    target: Target
    what: str = field(default="stack", compare=False)
    """What people call one of its kind."""

    def __str__(self) -> str:
        return f"{self.what} {self.name} in {self.target}"

    @property
    def place(self) -> tuple[str, Target, str]:
        """Those of one place are looked at together: of one kind, in one account and region, in one cluster there."""
        return self.what, self.target, self.name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A unit that left its enver's recipe and is there still."""

    unit: DeployedUnit
    why: str = ""
    """Why it could not be removed; empty while nobody tried."""
    asks: bool = False
    """It goes when somebody approves that: what holds data goes with it, or it is protected."""


@dataclass(frozen=True, slots=True)
class Units:
    """All that an enver's runs made, or may have made, and that were not removed since."""

    there: tuple[DeployedUnit, ...] = ()
    """In the order of their last deployment; those that left the recipe, too."""
    left: tuple[Leftover, ...] = ()
    clearing: float = 0.0
    """When the removal of those that left began; 0: it is not under way."""

    def current(self) -> tuple[DeployedUnit, ...]:
        """Those that did not leave the recipe."""
        left = {one.unit for one in self.left}
        return tuple([one for one in self.there if one not in left])

    def deployed(self, units: Collection[DeployedUnit]) -> Units:
        """The recipe has these now: all others left it, and are there still."""
        left = tuple(one for one in self.there if one not in units)
        return Units((*left, *units), tuple(map(Leftover, left)), self.clearing)

    def touched(self, units: Collection[DeployedUnit]) -> Units:
        """A run failed that may have made these."""
        others = tuple(one for one in self.there if one not in units)
        left = tuple(one for one in self.left if one.unit not in units)
        return Units((*others, *units), left, self.clearing)

    def again(self) -> Units:
        """Those that left are to be removed, whatever came of it before."""
        return replace(self, left=tuple(Leftover(one.unit) for one in self.left)) if self.left else self

    def cleared(self, removed: Collection[DeployedUnit], kept: Iterable[Leftover]) -> Units:
        """A removal ended; what came back to the recipe meanwhile is there."""
        now: Mapping[DeployedUnit, Leftover] = {one.unit: one for one in kept}
        gone = {one.unit for one in self.left}.intersection(removed)
        return Units(
            tuple(one for one in self.there if one not in gone),
            tuple(now.get(one.unit, one) for one in self.left if one.unit not in gone),
        )

    def to_clear(self) -> tuple[DeployedUnit, ...]:
        """Those that left and that nobody tried to remove."""
        return tuple(one.unit for one in self.left if not one.why)
