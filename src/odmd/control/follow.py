"""`follow`: the next event that follows from the state alone. Looks only at what owes a wave or was superseded.

A wave is a mark on everything reachable from its root. An enver is *ready* for a wave when it owes it and nobody
directly upstream owes it. It starts when it is ready for at least one wave and no upstream is still *moving*.
"""

from __future__ import annotations

from odmd.control import events as e
from odmd.control.inputs import desired, desired_inputs, fingerprint, run_mode, run_reasons
from odmd.control.setup import Setup
from odmd.control.state import Enver, State, ValueRef
from odmd.graph import Graph
from odmd.model import naming


def follow(setup: Setup, state: State, at: float) -> e.Event | None:
    """The next event, in a fixed order: waves end early, values retire, runs start."""
    return _settled(setup.graph, state, at) or _retirement(setup, state, at) or _started(setup, state, at)


def _settled(graph: Graph, state: State, at: float) -> e.Event | None:
    """Early cut-off."""
    for enver in map(state.envers.__getitem__, state.owing):
        waves = ready(graph, state, enver) if enver.run is None and enver.deployed is not None else frozenset[int]()
        if waves and desired(graph, state, enver.address) == enver.deployed:
            return e.Settled(enver.address, tuple(sorted(waves)), _nothing_new(enver), at)
    return None


def _nothing_new(enver: Enver) -> str:
    inputs = ", ".join(f"{given.name} #{given.version}" for given in enver.consumed)
    return f"its inputs are what it runs with: {inputs}" if inputs else "its source is what it runs"


def _retirement(setup: Setup, state: State, at: float) -> e.Event | None:
    for ref in state.superseded:
        value = state.value(ref)
        if value and value.retire_at is None and ref not in state.leased and not _bridged_into(state, ref):
            return e.RetirementScheduled(ref.product, ref.version, at + setup.grace, at)
    return None


def _bridged_into(state: State, ref: ValueRef) -> bool:
    """Whether an older value still forwards to this one."""
    return any(v.bridge and v.version < ref.version for v in state.values[ref.product])


def _started(setup: Setup, state: State, at: float) -> e.Event | None:
    if len(state.runs) >= setup.runs_at_once:
        return None
    graph = setup.graph
    queue = sorted((state.envers[address] for address in state.owing), key=lambda enver: (enver.since, enver.address))
    in_motion: set[str] | None = None
    for enver in queue:
        if not able(graph, state, enver) or not (waves := ready(graph, state, enver)):
            continue
        in_motion = moving(graph, state) if in_motion is None else in_motion
        if not in_motion.intersection(upstream(graph, enver.address)):
            return _run_started(graph, state, enver, waves, at)
    return None


def _run_started(graph: Graph, state: State, enver: Enver, waves: frozenset[int], at: float) -> e.RunStarted:
    inputs = desired_inputs(graph, state, enver.address) or ()
    wanted = fingerprint(enver, inputs)
    mode = run_mode(enver, wanted)
    return e.RunStarted(
        run=state.next_run,
        enver=enver.address,
        fingerprint=wanted,
        inputs=inputs,
        mode=mode,
        assembly=enver.assembly,
        waves=tuple(sorted(waves)),
        reasons=tuple(run_reasons(enver, inputs)),
        at=at,
    )


def upstream(graph: Graph, enver: str) -> tuple[str, ...]:
    """Who an enver waits for: its producers over automatic wires, and the readers that move before it."""
    if enver not in graph.envers:
        return ()
    wires = graph.envers[enver].wires
    producers = (wire.producer for wire in wires if wire.mode == "automatic" and wire.placeholder is None)
    return tuple(dict.fromkeys((*producers, *graph.moves_after.get(enver, ()))))


def ready(graph: Graph, state: State, enver: Enver) -> frozenset[int]:
    """The waves that an enver owes and nobody directly upstream owes."""
    waves = enver.owes
    for other in upstream(graph, enver.address):
        if waves and other in state.owing:
            waves -= state.envers[other].owes
    return waves


def able(graph: Graph, state: State, enver: Enver) -> bool:
    """Whether a run would make sense: all inputs are there, differ from what runs and from what failed."""
    if enver.run is not None:
        return False
    wanted = desired(graph, state, enver.address)
    return wanted is not None and wanted not in (enver.deployed, enver.failed)


def moving(graph: Graph, state: State) -> set[str]:
    """Envers that deploy, or will without any message from outside but results. Stuck ones are not moving."""
    owing = [state.envers[address] for address in state.owing]
    found = {
        enver.address
        for enver in owing
        if enver.run is not None or (able(graph, state, enver) and ready(graph, state, enver))
    }
    grew = True
    while grew:
        waiting = [enver for enver in owing if enver.address not in found]
        more = {enver.address for enver in waiting if _waits_for_one_of(graph, state, enver, found)}
        found |= more
        grew = bool(more)
    return found


def _waits_for_one_of(graph: Graph, state: State, enver: Enver, found: set[str]) -> bool:
    return any(other in found and state.envers[other].owes & enver.owes for other in upstream(graph, enver.address))


def held_by(graph: Graph, state: State, enver: Enver) -> tuple[str, ...]:
    """Why an enver that owes a wave does not run, for people: who is in its way, or what it lacks."""
    if enver.run is not None or not enver.owes:
        return ()
    if enver.failed is not None and desired(graph, state, enver.address) == enver.failed:
        return ("its last run with these inputs failed",)
    lacking = [
        f"{wire.name}: {wire.product} was never published"
        for wire in (graph.envers[enver.address].wires if enver.address in graph.envers else ())
        if wire.placeholder is None and state.current(wire.product) is None
    ]
    waits = [
        f"waits for {naming.enver_label(other)}"
        for other in upstream(graph, enver.address)
        if other in state.owing and state.envers[other].owes & enver.owes
    ]
    return (*lacking, *waits)
