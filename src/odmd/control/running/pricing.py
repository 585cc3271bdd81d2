"""What an enver costs a day by being there, as far as its recipe says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from odmd.model.targets import Target

AMOUNTS: Final = ("regions", "hour", "month", "units", "instances")
"""Tables of amounts; an organisation may have its own in their place."""


@dataclass(frozen=True, slots=True)
class CostPart:
    """One resource that costs something whether it is used or not."""

    name: str
    type: str
    a_day: Decimal
    """In the currency of the whole."""


@dataclass(frozen=True, slots=True)
class DailyCost:
    """Rough: by list prices, without what is charged by use."""

    parts: tuple[CostPart, ...] = ()
    """The dearest first."""
    by_use: tuple[str, ...] = ()
    """Types of resources that are charged by use only."""
    unknown: tuple[str, ...] = ()
    """What nobody knows the price of, and why."""
    currency: str = ""

    @property
    def a_day(self) -> Decimal:
        """Of all parts, to the cent."""
        return sum((one.a_day for one in self.parts), Decimal()).quantize(Decimal("0.01"))


def together(costs: Iterable[DailyCost]) -> DailyCost:
    """All of them as one."""
    all_of = list(costs)
    return DailyCost(
        tuple(sorted((part for one in all_of for part in one.parts), key=lambda part: (-part.a_day, part.name))),
        tuple(sorted({said for one in all_of for said in one.by_use})),
        tuple(dict.fromkeys(said for one in all_of for said in one.unknown)),
        next((one.currency for one in all_of if one.currency), ""),
    )


def dearer(before: DailyCost, after: DailyCost, by: Decimal) -> str:
    """How much more it would cost a day, in words; empty where that is less than `by`, and what is new has a price."""
    more, new = after.a_day - before.a_day, [one for one in after.unknown if one not in before.unknown]
    said = list[str]()
    if more > 0 and more >= by:
        said.append(f"{more} {after.currency} more a day: {after.a_day}, and now {before.a_day}")
    return "; ".join([*said, *(f"nobody knows what {one} costs" for one in new)])


class Pricer(Protocol):
    """Knows prices of what one build type deploys."""

    def price(self, recipe: bytes, target: Target) -> DailyCost:
        """Asks nobody.

        Raises:
            RecipeUnfit: nobody can read any more what was deployed.
        """
        ...
