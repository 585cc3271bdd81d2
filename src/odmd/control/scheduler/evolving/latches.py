"""Questions were asked and answered, and what was let in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.envers import Consent, Departure, Enver, OpenQuestion
from odmd.control.scheduler.evolving.touching import lease, touch
from odmd.control.scheduler.evolving.waves import mark, own_wave
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.questions import (
    SOURCE,
    AboutChanges,
    AboutInput,
    AboutLoss,
    AboutLost,
    AboutSource,
    Question,
)
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import RunInput
from odmd.model import naming
from odmd.plan.commits import Author
from odmd.plan.wiring import Wiring

_Asking = e.Offered | e.Consented | e.Reminded | e.Escalated | e.Expired | e.AskedAgain


def latch_moved(wiring: Wiring, state: State, event: _Asking | e.Approved | e.Rejected | e.Promoted) -> None:
    """Somebody was asked, or answered; what is let in opens a wave at its enver."""
    enver = touch(state, event.enver)
    state.agenda.latches[event.enver] = None
    match event:
        case e.Approved() | e.Rejected() | e.Promoted():
            _answered(wiring, state, enver, event)
        case _:
            _asked(enver, event)
    state.note_questions(enver)
    lease(state, enver)


def _asked(enver: Enver, event: _Asking) -> None:
    """What is open, and how it stands."""
    match event:
        case e.Offered():
            enver.offers = {**enver.offers, event.input: event.offer}
        case e.Expired():
            offer = _close(enver, event.input)
            enver.rejected = {**enver.rejected, event.input: offer.content.identity}
        case e.AskedAgain():
            enver.rejected = {other: identity for other, identity in enver.rejected.items() if other != event.input}
        case e.Consented() | e.Reminded() | e.Escalated():
            offer = enver.offers[event.input]
            enver.offers = {**enver.offers, event.input: _moved_on(offer, event)}


def _moved_on(offer: OpenQuestion, event: e.Consented | e.Reminded | e.Escalated) -> OpenQuestion:
    match event:
        case e.Consented():
            return replace(offer, given=(*offer.given, event.consent))
        case e.Reminded():
            return replace(offer, reminded=event.at)
        case e.Escalated():
            return replace(offer, escalated=event.team, escalates=0.0)


def _answered(wiring: Wiring, state: State, enver: Enver, event: e.Approved | e.Rejected | e.Promoted) -> None:
    match event:
        case e.Rejected():
            offer = _close(enver, event.input)
            enver.rejected = {**enver.rejected, event.input: offer.content.identity}
        case e.Approved():
            offer = _close(enver, event.input)
            _let_in(wiring, state, enver, event.input, offer.content)
            state.note_leftovers(enver)
            wave = own_wave(event, _approved(event.input, offer.content), event.by)
            wave.why = inert("; ".join(_said(event)))
            mark(wiring, state, wave, root=offer.root or event.wave)
        case e.Promoted():
            if enver.follows is not None:
                enver.settings = enver.follows.settings
            _let_in(wiring, state, enver, SOURCE, event.content)
            cause = f"{naming.enver_label(event.content.product)} runs {naming.short_commit(event.content.text)}"
            mark(wiring, state, own_wave(event, cause, ODMD), root=event.root or event.wave)


def _said(event: e.Approved) -> Iterator[str]:
    """Why it was let in; of several, and of who answered for others, by whom."""
    if not (event.given or event.delegated):
        yield event.why
        return
    last = Consent(event.by, event.why, event.at, event.delegated)
    for one in (*event.given, last):
        for_others = f", {one.delegated}" if one.delegated else ""
        yield f"{one.by}{for_others}{f': {one.why}' if one.why else ''}"


def _close(enver: Enver, question: Question) -> OpenQuestion:
    """Takes the question back, and the answer to the one before."""
    offer = enver.offers[question]
    enver.offers = {other: open for other, open in enver.offers.items() if other != question}
    enver.rejected = {other: identity for other, identity in enver.rejected.items() if other != question}
    return offer


def _approved(question: Question, content: RunInput) -> str:
    match question:
        case AboutInput(name):
            return f"{name} #{content.version} approved"
        case AboutSource():
            return f"{naming.short_commit(content.text)} approved"
        case AboutLoss():
            return "loss of data approved"
        case AboutLost():
            return "let go of, with what may still be there"
        case AboutChanges():
            return "changes approved"
        case _:
            assert_never(question)


def _let_in(wiring: Wiring, state: State, enver: Enver, question: Question, content: RunInput) -> None:
    match question:
        case AboutInput(name):
            enver.picked = {**enver.picked, name: content}
        case AboutSource():
            enver.commit, enver.slice, enver.follows = content.text, wiring.graph.slice(enver.address), None
            source = content.identity.partition(" ")[0]
            enver.content = source if source != content.text else ""
            enver.subject, enver.author = _said_at(state.envers.get(content.product), content.text)
        case AboutLoss() | AboutLost() | AboutChanges():
            enver.allowed, enver.failed, enver.retry_at = content.identity, None, None
            if enver.departure is not None:
                enver.departure = Departure(enver.departure.by, shown=enver.departure.shown)
            enver.units = enver.units.again()
        case _:
            assert_never(question)


def _said_at(origin: Enver | None, commit: str) -> tuple[str, Author | None]:
    """What a commit says of itself, if its origin still runs it."""
    runs = origin.deployed if origin else None
    return (runs.subject, runs.author) if runs and runs.commit == commit else ("", None)
