"""`decide`: the answer to a message, as events. Pure: reads the state, changes nothing, knows no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from odmd.control import events as e
from odmd.control import messages as m
from odmd.control.evolve import evolve
from odmd.control.follow import follow
from odmd.control.setup import Setup
from odmd.control.state import Run, State, ValueRef, ValueStatus


def handle(setup: Setup, state: State, message: m.Message, at: float) -> Sequence[e.Event]:
    """Decides on a message, moves the state over the answer and over everything that follows from it."""
    events: list[e.Event] = []
    for event in decide(setup, state, message, at):
        evolve(setup.graph, state, event)
        events.append(event)
    while (event := follow(setup, state, at)) is not None:
        evolve(setup.graph, state, event)
        events.append(event)
    return events


def decide(setup: Setup, state: State, message: m.Message, at: float) -> Sequence[e.Event]:
    """The direct answer; empty when the message is late, a duplicate, or asks for what is so already."""
    match message:
        case m.StartChange():
            return tuple(_start_change(setup, state, message, at))
        case m.ClaimRun():
            run = state.runs.get(message.run)
            return () if run is None else (e.RunClaimed(run.id, run.attempt + 1, message.worker, at),)
        case m.FinishRun():
            return tuple(_finish(state, message, at))
        case m.FailRun():
            return tuple(_fail(state, message, at))
        case m.RetireValue():
            return tuple(_retire(state, message, at))
        case m.FinishRetirement():
            value = state.value(ValueRef(message.product, message.version))
            if value is None or value.status is not ValueStatus.RETIRING:
                return ()
            return (e.ValueRetired(value.product, value.version, message.leftover, at),)
        case _:
            assert_never(message)


def _start_change(setup: Setup, state: State, message: m.StartChange, at: float) -> Iterator[e.Event]:
    heads = tuple(head for head in message.heads if head.enver in setup.graph.envers and _is_news(state, head))
    named = {head.enver for head in heads}
    retried = tuple(
        address
        for address in message.retry
        if address not in named and (enver := state.envers.get(address)) and enver.failed is not None
    )
    moved = tuple(address for address in message.moved if address not in named and address not in retried)
    if heads or retried or moved:
        yield e.ChangeAccepted(state.next_wave, message.cause, message.by, message.plan, heads, (*retried, *moved), at)


def _is_news(state: State, head: m.Head) -> bool:
    enver = state.envers.get(head.enver)
    return enver is None or (enver.commit, enver.contracts) != (head.commit, head.contracts)


def _finish(state: State, message: m.FinishRun, at: float) -> Iterator[e.Event]:
    if (run := _claimed(state, message.run, message.attempt)) is not None:
        yield from _publish(state, run, message.publications, at)
        yield e.RunSucceeded(run.id, run.enver, message.assembly, at)


def _fail(state: State, message: m.FailRun, at: float) -> Iterator[e.Event]:
    if (run := _claimed(state, message.run, message.attempt)) is not None:
        yield from _publish(state, run, message.publications, at)
        yield e.RunFailed(run.id, run.enver, message.error, message.clean, at)


def _claimed(state: State, run: int, attempt: int) -> Run | None:
    """The run, if whoever speaks holds the newest claim."""
    found = state.runs.get(run)
    return found if found is not None and found.attempt == attempt else None


def _publish(state: State, run: Run, publications: Sequence[m.Publication], at: float) -> Iterator[e.Event]:
    for published in publications:
        current = state.current(published.product)
        if current is None or current.identity != published.identity:
            version = state.versions.get(published.product, 0) + 1
            yield e.ValuePublished(published.product, version, published, run.id, at)


def _retire(state: State, message: m.RetireValue, at: float) -> Iterator[e.Event]:
    value = state.value(ValueRef(message.product, message.version))
    if value is not None and value.retire_at is not None and value.ref not in state.leased:
        yield e.RetirementStarted(value.product, value.version, at)
