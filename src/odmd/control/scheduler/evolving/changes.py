"""Contracts and changes came, or took the place of others; and cycles go around again."""

from __future__ import annotations

from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.agenda import Agenda
from odmd.control.scheduler.envers import Enver, Following, OpenQuestion
from odmd.control.scheduler.evolving.touching import forget_loss, lease, touch
from odmd.control.scheduler.evolving.waves import mark, settle
from odmd.control.scheduler.inputs import let_in_by_latches, promotion
from odmd.control.scheduler.questions import AboutChanges, AboutInput, AboutLoss, AboutLost, AboutSource, Question
from odmd.control.scheduler.state import Settling, State, Wave
from odmd.plan.settings import NO_SETTINGS
from odmd.plan.wiring import Wiring, promoted_from


def contracts_changed(wiring: Wiring, state: State, event: e.ContractsChanged) -> None:
    """Other contracts are in force: what they declare differently holds from here on."""
    state.standing.contracts, state.standing.observed, state.standing.settling = event.contracts, event.observed, {}
    state.standing.stages = wiring.graph.stages
    state.dirty.standing = True
    for address, enver in list(state.envers.items()):
        if address in wiring.inputs:
            _declared(wiring, state, enver)
        else:
            _undeclared(wiring, state, touch(state, address), event.at)
    state.agenda = Agenda(everything=True)


def _declared(wiring: Wiring, state: State, enver: Enver) -> None:
    """What its latches let in, and what it asks, is by these contracts; nothing is noted of one that stays as it is."""
    asks = enver.address in wiring.asking
    offers = {
        question: offer
        for question, offer in enver.offers.items()
        if _is_asked_still(wiring, enver, question, offer, asks=asks)
    }
    picked, leaves = let_in_by_latches(wiring, enver), enver.departure
    comes_back = leaves is not None and not leaves.under_way
    if (picked, offers) == (enver.picked, enver.offers) and not comes_back:
        return
    enver = touch(state, enver.address)
    enver.picked, enver.offers = picked, offers
    if comes_back:  # units that are being removed already go all the same, and are made anew
        enver.departure = None
        state.leaving.pop(enver.address)
    lease(state, enver)


def _undeclared(wiring: Wiring, state: State, enver: Enver, at: float) -> None:
    """It left: it is asked nothing, and goes no further."""
    enver.retry_at = None
    if enver.departure is None:
        forget_loss(state, enver)
        enver.offers = {}
    settle(wiring, state, enver, enver.owes, at)
    lease(state, enver)


def _is_asked_still(wiring: Wiring, enver: Enver, question: Question, offer: OpenQuestion, *, asks: bool) -> bool:
    """Whether a question is the same under these contracts; `asks`: they have it ask about what comes in at all."""
    match question:
        case AboutInput(name):
            latches = {wire.name: wire.product for wire, latch in wiring.inputs[enver.address] if latch}
            return asks and latches.get(name) == offer.content.product
        case AboutSource():
            source = offer.content.identity.partition(" ")[0]
            return asks and offer.content.identity == promotion(enver, source, wiring.graph.slice(enver.address))
        case AboutLoss() | AboutChanges():
            return True
        case AboutLost():
            return enver.departure is None
        case _:
            assert_never(question)


def change_began_or_ended(wiring: Wiring, state: State, event: e.ChangeAccepted | e.ChangesEnded) -> None:
    """A change opened a wave, or takes the place of what earlier ones still owe."""
    if isinstance(event, e.ChangesEnded):
        _changes_ended(wiring, state, event)
    else:
        _change_accepted(wiring, state, event)


def _change_accepted(wiring: Wiring, state: State, event: e.ChangeAccepted) -> None:
    for head in event.heads:
        enver = touch(state, head.enver)
        if head.commit:
            enver.commit, enver.content = head.commit, head.content
            enver.subject, enver.author = head.subject, head.author
        enver.slice, enver.settings = head.slice, head.settings
        enver.observed = max(enver.observed, head.observed)
    for head in event.follow:
        touch(state, head.enver).follows = Following(head.commit, head.slice, head.content, head.settings)
        state.agenda.latches[head.enver] = None
    for address in event.look_up:
        touch(state, address).lookups = ()
    for address in event.retried:
        enver = touch(state, address)
        enver.failed, enver.retry_at, enver.retries = None, None, 0
    sourced = (head.enver for head in event.heads if state.envers[head.enver].commit)
    roots = tuple(dict.fromkeys((*sourced, *event.retried)))
    wave = Wave(event.wave, event.cause, event.by, event.at, event.plan, roots, interactive=event.interactive)
    mark(wiring, state, wave, root=event.root or event.wave)


def _changes_ended(wiring: Wiring, state: State, event: e.ChangesEnded) -> None:
    for address in list(state.owing):
        enver = touch(state, address)
        enver.retry_at = None
        _forget_what_it_was_told(wiring, enver)
        settle(wiring, state, enver, enver.owes, event.at)
    for address in wiring.asking:
        if address in state.envers and state.envers[address].follows is not None:
            touch(state, address).follows = None


def _forget_what_it_was_told(wiring: Wiring, enver: Enver) -> None:
    """Unless it begins already, or somebody approved it: then that stands."""
    declared = wiring.graph.envers.get(enver.address)
    if enver.run is not None or enver.unknown:
        return
    runs = enver.deployed
    if declared is not None and promoted_from(declared):
        enver.settings = runs.settings if runs else enver.settings
        return
    enver.commit, enver.slice, enver.content = (runs.commit, runs.slice, runs.content) if runs else ("", "", "")
    enver.subject, enver.author = (runs.subject, runs.author) if runs else ("", None)
    enver.lookups, enver.settings = (runs.lookups, runs.settings) if runs else (enver.lookups, NO_SETTINGS)


def cycle_went_on(wiring: Wiring, state: State, event: e.PassStarted | e.DidNotSettle) -> None:
    """A cycle goes around once more, or is left as it is."""
    state.dirty.standing = True
    state.agenda.cycles[event.cycle] = None
    before = state.standing.settling.get(event.cycle, Settling(0))
    if isinstance(event, e.DidNotSettle):
        state.standing.settling[event.cycle] = Settling(before.root, before.passes, event.moved)
        return
    state.standing.settling[event.cycle] = Settling(before.root, event.number)
    for address, given in event.moved:
        enver = touch(state, address)
        enver.picked = {**enver.picked, given.name: given}
        lease(state, enver)
    consumers = tuple(dict.fromkeys(address for address, _ in event.moved))
    wave = Wave(event.wave, f"settling pass {event.number}", ODMD, event.at, "", consumers, interactive=False)
    mark(wiring, state, wave, root=before.root)
