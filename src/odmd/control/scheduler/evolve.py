"""`evolve`: what an event does to the state, in place. Deterministic: the same log gives the same state."""

from __future__ import annotations

from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler.evolving.changes import change_began_or_ended, contracts_changed, cycle_went_on
from odmd.control.scheduler.evolving.clones import clones_went_on, note_clone
from odmd.control.scheduler.evolving.holds import other_than_its_inputs_say, stood_otherwise
from odmd.control.scheduler.evolving.latches import latch_moved
from odmd.control.scheduler.evolving.removals import units_went
from odmd.control.scheduler.evolving.runs import cut_off, run_went_on
from odmd.control.scheduler.evolving.values import value_went_on
from odmd.control.scheduler.state import State
from odmd.plan.wiring import Wiring, Wirings


def evolve(wirings: Wirings, state: State, event: e.Event) -> None:
    """Moves the state over one event of the log."""
    if isinstance(event, e.ContractsChanged):
        contracts_changed(wirings[event.contracts], state, event)
    else:
        _evolve(wirings[state.standing.contracts], state, event)
    if isinstance(event, e.RunSucceeded | e.RunFailed | e.EnverRemoved):
        note_clone(state, event)
    state.position += 1
    state.now = max(state.now, event.at)


def _evolve(wiring: Wiring, state: State, event: e.Event) -> None:
    match event:
        case e.Denied() | e.SettingsEdited() | e.AccessChanged() | e.PoliciesChanged() | e.ContractsChanged():
            pass  # nothing comes of these; the last is above: of the contracts before, nothing has to be known
        case e.ChangeAccepted() | e.ChangesEnded():
            change_began_or_ended(wiring, state, event)
        case (
            e.Offered()
            | e.Consented()
            | e.Approved()
            | e.Rejected()
            | e.Promoted()
            | e.Reminded()
            | e.Escalated()
            | e.Expired()
            | e.AskedAgain()
        ):
            latch_moved(wiring, state, event)
        case e.PassStarted() | e.DidNotSettle():
            cycle_went_on(wiring, state, event)
        case (
            e.RunStarted()
            | e.RunClaimed()
            | e.RunDispatched()
            | e.JobStarted()
            | e.RunPrepared()
            | e.RunLost()
            | e.CancelAsked()
            | e.RunSucceeded()
            | e.RunFailed()
            | e.VerificationAsked()
            | e.Retried()
        ):
            run_went_on(wiring, state, event)
        case e.Settled():
            cut_off(wiring, state, event)
        case (
            e.Paused()
            | e.Resumed()
            | e.AnswerHeld()
            | e.HoldDropped()
            | e.Delegated()
            | e.DelegationEnded()
            | e.Recovered()
        ):
            stood_otherwise(wiring, state, event)
        case (
            e.ClonesDeclared() | e.ClonesKept() | e.ClonesEndSoon() | e.ClonesEnded() | e.ClonesLeft() | e.ClonesGone()
        ):
            clones_went_on(state, event)
        case e.Pinned() | e.Released() | e.Drifted() | e.DriftSeen() | e.DriftAccepted():
            other_than_its_inputs_say(wiring, state, event)
        case (
            e.RemovalAsked()
            | e.RemovalStarted()
            | e.RemovalFailed()
            | e.EnverRemoved()
            | e.ClearanceAsked()
            | e.ClearanceStarted()
            | e.ClearanceEnded()
        ):
            units_went(state, event)
        case (
            e.ValuePublished() | e.ValueWithdrawn() | e.RetirementScheduled() | e.RetirementStarted() | e.ValueRetired()
        ):
            value_went_on(wiring, state, event)
        case _:
            assert_never(event)
