"""`odmd why`: the chain of causes behind what an enver runs, or behind its waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.cli.history import History, Reading
    from odmd.control.ports import Store
    from odmd.control.state import Enver, Run, State
    from odmd.plan.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Line:
    """One link of the chain; deeper ones are causes of those above."""

    depth: int
    text: str
    next_step: str = ""


def why(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.", autocompletion=complete_enver)],
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Say why an enver runs what it runs, or why it does not: back to who started it."""
    from odmd.cli.history import history
    from odmd.cli.names import find_enver
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), history(state) as past:
        now = past.read()
        found = now.state.envers[find_enver(enver, now.state)]
        lines = list(_chain(found, now, past))
    if json:
        print_json(lines)
        return
    for line in lines:
        _show(line)


def _show(line: Line) -> None:
    from odmd.cli.output import console, next_step

    out, indent = console(), "  " * line.depth
    text = line.text.replace("\n", f"\n{indent}    ")
    out.print(f"{indent}{'└ ' if line.depth else ''}{text}", soft_wrap=True, markup=False)
    if line.next_step:
        out.print(indent, next_step(line.next_step), sep="", soft_wrap=True)


def _chain(enver: Enver, now: Reading, past: History) -> Iterator[Line]:
    if enver.owes and enver.run is None and enver.failed is None:
        yield from _waiting(enver, now, _declared(past.settings, enver))
    else:
        yield _now(enver, now, depth=0)
    yield from _asked_and_held(enver)
    if enver.settled:
        yield Line(1, f"the last wave that reached it ended there without a run: {enver.settled}")
    run = past.store.run(enver.last_run) if enver.last_run else None
    if run is not None:
        yield from _causes(run, now, past.store, depth=1, seen=set())


def _asked_and_held(enver: Enver) -> Iterator[Line]:
    """What people said of it, or are asked."""
    from odmd.control.explain import questions
    from odmd.model import naming

    label = naming.enver_label(enver.address)
    for question in questions(enver):
        yield Line(1, question, f"`odmd approve {label}` lets it in, `odmd reject {label}` keeps it out")
    if (pin := enver.pin) is not None:
        why = f": {pin.why}" if pin.why else ""
        yield Line(1, f"held at run {pin.run} by {pin.by}{why}", f"`odmd release {label}` lets it follow its inputs")


def _now(enver: Enver, now: Reading, depth: int) -> Line:
    """What an enver that does not wait is at; in the depth, its failure's first line is enough."""
    from odmd.model import naming

    label = naming.enver_label(enver.address)
    if now.is_interrupted(enver):
        text = f"{label}: run {enver.run} was interrupted, and nobody works on it"
        return Line(depth, text, "`odmd apply` goes on with it")
    if enver.run is not None:
        return Line(depth, f"{label}: run {enver.run} is deploying it")
    if enver.failed is not None:
        failure = enver.failure.partition("\n")[0] if depth else enver.failure
        text = f"{label}: run {enver.last_run} failed: {failure}"
        return Line(depth, text, "mend the cause and run `odmd apply`; it is tried again on new inputs too")
    if enver.deployed is None:
        return Line(depth, f"{label}: what runs is unknown", "`odmd apply` deploys it anew")
    inputs = ", ".join(f"{given.name} #{given.version}" for given in enver.consumed)
    return Line(depth, f"{label}: runs commit {enver.deployed.commit[:7]}{f' with {inputs}' if inputs else ''}")


def _declared(settings: Settings, enver: Enver) -> Wiring | None:
    """The graph as the contracts say now, if they can be read and know the enver; the state holds no wires."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.errors import OdmdError
    from odmd.plan.wiring import Wiring

    try:
        graph = load_contracts(settings).graph
    except OdmdError:
        return None
    return Wiring(graph) if enver.address in graph.envers else None


def _waiting(enver: Enver, now: Reading, wiring: Wiring | None) -> Iterator[Line]:
    """For whom it waits, and what these are stuck in."""
    from odmd.model import naming

    waves = ", ".join(f"{id} ({now.state.waves[id].cause})" for id in sorted(enver.owes))
    others = _in_the_way(wiring, now.state, enver) if wiring else _beside(now.state, enver)
    reason, step = _reason(enver, others, now, wiring)
    yield Line(0, f"{naming.enver_label(enver.address)}: {reason}, in wave {waves}", step)
    for other in others:
        if other.run is not None or other.failed is not None:
            yield _now(other, now, depth=1)


def _reason(enver: Enver, others: Sequence[Enver], now: Reading, wiring: Wiring | None) -> tuple[str, str]:
    """Why it waits, and what to do about it."""
    from odmd.control.explain import held_by
    from odmd.model import naming

    if wiring is None:
        return "waits for what is upstream of it", ""
    if held := held_by(wiring, now.state, enver):
        return "; ".join(held), ""
    if others:
        return f"waits for {', '.join(naming.enver_label(other.address) for other in others)}", ""
    if now.led:
        return "is next in line", ""
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


def _causes(run: Run, now: Reading, store: Store, depth: int, seen: set[int]) -> Iterator[Line]:
    """The run, why it was, and the runs that published what moved it."""
    from odmd.model import naming

    seen.add(run.id)
    because = "; ".join(run.reasons)
    how = f"{run.mode.value}, {now.status_of(run)}"
    yield Line(depth, f"run {run.id} of {naming.enver_label(run.enver)} ({how}): {because}")
    causes = 0
    for given in run.inputs:
        moved = any(reason.startswith(f"{given.name} moved ") for reason in run.reasons)
        publisher = _publisher(store, given.product, given.version) if moved else None
        if publisher is not None and publisher.id not in seen:
            causes += 1
            yield from _causes(publisher, now, store, depth + 1, seen)
    for id in run.waves if not causes else ():
        if (wave := store.wave(id)) is not None:
            plan = wave.plan.removeprefix("sha256:")[:7]
            yield Line(depth + 1, f"wave {wave.id}: {wave.cause}, by {wave.by}, plan {plan}")


def _publisher(store: Store, product: str, version: int) -> Run | None:
    for value in store.values(product):
        if value.version == version:
            return store.run(value.run)
    return None
