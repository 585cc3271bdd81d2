"""The recorded state as a plan reads it."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.control.reading.explain import paused_by
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.inputs import let_in_by_latches
from odmd.control.scheduler.questions import LOSS
from odmd.control.scheduler.ready import scopes
from odmd.control.scheduler.state import State
from odmd.control.scheduler.units import Units
from odmd.control.scheduler.values import RunInput, ValueStatus
from odmd.plan import Recorded, RecordedEnver, RecordedValue
from odmd.plan.recorded import RecordedUnit
from odmd.plan.wiring import Wiring


def recorded(state: State, wiring: Wiring | None = None) -> Recorded:
    """What every enver runs with, and every product's current value.

    Args:
        wiring: the contracts that are planned for; without it, those in force.
    """
    current = (values[-1] for values in state.values.values() if values)
    return Recorded(
        envers={one.address: _enver(one, wiring) for one in state.envers.values() if not one.removed},
        values={
            value.product: RecordedValue(value.version, value.text, value.identity)
            for value in current
            if value.status is ValueStatus.CURRENT
        },
        removed={one.address: one.last_run or 0 for one in state.envers.values() if one.removed},
        paused=dict(_paused(state, wiring)) if wiring else {},
        superseded=tuple((ref.product, ref.version) for ref in state.superseded),
        behind={
            (value.product, value.version): value.resource.physical_id
            for values in state.values.values()
            for value in values
            if value.resource is not None
        },
    )


def _enver(enver: Enver, wiring: Wiring | None) -> RecordedEnver:
    declared = wiring is not None and enver.address in wiring.inputs
    picked = let_in_by_latches(wiring, enver) if wiring is not None and declared else enver.picked
    return RecordedEnver(
        deployed=enver.sure,
        versions={given.name: given.version for given in enver.consumed},
        unknown=enver.unknown or bool(enver.drifted),
        drifted=enver.drifted,
        baking=enver.baking,
        failure=enver.failure,
        failed=enver.failed,
        commit=enver.commit,
        content=enver.content,
        slice=enver.slice,
        consumed={one.name: (one.product, _value(one)) for one in enver.consumed},
        consumed_under=enver.consumed_under,
        picked={name: _value(one) for name, one in picked.items()},
        held=enver.pin.run if enver.pin else None,
        held_at=enver.pin.fingerprint if enver.pin else None,
        runs_with=tuple(sorted((ref.product, ref.version) for ref in enver.runs_with)),
        may_run_with=tuple(sorted((ref.product, ref.version) for ref in enver.leases - enver.runs_with)),
        # What was never deployed has no data to lose, but for that of a unit which is not its own.
        adopts=enver.deployed is None and not enver.unknown and bool(enver.allowed or LOSS in enver.offers),
        run=enver.deployed_by,
        units=tuple(_units(enver.units)),
        lookups=enver.lookups,
        kept=enver.recipe is not None,
        kept_units=enver.kept_units(enver.recipe),
        held_kept=enver.pin is not None and enver.pin.recipe is not None,
        settings=enver.settings,
        live=enver.live,
    )


def _value(given: RunInput) -> RecordedValue:
    return RecordedValue(given.version, given.text, given.identity)


def _units(units: Units) -> Iterator[RecordedUnit]:
    left = {one.unit: one for one in units.left}
    for unit in units.there:
        why, asks = (left[unit].why, left[unit].asks) if unit in left else ("", False)
        yield RecordedUnit(unit.name, unit.target, unit in left, why, asks, unit.what)


def _paused(state: State, wiring: Wiring) -> Iterator[tuple[str, str]]:
    for enver in wiring.inputs if (pauses := state.standing.pauses) else ():
        if found := [paused_by(enver, scope, pauses[scope]) for scope in scopes(wiring, enver) if scope in pauses]:
            yield enver, "; ".join(found)
