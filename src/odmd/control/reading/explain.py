"""Why an enver that owes a wave does not run: in words, for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from odmd.control.reading.views import HeldAnswerView
from odmd.control.scheduler.envers import Enver, OpenQuestion
from odmd.control.scheduler.inputs import desired, lacking
from odmd.control.scheduler.questions import CHANGES, LOSS, LOST, Question, asked, asked_first
from odmd.control.scheduler.ready import scopes
from odmd.control.scheduler.state import Pause, State
from odmd.control.scheduler.units import Leftover
from odmd.graph.paused import EVERYTHING, group_of
from odmd.model import naming
from odmd.plan.wiring import Wiring
from odmd.plan.words import clock, short


def held_by(wiring: Wiring, state: State, enver: Enver) -> tuple[str, ...]:
    """Who or what is in its way, and what it lacks; empty when nothing is, or when it owes nothing."""
    if enver.run is not None or not enver.owes:
        return ()
    if enver.failed is not None and (question := asked_first(enver.offers)) is not None:
        return (asks(question, enver.offers[question]),)
    if enver.failed is not None and desired(wiring, state, enver) == enver.failed:
        again = f", it is tried again at {clock(enver.retry_at)}" if enver.retry_at else ""
        return (f"its last run with these inputs failed{again}",)
    return (*_pauses(wiring, state, enver), *_lacks(wiring, state, enver), *_waits(wiring, state, enver))


def leftovers(left: Iterable[Leftover]) -> Iterator[str]:
    """The units that left an enver's app and are there still, in words."""
    for one in left:
        yield f"{one.unit} left its app and is there still: {one.why or 'it is to be removed'}"


def asks(question: Question, offer: OpenQuestion) -> str:
    """An open question, and to whom."""
    by = f"team {offer.gate}" if offer.gate else "somebody"
    so_far = f", as {' and '.join(one.by.name for one in offer.given)} did" if offer.given else ""
    until = f", until {clock(offer.expires)}" if offer.expires else ""
    return f"{asked(question, offer.content)} waits for {by} to approve it{so_far}{until}"


def how_to_answer(label: str, question: Question) -> str:
    """What people type to answer a question of an enver."""
    if question == LOSS:
        return f"`odmd approve {label} data` lets it happen, `odmd reject {label} data` does not"
    if question == CHANGES:
        return f"`odmd approve {label} changes` lets them happen, `odmd reject {label} changes` does not"
    if question == LOST:
        return f"`odmd apply` tries it again; `odmd approve {label} lost` lets go of it, with what may still be there"
    return f"`odmd approve {label}` lets it in, `odmd reject {label}` keeps it out"


def held_answer(answer: HeldAnswerView) -> str:
    """For whom it can be deployed, and how long."""
    what = f"at {short(answer.commit)}" if answer.commit else "as the contracts say"
    return f"{answer.by} holds the answer that it can be deployed {what}, until {clock(answer.until)}"


def scope_label(scope: str) -> str:
    """A pause's scope for people."""
    if scope == EVERYTHING:
        return "everything"
    return f"{group.sort} {group.name}" if (group := group_of(scope)) else naming.enver_label(scope)


def as_typed(scope: str) -> str:
    """A pause's scope for `odmd resume`."""
    if scope == EVERYTHING:
        return "--all"
    return f"--{group.sort} {shlex.quote(group.name)}" if (group := group_of(scope)) else naming.enver_label(scope)


def paused_by(enver: str, scope: str, pause: Pause) -> str:
    """Who paused what an enver is in, for how long and why."""
    what = "" if scope == enver else f"{scope_label(scope)} is "
    until = f" until {clock(pause.until)}" if pause.until else ""
    why = f": {pause.why}" if pause.why else ""
    return f"{what}paused by {pause.by}{until}{why}"


def _pauses(wiring: Wiring, state: State, enver: Enver) -> Iterator[str]:
    for scope in scopes(wiring, enver.address):
        if (pause := state.standing.pauses.get(scope)) is not None:
            yield paused_by(enver.address, scope, pause)


def _lacks(wiring: Wiring, state: State, enver: Enver) -> Iterator[str]:
    if not enver.commit and enver.address in wiring.inputs:
        yield "nothing was promoted to it yet"
    for wire, for_want_of_approval in lacking(wiring, state, enver):
        product = naming.product_label(wire.product)
        if for_want_of_approval:
            yield f"{wire.name}: {product} was not approved yet"
        else:
            yield f"{wire.name}: {product} was never published"


def _waits(wiring: Wiring, state: State, enver: Enver) -> Iterator[str]:
    for other in wiring.upstream.get(enver.address, ()):
        if other in state.owing and state.envers[other].owes & enver.owes:
            yield f"waits for {naming.enver_label(other)}"
