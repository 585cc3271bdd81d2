"""The states that a simulation can begin with.

With `clock.py` the only module of this package that knows the control plane's names.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.state import Standing, State
from odmd.control.scheduler.values import RunInput, Value, ValueStatus
from odmd.graph import EnverNode, Graph, WireEdge
from odmd.plan import Fingerprint

Begin = Callable[[], State]
"""Makes the state anew for every simulation, as each changes its own."""
_BEFORE: Final = "before"


def from_nothing() -> State:
    """Nothing was ever deployed."""
    return State()


def from_deployed(graph: Graph) -> Begin:
    """Every enver runs what the contracts say, with the first value of each of its inputs."""
    return lambda: _deployed(graph)


def from_recorded(state: State) -> Begin:
    """What is recorded."""
    kept = pickle.dumps(state)
    return lambda: pickle.loads(kept)  # noqa: S301  # what the line above wrote


def without(begin: Begin, graph: Graph, inputs: Mapping[str, frozenset[str]]) -> Begin:
    """As if these inputs (by enver) had never been: nobody has to be deployed because of it."""

    def made() -> State:
        state = begin()
        for address, names in inputs.items():
            if address in state.envers:
                _forget(state, state.envers[address], names, graph.slice(address))
        return state

    return made


def rewired(graph: Graph, begin: Begin) -> tuple[str, ...]:
    """Envers of the graph that are not deployed under what it says of them."""
    envers = begin().envers
    return tuple(one for one in graph.envers if one not in envers or envers[one].slice != graph.slice(one))


def undeclared(graph: Graph, begin: Begin) -> tuple[str, ...]:
    """Envers that run and that the graph does not have."""
    return tuple(sorted(set(begin().envers) - set(graph.envers)))


def _deployed(graph: Graph) -> State:
    return State.restore(
        0,
        next_run=1,
        next_wave=1,
        versions={product.address: 1 for node in graph.envers.values() for product in node.products},
        envers=[_enver(graph, node) for node in graph.envers.values()],
        runs=(),
        values=_values(graph),
        waves=(),
        standing=Standing(graph.digest()),
    )


def _values(graph: Graph) -> Iterable[Value]:
    for node in graph.envers.values():
        for product in node.products:
            yield Value(product.address, 1, _BEFORE, _BEFORE, product.kind, 0, 0.0, status=ValueStatus.CURRENT)


def _enver(graph: Graph, node: EnverNode) -> Enver:
    wires = sorted(node.wires, key=lambda wire: wire.name)
    consumed = tuple(RunInput(wire.name, wire.product, 1, _BEFORE, _BEFORE) for wire in wires)
    slice = graph.slice(node.address)
    return Enver(
        node.address,
        commit=_BEFORE,
        slice=slice,
        deployed=Fingerprint(_BEFORE, slice, tuple((given.name, given.identity) for given in consumed)),
        consumed=consumed,
        consumed_under=slice,
        recipe="sha256:simulated",
        leases=frozenset(given.ref for given in consumed),
        runs_with=frozenset(given.ref for given in consumed),
        picked={given.name: given for wire, given in zip(wires, consumed, strict=True) if _may_be_a_latch(wire)},
    )


def _may_be_a_latch(wire: WireEdge) -> bool:
    return wire.mode != "automatic" or wire.placeholder is not None


def _forget(state: State, enver: Enver, names: frozenset[str], slice: str) -> None:
    enver.slice = enver.consumed_under = slice
    enver.consumed = tuple(given for given in enver.consumed if given.name not in names)
    if enver.deployed is not None:
        kept = tuple((name, identity) for name, identity in enver.deployed.values if name not in names)
        enver.deployed = replace(enver.deployed, slice=slice, values=kept)
    leases = frozenset(given.ref for given in enver.consumed)
    for ref in enver.leases - leases:
        state.leased[ref].discard(enver.address)
        if not state.leased[ref]:
            del state.leased[ref]
    enver.leases = enver.runs_with = leases
    enver.picked = {name: given for name, given in enver.picked.items() if name not in names}
