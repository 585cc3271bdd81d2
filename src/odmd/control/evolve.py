"""`evolve`: what an event does to the state, in place. Deterministic: the same log gives the same state."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import assert_never

from odmd.control import events as e
from odmd.control.state import Enver, Run, RunInput, RunStatus, State, Value, ValueRef, ValueStatus, Wave
from odmd.graph import Graph


def evolve(graph: Graph, state: State, event: e.Event) -> None:
    """Moves the state over one event of the log."""
    match event:
        case e.ChangeAccepted():
            _change_accepted(graph, state, event)
        case e.RunStarted():
            _run_started(state, event)
        case e.RunClaimed():
            run = _touch_run(state, event.run)
            run.attempt, run.worker, run.status = event.attempt, event.worker, RunStatus.CLAIMED
        case e.ValuePublished():
            _value_published(state, event)
        case e.RunSucceeded():
            _run_succeeded(state, event)
        case e.RunFailed():
            _run_failed(state, event)
        case e.Settled():
            enver = _touch(state, event.enver)
            enver.settled, enver.failed, enver.failure = event.reason, None, ""
            _settle(state, enver, event.waves, event.at)
        case e.RetirementScheduled():
            _touch_value(state, ValueRef(event.product, event.version)).retire_at = event.due
        case e.RetirementStarted():
            value = _touch_value(state, ValueRef(event.product, event.version))
            value.status, value.retire_at = ValueStatus.RETIRING, None
            state.superseded.pop(value.ref, None)
        case e.ValueRetired():
            value = _touch_value(state, ValueRef(event.product, event.version))
            value.status, value.leftover = ValueStatus.RETIRED, event.leftover
            state.values[event.product].remove(value)
        case _:
            assert_never(event)
    state.position += 1


def _change_accepted(graph: Graph, state: State, event: e.ChangeAccepted) -> None:
    state.next_wave = event.wave + 1
    for head in event.heads:
        enver = _touch(state, head.enver)
        enver.commit, enver.contracts = head.commit, head.contracts
    for address in event.retried:
        _touch(state, address).failed = None
    roots = (*(head.enver for head in event.heads), *event.retried)
    wave = Wave(event.wave, event.cause, event.by, event.at, event.plan, roots)
    state.waves[wave.id] = state.dirty.waves[wave.id] = wave
    for address in _cone(graph, roots):
        enver = _touch(state, address)
        if not enver.owes:
            enver.since = event.at
        enver.owes |= {wave.id}
        state.owing[address] = None
        wave.open += 1


def _cone(graph: Graph, roots: Iterable[str]) -> Iterable[str]:
    """Everything that the roots reach over automatic wires; placeholders and gates end a wave."""
    reached = dict.fromkeys(root for root in roots if root in graph.envers)
    todo = deque(reached)
    while todo:
        for wire in graph.downstream(todo.popleft()):
            if wire.mode == "automatic" and wire.placeholder is None and wire.consumer not in reached:
                reached[wire.consumer] = None
                todo.append(wire.consumer)
    return reached


def _run_started(state: State, event: e.RunStarted) -> None:
    state.next_run = event.run + 1
    run = Run(
        id=event.run,
        enver=event.enver,
        fingerprint=event.fingerprint,
        inputs=event.inputs,
        mode=event.mode,
        waves=event.waves,
        reasons=event.reasons,
        started_at=event.at,
        assembly=event.assembly,
    )
    state.runs[run.id] = state.dirty.runs[run.id] = run
    enver = _touch(state, event.enver)
    enver.run = enver.last_run = run.id
    _lease(state, enver, enver.leases | _refs(event.inputs))


def _value_published(state: State, event: e.ValuePublished) -> None:
    published = event.publication
    value = Value(
        product=event.product,
        version=event.version,
        text=published.text,
        identity=published.identity,
        kind=published.kind,
        run=event.run,
        at=event.at,
        resource=published.resource,
    )
    if (before := state.current(event.product)) is not None:
        before.status, before.bridge = ValueStatus.SUPERSEDED, published.bridge
        state.superseded[before.ref] = None
        state.dirty.values[before.ref] = before
    state.values.setdefault(event.product, []).append(value)
    state.versions[event.product] = event.version
    state.dirty.values[value.ref] = value
    run = _touch_run(state, event.run)
    run.published = (*run.published, value.ref)


def _run_succeeded(state: State, event: e.RunSucceeded) -> None:
    run = _end_run(state, event.run, RunStatus.SUCCEEDED, event.at)
    run.assembly = event.assembly
    enver = _touch(state, event.enver)
    enver.run, enver.deployed, enver.unknown, enver.assembly = None, run.fingerprint, False, event.assembly
    enver.consumed, enver.failed, enver.failure, enver.settled = run.inputs, None, "", ""
    _lease(state, enver, _refs(run.inputs))
    _settle(state, enver, run.waves, event.at)


def _run_failed(state: State, event: e.RunFailed) -> None:
    run = _end_run(state, event.run, RunStatus.FAILED, event.at)
    run.error = event.error
    enver = _touch(state, event.enver)
    enver.run, enver.failed, enver.failure = None, run.fingerprint, event.error
    if not event.clean:
        enver.deployed, enver.unknown = None, True
    if not enver.unknown:  # else it may run with anything that it ever tried since it was last known
        _lease(state, enver, _refs(enver.consumed))


def _end_run(state: State, id: int, status: RunStatus, at: float) -> Run:
    run = _touch_run(state, id)
    run.status, run.finished_at = status, at
    del state.runs[id]
    return run


def _settle(state: State, enver: Enver, waves: Iterable[int], at: float) -> None:
    for id in enver.owes & set(waves):
        wave = state.dirty.waves[id] = state.waves[id]
        wave.open -= 1
        if wave.open == 0:
            del state.waves[id]
    enver.owes -= set(waves)
    enver.since = at
    if not enver.owes:
        state.owing.pop(enver.address, None)


def _lease(state: State, enver: Enver, refs: frozenset[ValueRef]) -> None:
    for ref in refs - enver.leases:
        state.leased.setdefault(ref, set()).add(enver.address)
    for ref in enver.leases - refs:
        holders = state.leased[ref]
        holders.discard(enver.address)
        if not holders:
            del state.leased[ref]
    enver.leases = refs


def _refs(inputs: Iterable[RunInput]) -> frozenset[ValueRef]:
    return frozenset(given.ref for given in inputs if given.version)


def _touch(state: State, address: str) -> Enver:
    enver = state.envers.setdefault(address, Enver(address))
    state.dirty.envers[address] = enver
    return enver


def _touch_run(state: State, id: int) -> Run:
    run = state.dirty.runs[id] = state.runs[id]
    return run


def _touch_value(state: State, ref: ValueRef) -> Value:
    value = state.value(ref)
    if value is None:
        raise LookupError(f"{ref.product} #{ref.version} is not live")
    state.dirty.values[ref] = value
    return value
