"""The inputs an enver should have now, and what follows from comparing them with those deployed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import RunInput, Value
from odmd.graph import WireEdge
from odmd.plan import Fingerprint
from odmd.plan.editions import is_earlier, leading_to
from odmd.plan.fingerprint import same_source
from odmd.plan.reasons import Moved, reasons
from odmd.plan.wiring import Wiring


def desired_inputs(wiring: Wiring, state: State, enver: Enver) -> tuple[RunInput, ...] | None:
    """What each wire lets in, sorted by name; None while one lets in nothing."""
    if enver.pin is not None:
        return enver.pin.inputs
    if is_of_earlier_contracts(wiring, enver):
        return tuple([_still(wiring, state, enver, given) for given in enver.consumed])
    found: list[RunInput] = []
    for wire, latch in wiring.inputs[enver.address]:
        given = enver.picked.get(wire.name) if latch else newest(state, wire)
        if given is None:
            if wire.placeholder is None:
                return None
            given = RunInput(wire.name, wire.product, 0, wire.placeholder, wire.placeholder)
        found.append(given)
    return tuple(found)


def is_of_earlier_contracts(wiring: Wiring, enver: Enver) -> bool:
    """Whether it should run under a slice that is not today's, by which it has its inputs: their names are its own."""
    return is_earlier(wiring, enver.address, enver.slice, enver.consumed_under)


def _still(wiring: Wiring, state: State, enver: Enver, given: RunInput) -> RunInput:
    """What a wire of today lets in of the same product, under the name of then; where there is none, all stays."""
    if (found := leading_to(wiring, enver.address, given.name, given.product)) is None:
        return given
    wire, latch = found
    now = (enver.picked.get(wire.name) if latch else newest(state, wire)) or given
    return replace(now, name=given.name)


def let_in_by_latches(wiring: Wiring, enver: Enver) -> dict[str, RunInput]:
    """What the latches of an edition let in: a wire that became one starts with what the enver runs with, and what
    other wires let in is forgotten."""
    runs_with = {given.name: given for given in enver.consumed if given.version}
    before = {**runs_with, **enver.picked}
    latches = {wire.name: wire.product for wire, latch in wiring.inputs[enver.address] if latch}
    return {
        name: before[name] for name, product in latches.items() if name in before and before[name].product == product
    }


def newest(state: State, wire: WireEdge) -> RunInput | None:
    """The current value that a wire leads to, if there is one."""
    value = state.current(wire.product)
    return None if value is None else handed(wire, value)


def handed(wire: WireEdge, value: Value) -> RunInput:
    """A value as a wire hands it over."""
    return RunInput(wire.name, wire.product, value.version, value.text, value.identity)


def fingerprint(enver: Enver, inputs: tuple[RunInput, ...]) -> Fingerprint:
    """Head, contract and inputs by content."""
    values = tuple([(given.name, given.identity) for given in inputs])
    made_of = enver.commit, enver.slice, values, enver.content
    return Fingerprint(*made_of, enver.subject, enver.lookups, enver.settings, enver.author)


def desired(wiring: Wiring, state: State, enver: Enver) -> Fingerprint | None:
    """The fingerprint that an enver should run; None while it has no head or lacks an input."""
    if enver.pin is not None:
        return enver.pin.fingerprint
    if not enver.commit or enver.address not in wiring.inputs:
        return None
    if is_of_earlier_contracts(wiring, enver):
        return fingerprint(enver, desired_inputs(wiring, state, enver) or ())
    if (values := _desired_values(wiring, state, enver)) is None:
        return None
    made_of = enver.commit, enver.slice, values, enver.content
    return Fingerprint(*made_of, lookups=enver.lookups, settings=enver.settings)


def runs_what_it_should(wiring: Wiring, state: State, enver: Enver) -> bool:
    """Whether what surely runs is what is desired. Asked of everybody whom a wave reaches: no fingerprint is made."""
    runs = enver.sure
    if runs is None or enver.pin is not None or is_of_earlier_contracts(wiring, enver):
        return runs is not None and desired(wiring, state, enver) == runs
    if not enver.commit or enver.address not in wiring.inputs:
        return False
    if (enver.slice, enver.lookups, enver.settings) != (runs.slice, runs.lookups, runs.settings):
        return False
    source = same_source((enver.commit, enver.content), (runs.commit, runs.content))
    return source and _desired_values(wiring, state, enver) == runs.values


def _desired_values(wiring: Wiring, state: State, enver: Enver) -> tuple[tuple[str, str], ...] | None:
    """By content, as `desired_inputs`; None while an input is lacking."""
    values: list[tuple[str, str]] = []
    for wire, latch in wiring.inputs[enver.address]:
        given = enver.picked.get(wire.name) if latch else state.current(wire.product)
        identity = wire.placeholder if given is None else given.identity
        if identity is None:
            return None
        values.append((wire.name, identity))
    return tuple(values)


def promotion(enver: Enver, source: str, slice: str) -> str:
    """The identity of a promotion: the source, and the slice of the contracts where that moves, too."""
    return source if enver.slice in ("", slice) else f"{source} {slice}"


def lacking(wiring: Wiring, state: State, enver: Enver) -> Iterator[tuple[WireEdge, bool]]:
    """The wires that let in nothing yet, and whether that is for want of an approval."""
    if enver.address in wiring.inputs and is_of_earlier_contracts(wiring, enver):
        return
    for wire, latch in wiring.inputs.get(enver.address, ()):
        given = enver.picked.get(wire.name) if latch else newest(state, wire)
        if given is None and wire.placeholder is None:
            yield wire, latch and newest(state, wire) is not None


def run_mode(enver: Enver, wanted: Fingerprint) -> tuple[RunMode, str | None]:
    """How the run gets its template, and the stored recipe that has it.

    Values only: against what surely runs, never after an unclean end.
    """
    if enver.sure is None:
        return RunMode.FULL, enver.recipe
    if enver.recipe is not None and wanted.differs_only_live(enver.sure):
        return RunMode.LIVE, enver.recipe
    if enver.pin is not None and enver.pin.recipe is not None:
        return RunMode.VALUES, enver.pin.recipe
    if enver.recipe is not None and wanted.differs_only_in_values(enver.sure):
        return RunMode.VALUES, enver.recipe
    return RunMode.FULL, enver.recipe


def run_reasons(enver: Enver, inputs: tuple[RunInput, ...]) -> Iterator[str]:
    """Why the enver is deployed with these inputs."""
    if enver.pin is not None:
        yield f"pinned to run {enver.pin.run} by {enver.pin.by}{f': {enver.pin.why}' if enver.pin.why else ''}"
        return
    consumed = {given.name: given for given in enver.consumed}
    moved = [
        Moved(given.name, consumed[given.name].version, given.version)
        for given in inputs
        if given.name in consumed and consumed[given.name].identity != given.identity
    ]
    wanted = fingerprint(enver, ())
    yield from reasons(enver.sure, enver.unknown, wanted, moved, enver.drifted)
