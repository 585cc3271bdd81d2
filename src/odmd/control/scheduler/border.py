"""Where what people ask for comes in: each asks `may` here, and nowhere else; a refusal is logged, and told."""

from __future__ import annotations

from collections.abc import Sequence

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action, Subject, may
from odmd.control.scheduler.questions import asked
from odmd.control.scheduler.state import State
from odmd.errors import NotAllowed, NotTheApprover
from odmd.graph import Graph


def refused(state: State, graph: Graph | None, message: m.Message, at: float) -> e.Denied | None:
    """Why nothing comes of a message, if its sender may not have what it asks for."""
    if (asked := _asked(state, message)) is None:
        return None
    by, action, subject = asked
    refusal = may(by, action, subject, graph)
    return refusal and e.Denied(by, action, subject.enver, refusal.reason, refusal.next_step, at)


def raise_refusal(answer: Sequence[e.Event]) -> None:
    """For who asked.

    Raises:
        NotTheApprover, NotAllowed
    """
    for event in answer:
        if isinstance(event, e.Denied):
            kind = NotTheApprover if event.action is Action.ANSWER else NotAllowed
            raise kind(event.reason, next_step=event.next_step)


def _asked(state: State, message: m.Message) -> tuple[Actor, Action, Subject] | None:
    """Who asks for what; None where odmd, or an agent whose claim is looked at, tells what happened."""
    match message:
        case m.StartChange(by=by):
            return by, Action.CHANGE, Subject()
        case m.CancelRun(run, by):
            return by, Action.CANCEL, Subject(f"run {run}", state.runs[run].enver if run in state.runs else "")
        case m.Answer(enver, question, by=by):
            recorded = state.envers.get(enver)
            offer = recorded.offers.get(question) if recorded else None
            return by, Action.ANSWER, Subject(asked(question, offer.content) if offer else "", enver, question, offer)
        case m.PauseScope(scope, by):
            return by, Action.PAUSE, Subject(scope)
        case m.ResumeScope(scope, by):
            return by, Action.RESUME, Subject(scope)
        case m.HoldAnswer(holds) if holds:
            enver, hold = holds[0]
            return hold.by, Action.HOLD_ANSWER, Subject(enver=enver)
        case m.DropHold(enver, by):
            return by, Action.HOLD_ANSWER, Subject(enver=enver)
        case m.PinEnver(enver, pin):
            return pin.by, Action.ROLL_BACK, Subject(enver=enver)
        case m.ReleaseEnver(enver, by):
            return by, Action.RELEASE, Subject(enver=enver)
        case m.ReportDrift(enver, by=by):
            return by, Action.REPORT_DRIFT, Subject(enver=enver)
        case m.Recover(by=by):
            return by, Action.RECOVER, Subject()
        case _:
            return None
