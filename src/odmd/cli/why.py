"""`odmd why`: the chain of causes behind what an enver runs, or behind its waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from odmd.control.ports import Store
    from odmd.control.state import Enver, Run, State


def why(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.")],
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Say why an enver runs what it runs, or why it does not: back to who started it."""
    from odmd.cli.history import history
    from odmd.cli.output import console, print_json
    from odmd.errors import EnverUnknown
    from odmd.model import naming

    address = naming.enver_address(enver)
    with history(state) as store:
        recorded = store.load()
        if (found := recorded.envers.get(address)) is None:
            known = ", ".join(naming.enver_label(other) for other in sorted(recorded.envers))
            raise EnverUnknown(f"{enver} was never deployed", next_step=f"there are {known}")
        lines = list(_chain(found, recorded, store))
    if json:
        print_json([{"depth": depth, "text": text} for depth, text in lines])
        return
    for depth, text in lines:
        console().print("  " * depth + ("└ " if depth else "") + text, soft_wrap=True, markup=False)


def _chain(enver: Enver, state: State, store: Store) -> Iterator[tuple[int, str]]:
    from odmd.model import naming

    yield 0, f"{naming.enver_label(enver.address)}: {_now(enver, state)}"
    if enver.settled:
        yield 1, f"the last wave that reached it ended there without a run: {enver.settled}"
    run = store.run(enver.last_run) if enver.last_run else None
    if run is not None:
        yield from _causes(run, store, depth=1, seen=set())


def _now(enver: Enver, state: State) -> str:
    if enver.run is not None:
        return f"run {enver.run} is deploying it"
    if enver.failed is not None:
        return f"failed, and is tried again on new inputs or by `odmd apply`: {enver.failure}"
    if enver.owes:
        waves = ", ".join(f"{id} ({state.waves[id].cause})" for id in sorted(enver.owes))
        return f"waits for what is upstream of it, in wave {waves}"
    if enver.deployed is None:
        return "what runs is unknown"
    inputs = ", ".join(f"{given.name} #{given.version}" for given in enver.consumed)
    return f"runs commit {enver.deployed.commit[:7]}" + (f" with {inputs}" if inputs else "")


def _causes(run: Run, store: Store, depth: int, seen: set[int]) -> Iterator[tuple[int, str]]:
    """The run, why it was, and the runs that published what moved it."""
    from odmd.model import naming

    seen.add(run.id)
    because = "; ".join(run.reasons)
    yield depth, f"run {run.id} of {naming.enver_label(run.enver)} ({run.mode.value}, {run.status.value}): {because}"
    causes = 0
    for given in run.inputs:
        moved = any(reason.startswith(f"{given.name} moved ") for reason in run.reasons)
        publisher = _publisher(store, given.product, given.version) if moved else None
        if publisher is not None and publisher.id not in seen:
            causes += 1
            yield from _causes(publisher, store, depth + 1, seen)
    for id in run.waves if not causes else ():
        if (wave := store.wave(id)) is not None:
            yield depth + 1, f"wave {wave.id}: {wave.cause}, by {wave.by}, plan {wave.plan.removeprefix('sha256:')[:7]}"


def _publisher(store: Store, product: str, version: int) -> Run | None:
    for value in store.values(product):
        if value.version == version:
            return store.run(value.run)
    return None
