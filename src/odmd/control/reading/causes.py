"""Why an enver runs what it runs, or why it does not: the chain of causes, back to who started it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import History
from odmd.control.reading.explain import asks, held_by, how_to_answer, leftovers
from odmd.control.reading.views import Cause
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.questions import asked_first
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import State, Wave
from odmd.model import naming
from odmd.plan.reasons import quoted
from odmd.plan.wiring import Wiring
from odmd.plan.words import clock, duration
from odmd.texts import first_of

_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """A state, of which only what concerns one enver need be there, and whether anybody works on it."""

    state: State
    led: bool

    def is_interrupted(self, enver: Enver) -> bool:
        """Whether a process that is gone left the enver's run."""
        return enver.run is not None and not self.led

    def status_of(self, run: Run) -> str:
        """The status of a run, or that it was interrupted; a run that began after this reading is not."""
        is_left = not self.led and run.id in self.state.runs and run.finished_at is None
        return "interrupted" if is_left else run.status.value


def causes(enver: Enver, now: Reading, wiring: Wiring | None, history: History) -> Iterator[Cause]:
    """The chain, from what is so to who began it; no `wiring` where the contracts do not tell whom it waits for."""
    if enver.owes and enver.run is None and enver.failed is None:
        yield from _waiting(enver, now, wiring)
    else:
        yield _now(enver, now, depth=0)
    yield from _asked_and_held(enver)
    if enver.settled:
        yield Cause(1, f"the last wave that reached it ended there without a run: {enver.settled}")
    run = history.run(enver.last_run) if enver.last_run else None
    if run is not None:
        yield from _causes(run, now, history, depth=1, seen=set())


def _asked_and_held(enver: Enver) -> Iterator[Cause]:
    """What people said of it, or are asked."""
    label = naming.enver_label(enver.address)
    yield from (Cause(1, said) for said in leftovers(enver.units.left))
    yield from _of_drift(enver, label)
    for question, offer in enver.offers.items():
        yield Cause(1, asks(question, offer), how_to_answer(label, question))
    if (pin := enver.pin) is not None:
        why = f": {pin.why}" if pin.why else ""
        yield Cause(1, f"held at run {pin.run} by {pin.by}{why}", f"`odmd release {label}` lets it follow its inputs")


def _of_drift(enver: Enver, label: str) -> Iterator[Cause]:
    """What others changed, and since when that is known; and what may be so."""
    now = time.time()
    if drifted := [one for one in enver.drift if one.is_open(now)]:
        named = first_of([str(one.deviation) for one in drifted], _NAMED)
        age = duration(max(0.0, now - min(one.since for one in drifted)))
        step = f"`odmd drift {label}` shows it; `odmd drift revert {label}` brings it back, `accept` lets it be"
        yield Cause(1, f"it drifted, seen first {age} ago: {named}", step)
    for one in enver.drift:
        if (said := one.accepted) is not None and not one.is_open(now):
            until = f" until {clock(said.until)}" if said.until else ""
            yield Cause(1, f"{one.deviation} may be so{until}, says {said.by}: {said.why}")


def _now(enver: Enver, now: Reading, depth: int) -> Cause:
    """What an enver that does not wait is at; in the depth, its failure's first line is enough."""
    label = naming.enver_label(enver.address)
    if now.is_interrupted(enver):
        text = f"{label}: run {enver.run} was interrupted, and nobody works on it"
        return Cause(depth, text, "`odmd apply` goes on with it")
    if enver.run is not None:
        return Cause(depth, f"{label}: run {enver.run} is deploying it")
    if (leaves := enver.departure) is not None:
        if leaves.failure:
            text = f"{label} left the contracts, and could not be removed: {leaves.failure}"
            mend = "mend the cause and run `odmd apply`, which asks for its removal again"
            asked = asked_first(enver.offers)
            return Cause(depth, text, how_to_answer(label, asked) if asked else mend)
        return Cause(depth, f"{label} left the contracts: {leaves.by} removes it")
    if enver.failed is not None:
        failure = enver.failure.partition("\n")[0] if depth else enver.failure
        text = f"{label}: run {enver.last_run} failed: {failure}"
        mend = "mend the cause and run `odmd apply`; it is tried again on new inputs too"
        return Cause(depth, text, how_to_answer(label, asked) if (asked := asked_first(enver.offers)) else mend)
    if enver.removed:
        behind = f"; let go of, with what may be there still: {'; '.join(enver.left)}" if enver.left else ""
        return Cause(depth, f"{label}: was removed{behind}")
    if enver.deployed is None and enver.last_run is None:
        return Cause(depth, f"{label}: was never deployed", f"`odmd plan --target {label}` says what it lacks")
    if enver.deployed is None:
        return Cause(depth, f"{label}: what runs is unknown", "`odmd apply` deploys it anew")
    inputs = ", ".join(f"{given.name} #{given.version}" for given in enver.consumed)
    runs = quoted(enver.deployed.commit, enver.deployed.subject)
    return Cause(depth, f"{label}: runs commit {runs}{f' with {inputs}' if inputs else ''}")


