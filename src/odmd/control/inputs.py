"""The inputs an enver should have now, and what follows from comparing them with those deployed."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.control.state import Enver, RunInput, RunMode, State
from odmd.graph import Graph, WireEdge
from odmd.plan import Fingerprint
from odmd.plan.reasons import Moved, reasons


def desired_inputs(graph: Graph, state: State, enver: str) -> tuple[RunInput, ...] | None:
    """The newest value of every wire, sorted by name; None while one was never published and has no placeholder."""
    inputs: list[RunInput] = []
    for wire in sorted(graph.envers[enver].wires, key=lambda wire: wire.name):
        if (found := _input(state, wire)) is None:
            return None
        inputs.append(found)
    return tuple(inputs)


def _input(state: State, wire: WireEdge) -> RunInput | None:
    if (value := state.current(wire.product)) is not None:
        return RunInput(wire.name, wire.product, value.version, value.text, value.identity)
    if wire.placeholder is not None:
        return RunInput(wire.name, wire.product, 0, wire.placeholder, wire.placeholder)
    return None


def fingerprint(enver: Enver, inputs: tuple[RunInput, ...]) -> Fingerprint:
    """Head, contract and inputs by content."""
    return Fingerprint(enver.commit, enver.contracts, tuple((given.name, given.identity) for given in inputs))


def desired(graph: Graph, state: State, enver: str) -> Fingerprint | None:
    """The fingerprint that an enver should run; None while it has no head or lacks an input."""
    recorded = state.envers.get(enver)
    if recorded is None or not recorded.commit or enver not in graph.envers:
        return None
    inputs = desired_inputs(graph, state, enver)
    return None if inputs is None else fingerprint(recorded, inputs)


def run_mode(enver: Enver, wanted: Fingerprint) -> RunMode:
    """Values only, when what surely runs differs in nothing but consumed values."""
    if enver.deployed is None or enver.assembly is None:
        return RunMode.FULL
    return RunMode.VALUES if wanted.differs_only_in_values(enver.deployed) else RunMode.FULL


def run_reasons(enver: Enver, inputs: tuple[RunInput, ...]) -> Iterator[str]:
    """Why the enver is deployed with these inputs."""
    consumed = {given.name: given for given in enver.consumed}
    moved = [
        Moved(given.name, consumed[given.name].version, given.version)
        for given in inputs
        if given.name in consumed and consumed[given.name].identity != given.identity
    ]
    return reasons(enver.deployed, enver.unknown, enver.commit, enver.contracts, moved)
