"""How far a change has come, from the state as a whole."""

from __future__ import annotations

from odmd.control.reading.explain import held_by
from odmd.control.reading.views import ChangeView
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.state import State, Wave
from odmd.control.scheduler.values import ValueStatus
from odmd.plan.wiring import Wiring


def progress(state: State, wiring: Wiring, wave: Wave, unmirrored: int) -> ChangeView:
    """Costs what still owes a wave, and what waits for its retirement."""
    waves = {id for id, one in state.waves.items() if wave.id in (id, one.root)}
    owing = [enver for address in state.owing if (enver := state.envers[address]).owes & waves]
    return ChangeView(
        position=state.position,
        wave=wave.id,
        cause=wave.cause,
        by=wave.by.name,
        plan=wave.plan,
        moving=any(_is_moving(state, enver) for enver in owing),
        retiring=_retiring(state, wave.id),
        failed={enver.address: enver.failure for enver in owing if enver.failed is not None},
        held={enver.address: held_by(wiring, state, enver) for enver in owing if enver.failed is None},
        unmirrored=unmirrored,
    )


def _is_moving(state: State, enver: Enver) -> bool:
    return enver.run is not None or enver.retry_at is not None or enver.address in state.agenda.moving


def _retiring(state: State, wave: int) -> int:
    """Values about to go whose successors go back to the wave, and units that left apps with it."""
    going = [ref.product for ref in state.superseded if state.is_scheduled(ref)]
    going += [
        product
        for product, values in state.values.items()
        if len(values) > 1 and any(value.status is ValueStatus.RETIRING for value in values)
    ]
    clearing = [enver for address in state.clearing if (enver := state.envers[address]).units.clearing]
    return sum(enver.root == wave for enver in clearing) + sum(
        (current := state.current(product)) is not None and current.root == wave for product in going
    )
