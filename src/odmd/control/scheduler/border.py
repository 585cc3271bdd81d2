"""Where what people ask for comes in: each asks `may` here, and nowhere else; a refusal is logged, and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.approvals import delegated
from odmd.control.scheduler.envers import Consent, OpenQuestion
from odmd.control.scheduler.may import Action, Subject, may
from odmd.control.scheduler.questions import asked
from odmd.control.scheduler.state import State
from odmd.errors import NotAllowed, NotTheApprover
from odmd.graph import Graph
from odmd.graph.paused import within


def refused(state: State, graph: Graph | None, message: m.Message, at: float) -> e.Denied | None:
    """Why nothing comes of a message, if its sender may not have what it asks for."""
    if (asked := _asked(state, graph, message, at)) is None:
        return None
    for by, action, subject in (asked, *_asked_besides(message)):
        if refusal := may(by, action, subject, graph):
            return e.Denied(by, action, refusal.enver or subject.enver, refusal.reason, refusal.next_step, at)
    return None


def _asked_besides(message: m.Message) -> Iterator[tuple[Actor, Action, Subject]]:
    """Whoever breaks somebody needs a right over whom he breaks, besides that over what he deploys."""
    if isinstance(message, m.StartChange) and message.breaks:
        yield message.by, Action.BREAK, Subject(envers=message.breaks)


def raise_refusal(answer: Sequence[e.Event]) -> None:
    """For who asked.

    Raises:
        NotTheApprover, NotAllowed
    """
    for event in answer:
        if isinstance(event, e.Denied):
            kind = NotTheApprover if event.action is Action.ANSWER else NotAllowed
            raise kind(event.reason, next_step=event.next_step)


def _asked(state: State, graph: Graph | None, message: m.Message, at: float) -> tuple[Actor, Action, Subject] | None:
    """Who asks for what; None where odmd, or an agent whose claim is looked at, tells what happened."""
    match message:
        case m.StartChange(by=by):
            return by, Action.CHANGE, Subject(envers=_begun_by(state, message))
        case m.CancelRun(run, by):
            return by, Action.CANCEL, Subject(f"run {run}", state.runs[run].enver if run in state.runs else "")
        case m.Answer() | m.AskAgain() | m.Delegate() | m.EndDelegation():
            return _asked_of_gates(state, message, at)
        case m.PauseScope(scope, by):
            return by, Action.PAUSE, Subject(scope, envers=within(scope, graph.envers.values() if graph else ()))
        case m.ResumeScope(scope, by):
            return by, Action.RESUME, Subject(scope, envers=within(scope, graph.envers.values() if graph else ()))
        case m.HoldAnswer(holds) if holds:
            hold = holds[0][1]
            return hold.by, Action.HOLD_ANSWER, Subject(envers=tuple(enver for enver, _ in holds))
        case m.DropHold(enver, by):
            return by, Action.HOLD_ANSWER, Subject(enver=enver)
        case m.PinEnver() | m.ReleaseEnver() | m.VerifyEnver() | m.ReportDrift() | m.AcceptDrift():
            return _asked_of_one(message)
        case m.DeclareClones() | m.KeepClones() | m.EndClones():
            return message.by, Action.CLONE, Subject(envers=_cloned(state, message))
        case m.ChangePolicies(by=by) | m.Recover(by=by):
            return by, Action.RECOVER if isinstance(message, m.Recover) else Action.CHANGE_POLICIES, Subject()
        case _:
            return None


def _asked_of_one(
    message: m.PinEnver | m.ReleaseEnver | m.VerifyEnver | m.ReportDrift | m.AcceptDrift,
) -> tuple[Actor, Action, Subject]:
    subject = Subject(enver=message.enver)
    match message:
        case m.PinEnver(pin=pin):
            return pin.by, Action.ROLL_BACK, subject
        case m.ReleaseEnver(by=by):
            return by, Action.RELEASE, subject
        case m.VerifyEnver(by=by):
            return by, Action.VERIFY, subject
        case m.ReportDrift(by=by):
            return by, Action.REPORT_DRIFT, subject
        case m.AcceptDrift(by=by):
            return by, Action.ACCEPT_DRIFT, subject


def _asked_of_gates(
    state: State, message: m.Answer | m.AskAgain | m.Delegate | m.EndDelegation, at: float
) -> tuple[Actor, Action, Subject]:
    match message:
        case m.Answer():
            return message.by, Action.ANSWER, _answered(state, message, at)
        case m.AskAgain(enver, by=by):
            return by, Action.CHANGE, Subject(enver=enver)
        case m.Delegate(one):
            return one.by, Action.DELEGATE, Subject(f"answers for {one.team}", whose=one.team)
        case m.EndDelegation(to, team, by):
            return by, Action.DELEGATE, Subject(f"answers for {team}", whose=None if to == by.name else team)


def still_good(graph: Graph, state: State, answer: m.Answer, offer: OpenQuestion) -> tuple[Consent, ...]:
    """Who said yes before and might do so still: contracts, teams, policies and delegations may have changed since."""
    return tuple(
        [
            one
            for one in offer.given
            if not may(one.by, Action.ANSWER, _answered(state, replace(answer, by=one.by), one.at), graph)
        ]
    )


def _answered(state: State, answer: m.Answer, at: float) -> Subject:
    enver = state.envers.get(answer.enver)
    offer = enver.offers.get(answer.input) if enver else None
    for_others = delegated(state.standing.delegations.values(), answer.by.name, at)
    return Subject(
        asked(answer.input, offer.content) if offer else "",
        answer.enver,
        answer.input,
        offer,
        authors=answer.authors,
        approves=answer.approved,
        at=at,
        delegated=tuple(for_others),
    )


def _cloned(state: State, message: m.DeclareClones | m.KeepClones | m.EndClones) -> tuple[str, ...]:
    """Whose clones it is about."""
    kept = state.clones.get(message.clones) if not isinstance(message, m.DeclareClones) else message
    return tuple(one.origin for one in kept.set.clones) if kept else ()


def _begun_by(state: State, change: m.StartChange) -> tuple[str, ...]:
    """Where a change begins. What follows from it over wires is the contracts' to say, and nobody's to allow again; nor
    is that clones go whose end somebody was allowed to say."""
    told = (head.enver for head in (*change.heads, *change.follow))
    found = dict.fromkeys((*told, *change.retry, *change.moved, *change.remove, *change.clear, *change.look_up))
    ended = {one for one in change.remove if (first := state.clones_of.get(one)) and state.clones[first].ended}
    return tuple([one for one in found if one not in change.for_clones and one not in ended])
