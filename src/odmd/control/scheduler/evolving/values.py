"""Values come, are superseded, and are retired."""

from __future__ import annotations

from odmd.control.scheduler import events as e
from odmd.control.scheduler.evolving.touching import touch_run, touch_value
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus
from odmd.plan.wiring import Wiring


def value_went_on(
    wiring: Wiring,
    state: State,
    event: e.ValuePublished | e.ValueWithdrawn | e.RetirementScheduled | e.RetirementStarted | e.ValueRetired,
) -> None:
    """A product has another current value, or none any more; or one comes to its end."""
    match event:
        case e.ValuePublished():
            _value_published(wiring, state, event)
        case e.ValueWithdrawn():
            supersede(state, touch_value(state, ValueRef(event.product, event.version)))
        case _:
            _retirement_went_on(state, event)


def supersede(state: State, value: Value) -> None:
    """It lives until nobody runs with it."""
    value.status = ValueStatus.SUPERSEDED
    state.superseded[value.ref] = state.agenda.values[value.ref] = None
    state.dirty.values[value.ref] = value


def _value_published(wiring: Wiring, state: State, event: e.ValuePublished) -> None:
    published = event.publication
    run = touch_run(state, event.run)
    value = Value(
        product=event.product,
        version=event.version,
        text=published.text,
        identity=published.identity,
        kind=published.kind,
        run=event.run,
        at=event.at,
        resource=published.resource,
        root=run.root,
    )
    if (before := state.current(event.product)) is not None:
        before.bridge = published.bridge
        supersede(state, before)
    state.values.setdefault(event.product, []).append(value)
    state.versions[event.product] = event.version
    state.dirty.values[value.ref] = value
    run.published = (*run.published, value.ref)
    _news_from(wiring, state, run.enver)


def _news_from(wiring: Wiring, state: State, enver: str) -> None:
    """Somebody published: its consumers may be able now, people may have to be asked, its cycle may not be settled."""
    state.agenda.envers.update(dict.fromkeys(c for c in wiring.reached.get(enver, ()) if c in state.owing))
    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(enver, ())))
    if (cycle := wiring.cycle(enver)) is not None:
        state.agenda.cycles[cycle] = None


def _retirement_went_on(state: State, event: e.RetirementScheduled | e.RetirementStarted | e.ValueRetired) -> None:
    """A superseded value comes to its end."""
    value = touch_value(state, ValueRef(event.product, event.version))
    match event:
        case e.RetirementScheduled():
            value.retire_at = event.due
        case e.RetirementStarted():
            value.status, value.retire_at = ValueStatus.RETIRING, None
            state.superseded.pop(value.ref, None)
        case e.ValueRetired():
            value.status, value.leftover = ValueStatus.RETIRED, event.leftover
            others = state.values[event.product]
            others.remove(value)
            state.agenda.values.update(dict.fromkeys(other.ref for other in others))
