"""Decisions of people and of the scheduler in words; runs and values have their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from odmd.control.reading.explain import asks, scope_label
from odmd.control.scheduler import events as e
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.questions import AboutInput, AboutLoss, AboutLost, AboutSource, Question
from odmd.model import naming
from odmd.plan.words import clock, product_label


def words(event: e.Event) -> str:
    """One line for people; nothing for what `Live` shows in its own way."""
    return _of_latches(event) or _of_holding(event)


def _of_latches(event: e.Event) -> str:
    """What is asked, let in, promoted or settled."""
    label = naming.enver_label
    match event:
        case e.Offered(enver, question, offer):
            return f"{label(enver)}: {asks(question, offer)}"
        case e.Approved(_, enver, question, by, why):
            return f"{label(enver)}: {_what(question)} was approved by {by}{f': {inert(why)}' if why else ''}"
        case e.Rejected(enver, question, by, why):
            return f"{label(enver)}: {_what(question)} was rejected by {by}{f': {inert(why)}' if why else ''}"
        case e.Promoted(_, enver, content):
            return f"{label(enver)} follows {label(content.product)} to {content.text[:7]}"
        case e.Denied(by, action, _, reason):
            return f"{by} may not {action.value}: {reason}"
        case e.ValueWithdrawn(product, version):
            return f"{product_label(product)} #{version} is withdrawn: it goes once nobody runs with it"
        case e.PassStarted(_, _, number, moved):
            return f"settling pass {number}: " + ", ".join(f"{label(enver)} {given.name}" for enver, given in moved)
        case e.DidNotSettle(_, moved):
            return f"a cycle does not settle: {', '.join(_moved(moved))} still moved after its last pass"
        case _:
            return ""


def _of_holding(event: e.Event) -> str:
    """What is paused, pinned, drifted or removed."""
    label = naming.enver_label
    match event:
        case e.Paused(scope, pause):
            return f"{scope_label(scope)} is paused{f' until {clock(pause.until)}' if pause.until else ''}"
        case e.Resumed(scope):
            return f"{scope_label(scope)} goes on"
        case e.Pinned(_, enver, pin):
            return f"{label(enver)} is held at run {pin.run}"
        case e.Released(_, enver):
            return f"{label(enver)} follows its inputs again"
        case e.Drifted(_, enver, what):
            return f"{label(enver)} is not what was deployed: {what}"
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
        case e.HoldDropped(enver, by):
            return f"that {label(enver)} can be deployed is held no longer, says {by}"
        case e.CancelAsked(run, by):
            return f"run {run} is cancelled by {by}, if nothing moved yet"
        case e.RunLost(run, why):
            return f"run {run} waits for another worker: {why}"
        case e.VerificationAsked(enver, by):
            return f"{label(enver)} is verified again for {by}"
        case e.Retried(enver):
            return f"{naming.enver_label(enver)} is tried again"
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
        case _:
            assert_never(question)


def _moved(moved: tuple[str, ...]) -> list[str]:
    return [f"{naming.enver_label(enver)} {name}" for enver, _, name in (one.partition(" ") for one in moved)]
