"""One remover of what several know: each unit of an enver goes by who knows its kind, whatever the enver is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from odmd.control.running.clearing import merged, together
from odmd.control.running.procedures import Remains, Remover
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import NotYetCarriedOut
from odmd.model.build_types import build_type


@dataclass(frozen=True, slots=True)
class OfEachKind:
    """A `Remover` of an enver: that of its last build type, and for units of others theirs."""

    unit: str
    """What people call one of its own units."""
    own: Remover
    others: Callable[[str], Remover]
    """By what people call a unit."""

    def look(self, effect: RemoveEnver) -> Remains:
        return together([remover.look(part) for remover, part in self._parts(effect)])

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [one for remover, part in self._parts(effect) for one in remover.may_be_there(part)]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        by_kind = _by_kind(effect.units)
        removers = {what: self.own if what == self.unit else self.others(what) for what in by_kind}
        return merged(effect, [removers[what].clear(replace(effect, units=by_kind[what])) for what in by_kind])

    def _parts(self, effect: RemoveEnver) -> Iterator[tuple[Remover, RemoveEnver]]:
        """Those of other kinds are what is recorded of them: where it runs now, and its recipe, say nothing of them."""
        by_kind = _by_kind(effect.units)
        yield self.own, replace(effect, units=by_kind.pop(self.unit, ()))
        for what, units in by_kind.items():
            yield self.others(what), replace(effect, target=None, recipe=None, units=units, config=())


def who_knows(by_type: Mapping[str, Remover]) -> Callable[[str], Remover]:
    """Who removes units, by what people call one."""
    by_unit = {build_type(name).unit: remover for name, remover in by_type.items()}
    return lambda what: by_unit.get(what) or _Nobody(what)


@dataclass(frozen=True, slots=True)
class _Nobody:
    """In the place of who would know a kind; people are asked whether to let go of it."""

    what: str

    def look(self, effect: RemoveEnver) -> Remains:
        """Raises:
        NotYetCarriedOut
        """
        raise self._unknown(effect.units)

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [str(unit) for unit in effect.units]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Raises:
        NotYetCarriedOut
        """
        raise self._unknown(effect.units)

    def _unknown(self, units: Sequence[DeployedUnit]) -> NotYetCarriedOut:
        named = ", ".join(unit.name for unit in units)
        return NotYetCarriedOut(f"this release does not know how a {self.what} is removed: {named}")


def _by_kind(units: Sequence[DeployedUnit]) -> dict[str, tuple[DeployedUnit, ...]]:
    kinds = dict.fromkeys(unit.what for unit in units)
    return {what: tuple(unit for unit in units if unit.what == what) for what in kinds}
