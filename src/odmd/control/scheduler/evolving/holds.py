"""What people stopped or let go: pauses, held answers, pins, drift, and a state that came back from a backup."""

from __future__ import annotations

from odmd.control.scheduler import events as e
from odmd.control.scheduler.agenda import Agenda
from odmd.control.scheduler.drift import Acceptance, accepted, looked
from odmd.control.scheduler.envers import Departure
from odmd.control.scheduler.evolving.touching import lease, touch, touch_value
from odmd.control.scheduler.evolving.waves import mark, own_wave, settle
from odmd.control.scheduler.inert import said
from odmd.control.scheduler.state import Pause, State
from odmd.control.scheduler.units import Units
from odmd.control.scheduler.values import ValueStatus
from odmd.graph.paused import EVERYTHING
from odmd.plan.wiring import Wiring

_Standing = e.Paused | e.Resumed | e.AnswerHeld | e.HoldDropped | e.Delegated | e.DelegationEnded | e.Recovered


def stood_otherwise(wiring: Wiring, state: State, event: _Standing) -> None:
    """What is so until somebody says otherwise."""
    state.dirty.standing = True
    if isinstance(event, e.AnswerHeld | e.HoldDropped):
        _answer_held_or_not(state, event)
    elif isinstance(event, e.Delegated | e.DelegationEnded):
        _delegated_or_not(state, event)
    else:
        _paused_or_resumed(wiring, state, event)


def _paused_or_resumed(wiring: Wiring, state: State, event: e.Paused | e.Resumed | e.Recovered) -> None:
    """Nothing new begins in a scope, or it does again."""
    pauses = state.standing.pauses
    match event:
        case e.Paused():
            pauses[event.scope] = event.pause
            if event.freeze:
                frozen = state.standing.frozen
                state.standing.frozen = {one: ends for one, ends in frozen.items() if ends > event.at}
                state.standing.frozen[event.freeze] = event.freeze_ends
        case e.Resumed():
            pauses.pop(event.scope, None)
            if event.scope == EVERYTHING:
                _schedule_again(state)
        case e.Recovered():
            pauses[EVERYTHING] = Pause(event.by, event.why, None)
            _recovered(wiring, state, event)
    state.agenda.envers.update(state.owing)


def _schedule_again(state: State) -> None:
    """Retirements whose time came during the pause were passed over."""
    for ref in state.superseded:
        value = touch_value(state, ref)
        value.retire_at = None
    state.agenda.values.update(state.superseded)


def _delegated_or_not(state: State, event: e.Delegated | e.DelegationEnded) -> None:
    """What is over goes with what comes."""
    now = {key: one for key, one in state.standing.delegations.items() if one.until > event.at}
    match event:
        case e.Delegated(delegation=one):
            now[one.key] = one
        case e.DelegationEnded(to=to, team=team):
            now = {key: one for key, one in now.items() if (one.to, one.team) != (to, team)}
    state.standing.delegations = now


def _answer_held_or_not(state: State, event: e.AnswerHeld | e.HoldDropped) -> None:
    """What is over goes with what comes."""
    standing = state.standing
    standing.holds = standing.held(event.at)
    standing.holds.pop(event.enver, None)
    if isinstance(event, e.AnswerHeld):
        standing.holds[event.enver] = event.hold


def other_than_its_inputs_say(
    wiring: Wiring, state: State, event: e.Pinned | e.Released | e.Drifted | e.DriftSeen | e.DriftAccepted
) -> None:
    """What an enver runs, or is to run, is not what its inputs say, or is so no more."""
    if isinstance(event, e.DriftSeen | e.DriftAccepted):
        _drift_moved(state, event)
    else:
        _held_or_let_go(wiring, state, event)


def _held_or_let_go(wiring: Wiring, state: State, event: e.Pinned | e.Released | e.Drifted) -> None:
    """Opens a wave at it."""
    enver = touch(state, event.enver)
    match event:
        case e.Pinned():
            enver.pin, by, cause = event.pin, event.pin.by, f"held at run {event.pin.run}"
        case e.Released():
            enver.pin, by, cause = None, event.by, f"released{said(event.why)}"
            if (head := event.head) is not None:
                enver.commit, enver.content, enver.slice = head.commit, head.content, head.slice
                enver.settings = head.settings
        case e.Drifted():
            enver.deployed, enver.unknown, by, cause = None, True, event.by, f"drift: {event.what}"
    enver.failed, enver.retry_at = None, None
    lease(state, enver)
    mark(wiring, state, own_wave(event, cause, by), root=event.wave)


def _drift_moved(state: State, event: e.DriftSeen | e.DriftAccepted) -> None:
    """What is known to differ from what was deployed; a wave that is there anyhow brings it back."""
    enver = touch(state, event.enver)
    match event:
        case e.DriftSeen(found=found, ended=ended):
            enver.drift = looked(enver.drift, found, ended, event.at)
            enver.looked = {**enver.looked, **dict.fromkeys(event.sorts, event.looked)}
        case e.DriftAccepted(what=what, by=by, why=why, until=until):
            enver.drift = accepted(enver.drift, what, Acceptance(by, why, event.at, until))


def _recovered(wiring: Wiring, state: State, event: e.Recovered) -> None:
    """What was under way or scheduled is over; people look, resume, and apply what the heads say then."""
    standing = state.standing
    standing.first = state.next_run = state.next_wave = max(event.first, state.next_run, state.next_wave)
    for address in list(state.envers):
        enver = touch(state, address)
        if enver.deployed is not None:
            enver.deployed, enver.unknown = None, True
        if enver.departure is not None and enver.departure.under_way:
            enver.departure = Departure(enver.departure.by, shown=enver.departure.shown)
        enver.units, enver.retry_at = Units(enver.units.there), None  # its next run says anew what left
        state.note_leftovers(enver)
        settle(wiring, state, enver, enver.owes, event.at)
    for value in [value for values in state.values.values() for value in values]:
        if value.status is ValueStatus.RETIRING or value.retire_at is not None:
            touch_value(state, value.ref)
            value.status, value.retire_at = ValueStatus.SUPERSEDED, None
            state.superseded[value.ref] = None
    state.agenda = Agenda(everything=True)
