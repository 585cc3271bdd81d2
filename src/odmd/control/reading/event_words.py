"""Decisions of people and of the scheduler in words; runs and values have their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from odmd.control.reading.explain import asks, scope_label
from odmd.control.scheduler import events as e
from odmd.control.scheduler.drift import Deviation
from odmd.control.scheduler.inert import said
from odmd.control.scheduler.questions import (
    AboutChanges,
    AboutInput,
    AboutLoss,
    AboutLost,
    AboutSource,
    Question,
    asked,
)
from odmd.model import naming
from odmd.plan.words import clock
from odmd.texts import first_of

_NAMED: Final = 5


def words(event: e.Event) -> str:
    """One line for people; nothing for what `Live` shows in its own way."""
    return _of_latches(event) or _of_holding(event)


def _of_latches(event: e.Event) -> str:
    """What is asked, let in, promoted or settled."""
    label = naming.enver_label
    match event:
        case e.Offered(enver, question, offer):
            return f"{label(enver)}: {asks(question, offer)}"
        case e.Approved() | e.Consented() | e.Expired() | e.Reminded() | e.Escalated() | e.AskedAgain():
            return f"{label(event.enver)}: {_of_approvals(event)}"
        case e.Rejected(enver, question, by, why):
            return f"{label(enver)}: {_what(question)} was rejected by {by}{said(why)}"
        case e.Promoted(_, enver, content):
            return f"{label(enver)} follows {label(content.product)} to {naming.short_commit(content.text)}"
        case e.Denied(by, action, _, reason):
            return f"{by} may not {action.value}: {reason}"
        case e.ValueWithdrawn(product, version):
            return f"{naming.product_label(product)} #{version} is withdrawn: it goes once nobody runs with it"
        case e.PassStarted(_, _, number, moved):
            return f"settling pass {number}: " + ", ".join(f"{label(enver)} {given.name}" for enver, given in moved)
        case e.DidNotSettle(_, moved):
            return f"a cycle does not settle: {', '.join(_moved(moved))} still moved after its last pass"
        case _:
            return ""


def _of_approvals(
    event: e.Approved | e.Consented | e.Expired | e.Reminded | e.Escalated | e.AskedAgain,
) -> str:
    """How the answer to a question comes about."""
    what = _what(event.input)
    match event:
        case e.Approved(by=by, why=why, given=given):
            several = f"{', '.join(one.by.name for one in given)} and {by}" if given else f"{by}"
            return f"{what} was approved by {several}{said(why)}"
        case e.Consented(consent=one, lacking=lacking):
            return f"{one.by} says yes to {what}{said(one.why)}; {lacking} more to go"
        case e.Expired(offer=offer):
            return f"{asked(event.input, offer.content)} was not answered in time, and stays out"
        case e.Reminded():
            return f"{what} waits still for an answer"
        case e.Escalated(team=team):
            return f"{what} waits still for an answer; team {team} may answer, too"
        case e.AskedAgain(by=by, why=why):
            return f"{what} is to be asked about again, says {by}{said(why)}"


def _of_holding(event: e.Event) -> str:
    """What is paused, pinned, drifted or removed."""
    label = naming.enver_label
    match event:
        case e.Paused() | e.Resumed() | e.Delegated() | e.DelegationEnded() | e.PoliciesChanged():
            return _of_standing(event)
        case e.Pinned(_, enver, pin):
            return f"{label(enver)} is held at run {pin.run}"
        case e.Released(_, enver, why=why):
            return f"{label(enver)} follows its inputs again{said(why)}"
        case e.Drifted(_, enver, what):
            return f"{label(enver)} is not what was deployed: {what}"
        case e.DriftSeen() | e.DriftAccepted():
            return _of_drift(event)
        case e.Recovered(first, by, why):
            return f"{by} says: {why}; numbers go on from {first}, and everything is paused"
        case e.RemovalAsked(enver, by):
            return f"{label(enver)} left the contracts: {by} removes it"
        case e.RemovalStarted(enver):
            return f"removing {label(enver)}"
        case e.RemovalFailed(enver, error):
            return f"{label(enver)} was not removed: {error}"
        case e.EnverRemoved(enver, left=left):
            gone = "let go of, and what may be left behind is " if left else "removed"
            return f"{label(enver)} is {gone}{'; '.join(left)}"
        case e.ClearanceStarted() | e.ClearanceEnded():
            return "; ".join(_of_leftovers(event))
        case _:
            return _of_runs(event)


def _of_drift(event: e.DriftSeen | e.DriftAccepted) -> str:
    """What differs from what was deployed, or no more, or may."""
    label = naming.enver_label(event.enver)
    if isinstance(event, e.DriftAccepted):
        until = f" until {clock(event.until)}" if event.until else ""
        return f"{label}: {_some(event.what)} may be so{until}, says {event.by}{said(event.why)}"
    found = f"{label} drifted: {_some(event.found)}" if event.found else ""
    ended = f"{label}: as it was deployed again: {_some(event.ended)}" if event.ended else ""
    return "; ".join(filter(None, (found, ended)))


def _some(what: Sequence[Deviation]) -> str:
    return first_of(list(dict.fromkeys(map(str, what))), _NAMED)


def _of_standing(event: e.Paused | e.Resumed | e.Delegated | e.DelegationEnded | e.PoliciesChanged) -> str:
    """What is so until somebody says otherwise."""
    match event:
        case e.Paused(scope, pause):
            return f"{scope_label(scope)} is paused{f' until {clock(pause.until)}' if pause.until else ''}"
        case e.Resumed(scope, why=why):
            return f"{scope_label(scope)} goes on{said(why)}"
        case e.Delegated(one):
            return f"{one.to} answers for team {one.team} until {clock(one.until)}, says {one.by}"
        case e.DelegationEnded(to, team, by):
            return f"{to} answers for team {team} no more, says {by}"
        case e.PoliciesChanged(by=by, gains=gains):
            return f"{by} changed who may do what: {'; '.join(gains)}"


def _of_clones(
    event: e.ClonesDeclared | e.ClonesKept | e.ClonesEndSoon | e.ClonesEnded | e.ClonesLeft | e.ClonesGone,
) -> str:
    """What comes and goes on demand."""
    label = naming.enver_label
    match event:
        case e.ClonesDeclared(set, by):
            envers = first_of([label(one) for one in set.addresses], _NAMED)
            return f"{envers}: made by {by}, {_until(event.until)}"
        case e.ClonesKept(by=by, why=why):
            return f"{_set(event)} stays {_until(event.until)}, says {by}{said(why)}"
        case e.ClonesEndSoon(clones, until):
            return f"{_set(event)} goes at {clock(until)}, as nobody uses it: `odmd clone extend {label(clones)}`"
        case e.ClonesEnded(by=by, why=why):
            return f"{_set(event)} is not to be there any more, says {by}{said(why)}"
        case e.ClonesLeft(envers=envers):
            return f"{first_of([label(one) for one in envers], _NAMED)}: the contracts' text declares it by now"
        case e.ClonesGone(left=left):
            return f"{_set(event)} is gone" + (f", but may have left {', '.join(left)}" if left else "")


def _set(event: e.ClonesKept | e.ClonesEndSoon | e.ClonesEnded | e.ClonesGone) -> str:
    others = first_of([naming.enver_label(one) for one in event.others], _NAMED)
    return f"{naming.enver_label(event.clones)} (with {others})" if others else naming.enver_label(event.clones)


def _until(until: float | None) -> str:
    return f"until {clock(until)} unless it is used" if until else "until somebody deletes it"


def _of_leftovers(event: e.ClearanceStarted | e.ClearanceEnded) -> Iterator[str]:
    """Units that left an app."""
    of = naming.enver_label(event.enver)
    if isinstance(event, e.ClearanceStarted):
        yield from (f"removing {one}, which left the app of {of}" for one in event.units)
        return
    yield from (f"{one} of {of} is removed" for one in event.removed if str(one) not in event.left)
    yield from (f"{one} of {of} is let go of, and may be left behind" for one in event.left)
    yield from (f"{one.unit} of {of} stays: {one.why}" for one in event.kept if one.why)


def _of_runs(event: e.Event) -> str:
    """What is cancelled, taken from a worker or verified or tried again, and whose deployment is waited for."""
    label = naming.enver_label
    match event:
        case e.AnswerHeld(enver, hold):
            return f"that {label(enver)} can be deployed is held for {hold.by} until {clock(hold.until)}"
        case e.HoldDropped(enver, by, why=why):
            return f"that {label(enver)} can be deployed is held no longer, says {by}{said(why)}"
        case (
            e.ClonesDeclared() | e.ClonesKept() | e.ClonesEndSoon() | e.ClonesEnded() | e.ClonesLeft() | e.ClonesGone()
        ):
            return _of_clones(event)
        case e.CancelAsked(run, by, why=why):
            return f"run {run} is cancelled by {by}, if nothing moved yet{said(why)}"
        case e.RunDispatched(run):
            return f"run {run} is given to a job of its repository"
        case e.JobStarted(run, job):
            return f"run {run} waits for its job: {job}"
        case e.RunPrepared(run):
            return f"run {run} is prepared, and waits for the job that deploys it"
        case e.RunLost(run, why):
            return f"run {run} waits for another worker: {why}"
        case e.VerificationAsked(enver, by, suite=suite):
            return f"{label(enver)} is verified {f'by {suite.label}' if suite else 'again'} for {by}"
        case e.Retried(enver):
            return f"{label(enver)} is tried again"
        case _:
            return ""


def _what(question: Question) -> str:
    match question:
        case AboutInput(name):
            return name
        case AboutSource():
            return "its new commit"
        case AboutLoss():
            return "the loss of data"
        case AboutLost():
            return "what nobody can look at"
        case AboutChanges():
            return "what its run would change"
        case _:
            assert_never(question)


def _moved(moved: tuple[str, ...]) -> list[str]:
    return [f"{naming.enver_label(enver)} {name}" for enver, _, name in (one.partition(" ") for one in moved)]
