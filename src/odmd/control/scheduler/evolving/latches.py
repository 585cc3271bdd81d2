"""Questions were asked and answered, and what was let in."""

from __future__ import annotations

from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.envers import Departure, Enver, OpenQuestion
from odmd.control.scheduler.evolving.touching import lease, touch
from odmd.control.scheduler.evolving.waves import mark, own_wave
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.questions import SOURCE, AboutInput, AboutLoss, AboutLost, AboutSource, Question
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import RunInput
from odmd.model import naming
from odmd.plan.wiring import Wiring


def latch_moved(wiring: Wiring, state: State, event: e.Offered | e.Approved | e.Rejected | e.Promoted) -> None:
    """Somebody was asked, or answered; what is let in opens a wave at its enver."""
    enver = touch(state, event.enver)
    state.agenda.latches[event.enver] = None
    match event:
        case e.Offered():
            enver.offers = {**enver.offers, event.input: event.offer}
        case e.Rejected():
            offer = _close(enver, event.input)
            enver.rejected = {**enver.rejected, event.input: offer.content.identity}
        case e.Approved():
            offer = _close(enver, event.input)
            _let_in(wiring, state, enver, event.input, offer.content)
            state.note_leftovers(enver)
            wave = own_wave(event, _approved(event.input, offer.content), event.by)
            wave.why = inert(event.why)
            mark(wiring, state, wave, root=offer.root or event.wave)
        case e.Promoted():
            if enver.follows is not None:
                enver.settings = enver.follows.settings
            _let_in(wiring, state, enver, SOURCE, event.content)
            cause = f"{naming.enver_label(event.content.product)} runs {event.content.text[:7]}"
            mark(wiring, state, own_wave(event, cause, ODMD), root=event.root or event.wave)
    lease(state, enver)


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
            return f"{content.text[:7]} approved"
        case AboutLoss():
            return "loss of data approved"
        case AboutLost():
            return "let go of, with what may still be there"
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
            enver.subject = _subject_at(state.envers.get(content.product), content.text)
        case AboutLoss() | AboutLost():
            enver.allowed, enver.failed, enver.retry_at = content.identity, None, None
            if enver.departure is not None:
                enver.departure = Departure(enver.departure.by, shown=enver.departure.shown)
            enver.units = enver.units.again()
        case _:
            assert_never(question)


def _subject_at(origin: Enver | None, commit: str) -> str:
    """What a commit says of itself, if its origin still runs it."""
    runs = origin.deployed if origin else None
    return runs.subject if runs and runs.commit == commit else ""
