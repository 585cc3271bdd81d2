"""Envers and units go."""

from __future__ import annotations

from dataclasses import replace

from odmd.control.scheduler import events as e
from odmd.control.scheduler.envers import Departure, Enver
from odmd.control.scheduler.evolving.touching import forget_loss, lease, touch
from odmd.control.scheduler.evolving.values import supersede
from odmd.control.scheduler.questions import LOST
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import ValueStatus


def units_went(
    state: State,
    event: e.RemovalAsked
    | e.RemovalStarted
    | e.RemovalFailed
    | e.EnverRemoved
    | e.ClearanceAsked
    | e.ClearanceStarted
    | e.ClearanceEnded,
) -> None:
    """An enver, or units of it, are being removed, or are gone."""
    if isinstance(event, e.ClearanceAsked | e.ClearanceStarted | e.ClearanceEnded):
        _clearance_went_on(state, event)
    else:
        _removal_went_on(state, event)


def _removal_went_on(state: State, event: e.RemovalAsked | e.RemovalStarted | e.RemovalFailed | e.EnverRemoved) -> None:
    enver = touch(state, event.enver)
    match event:
        case e.RemovalAsked(by=by):
            enver.departure = Departure(by, shown=event.shown)
            state.leaving[enver.address] = None
            forget_loss(state, enver)
        case e.RemovalStarted() if enver.departure is not None:
            enver.departure = replace(enver.departure, under_way=True, began=event.at, failure="")
        case e.RemovalFailed(error=error) if enver.departure is not None:
            enver.departure = replace(enver.departure, under_way=False, began=0.0, failure=error)
        case e.EnverRemoved(left=left):
            _gone(state, enver, left)
        case _:
            pass  # it is not leaving any more


def _clearance_went_on(state: State, event: e.ClearanceAsked | e.ClearanceStarted | e.ClearanceEnded) -> None:
    enver = touch(state, event.enver)
    match event:
        case e.ClearanceAsked():
            enver.units = enver.units.again()
            enver.offers = {question: offer for question, offer in enver.offers.items() if question != LOST}
            enver.rejected = {question: said for question, said in enver.rejected.items() if question != LOST}
        case e.ClearanceStarted():
            enver.units = replace(enver.units, clearing=event.at)
        case e.ClearanceEnded():
            enver.units = enver.units.cleared(event.removed, event.kept)
    state.note_leftovers(enver)


def _gone(state: State, enver: Enver, behind: tuple[str, ...]) -> None:
    """What was recorded of it is history; its values are retired, and its numbers go on should it come back.

    Args:
        behind: what may be there still, where nobody can look: what is behind its values is not looked for.
    """
    for value in state.made_by(enver.address):
        if behind:
            value.resource, value.bridge = None, None
        if value.status is ValueStatus.CURRENT:
            supersede(state, value)
    left = Enver(enver.address, last_run=enver.last_run, owes=enver.owes, since=enver.since, removed=True, left=behind)
    left.commit, left.slice, left.observed, left.run = enver.commit, enver.slice, enver.observed, enver.run
    left.leases, left.content, left.subject, left.author = enver.leases, enver.content, enver.subject, enver.author
    state.leaving.pop(enver.address, None)
    state.clearing.pop(enver.address, None)
    state.envers[enver.address] = state.dirty.envers[enver.address] = left
    lease(state, left)