def _waiting(enver: Enver, now: Reading, wiring: Wiring | None) -> Iterator[Cause]:
    """For whom it waits, and what these are stuck in."""
    waves = ", ".join(f"{id} ({now.state.waves[id].cause})" for id in sorted(enver.owes))
    others = _in_the_way(wiring, now.state, enver) if wiring else _beside(now.state, enver)
    reason, step = _reason(enver, others, now, wiring)
    yield Cause(0, f"{naming.enver_label(enver.address)}: {reason}, in wave {waves}", step)
    for other in others:
        if other.run is not None or other.failed is not None:
            yield _now(other, now, depth=1)


def _reason(enver: Enver, others: Sequence[Enver], now: Reading, wiring: Wiring | None) -> tuple[str, str]:
    """Why it waits, and what to do about it."""
    if wiring is None:
        return "waits for what is upstream of it", ""
    if held := held_by(wiring, now.state, enver):
        return "; ".join(held), ""
    if others:
        return f"waits for {', '.join(naming.enver_label(other.address) for other in others)}", ""
    if now.led:
        return "waits for a free place: as many runs as may be are under way", ""
    return "nothing is in its way and nobody works on it", "`odmd apply` goes on with it"


def _in_the_way(wiring: Wiring, state: State, enver: Enver) -> Sequence[Enver]:
    """Everybody upstream, near or far, whose run or wave this one waits for; the nearest first."""
    found = {enver.address: enver}
    todo = [enver]
    for near in todo:
        for other in (state.envers[address] for address in wiring.upstream[near.address] if address in state.owing):
            if other.address not in found and (other.run is not None or other.owes & near.owes):
                found[other.address] = other
                todo.append(other)
    return todo[1:]


def _beside(state: State, enver: Enver) -> Sequence[Enver]:
    """Everybody else who owes the same wave."""
    owing = (state.envers[address] for address in state.owing)
    return [other for other in owing if other is not enver and other.owes & enver.owes]


def _causes(run: Run, now: Reading, history: History, depth: int, seen: set[int]) -> Iterator[Cause]:
    """The run, why it was, and the runs that published what moved it."""
    seen.add(run.id)
    because = "; ".join(run.reasons)
    how = f"{run.mode.value}, {now.status_of(run)}"
    yield Cause(depth, f"run {run.id} of {naming.enver_label(run.enver)} ({how}): {because}")
    causes = 0
    for given in run.inputs:
        moved = any(reason.startswith(f"{given.name} moved ") for reason in run.reasons)
        publisher = _publisher(history, given.product, given.version) if moved else None
        if publisher is not None and publisher.id not in seen:
            causes += 1
            yield from _causes(publisher, now, history, depth + 1, seen)
    for id in run.waves if not causes else ():
        if (wave := history.wave(id)) is not None:
            yield Cause(depth + 1, f"wave {wave.id}: {', '.join(_of_wave(wave))}")


def _of_wave(wave: Wave) -> Iterator[str]:
    """Why, who, and the plan where there was one: what follows from others has none."""
    yield wave.cause
    if wave.by:
        yield f"by {wave.by}{f': {wave.why}' if wave.why else ''}"
    if wave.plan:
        yield f"plan {wave.plan.removeprefix('sha256:')[:7]}"


def _publisher(history: History, product: str, version: int) -> Run | None:
    for value in history.values(product):
        if value.version == version:
            return history.run(value.run)
    return None
