"""What envers cost a day by being there: read from what was deployed, and priced by whoever knows its build type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from odmd.control.ports.world import Artifacts
from odmd.control.reading.records import Records
from odmd.control.running.pricing import CostPart, DailyCost, Pricer
from odmd.control.scheduler.envers import Enver
from odmd.errors import EnverUnknown, RecipeUnfit

_PAGE: Final = 500
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CostPartView:
    """A resource that costs something whether it is used or not."""

    name: str
    type: str
    a_day: str
    """An amount, as text."""


@dataclass(frozen=True, slots=True)
class EnverCost:
    """What one costs a day by being there, roughly."""

    enver: str
    stage: str
    a_day: str
    currency: str
    """Empty: nothing of it has a price."""
    parts: tuple[CostPartView, ...] = ()
    """The dearest first."""
    by_use: tuple[str, ...] = ()
    """Types of resources that are charged by use."""
    unknown: tuple[str, ...] = ()
    """What nobody knows the price of, and why."""


@dataclass(frozen=True, slots=True)
class CostView:
    """What all that were asked about cost."""

    envers: tuple[EnverCost, ...]
    """By address."""
    a_day: str
    currency: str

    @classmethod
    def of(cls, envers: Sequence[EnverCost], currency: str) -> Self:
        """They, and what they cost together."""
        sums = sum((Decimal(one.a_day) for one in envers), Decimal())
        return cls(tuple(envers), _text(sums), currency)


@dataclass(frozen=True, slots=True)
class CostReader:
    """Of what somebody sees. Types that nobody prices cost nothing by being there."""

    records: Records
    artifacts: Artifacts
    pricers: Mapping[str, Pricer]
    """By what people call a unit of theirs."""

    def costs(self, typed: str | None = None) -> CostView:
        """Of all that run, or of one.

        Raises:
            EnverUnknown
        """
        envers = [self.records.find(typed)] if typed else self._all()
        found = [(one, cost) for one in envers if (cost := self._cost(one)) is not None]
        currency = next((cost.currency for _, cost in found if cost.currency), "")
        return CostView.of([_view(one, cost) for one, cost in found], currency)

    def _all(self) -> Iterator[Enver]:
        after = ""
        while page := self.records.store.envers(after, _PAGE):
            yield from page
            after = page[-1].address

    def _cost(self, enver: Enver) -> DailyCost | None:
        """None: nothing runs, or nothing that has a price."""
        pricer = self.pricers.get(next((one.what for one in enver.units.current()), ""))
        recipe = self.artifacts.get(enver.recipe) if enver.recipe and not enver.removed else None
        if pricer is None or recipe is None or enver.target is None:
            return None
        try:
            return pricer.price(recipe, enver.target)
        except RecipeUnfit as wrong:
            return DailyCost(unknown=(wrong.fact,))


def known_cost(costs: Callable[[str], CostView], typed: Sequence[str]) -> CostView:
    """Of those of some envers that run, together."""
    found = list[EnverCost]()
    for one in dict.fromkeys(typed):
        with suppress(EnverUnknown):
            found += costs(one).envers
    return CostView.of(found, next((one.currency for one in found if one.currency), ""))


def _view(enver: Enver, cost: DailyCost) -> EnverCost:
    parts = tuple(map(_part, cost.parts))
    return EnverCost(
        enver.address, enver.stage, _text(cost.a_day), cost.currency if parts else "", parts, cost.by_use, cost.unknown
    )


def _part(part: CostPart) -> CostPartView:
    return CostPartView(part.name, part.type, _text(part.a_day))


def _text(amount: Decimal) -> str:
    return str(amount.quantize(_CENT))
