"""Entities that an event changes are noted as it changes them; and which values an enver holds."""

from __future__ import annotations

from collections.abc import Sequence

from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.questions import FIRST, AboutInput, asked_first
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import RunInput, Value, ValueRef


def forget_loss(state: State, enver: Enver) -> None:
    """What an earlier run would have destroyed is no question any more; what left the app is asked about again."""
    if asked_first(enver.offers) is not None:
        enver.offers = {question: offer for question, offer in enver.offers.items() if question not in FIRST}
        enver.units = enver.units.again()
        state.note_leftovers(enver)


def lease(state: State, enver: Enver) -> None:
    """Values stay while an enver may run with them, was let have them, or asks for them."""
    asked = [offer.content for question, offer in enver.offers.items() if isinstance(question, AboutInput)]
    refs = enver.runs_with | refs_of((*enver.picked.values(), *asked)) | refs_of(enver.pin.inputs if enver.pin else ())
    for ref in refs - enver.leases:
        state.leased.setdefault(ref, set()).add(enver.address)
        if (value := state.value(ref)) is not None and value.retire_at is not None:
            touch_value(state, ref).retire_at = None
    for ref in enver.leases - refs:
        holders = state.leased[ref]
        holders.discard(enver.address)
        if not holders:
            del state.leased[ref]
            state.agenda.values[ref] = None
    enver.leases = refs


def refs_of(inputs: Sequence[RunInput]) -> frozenset[ValueRef]:
    """Those that were published; placeholders were not."""
    return frozenset([given.ref for given in inputs if given.version])


def touch(state: State, address: str) -> Enver:
    """The enver, made where it is not recorded yet; noted as changed."""
    enver = state.envers.get(address)
    if enver is None:
        enver = state.envers[address] = Enver(address)
    state.dirty.envers[address] = enver
    state.agenda.envers[address] = None
    return enver


def touch_run(state: State, id: int) -> Run:
    """The run, noted as changed."""
    run = state.dirty.runs[id] = state.runs[id]
    return run


def touch_value(state: State, ref: ValueRef) -> Value:
    """The value, noted as changed.

    Raises:
        LookupError: it is retired.
    """
    value = state.value(ref)
    if value is None:
        raise LookupError(f"{ref.product} #{ref.version} is not live")
    state.dirty.values[ref] = value
    return value
