"""What the scheduler asks of the contracts, prepared once an edition: who waits for whom, and where a wave ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Final

import rustworkx

from odmd.graph import EnverNode, Graph, WireEdge

_by_name: Final = attrgetter("name")


@dataclass(frozen=True, slots=True)
class Cycle:
    """Envers that reach each other through placeholders, and the wires that carry these."""

    members: tuple[str, ...]
    wires: tuple[WireEdge, ...]


class Wiring:
    """One edition of the contracts as the scheduler sees it; all names are addresses of envers.

    A *latch* is a wire over which a value moves only when somebody says so (gated, manual) or when its cycle settles
    (a placeholder within a cycle). A wave ends there. A placeholder outside cycles is a default, no more.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        forward = _leads_forward(graph)
        self._cycle_of = {} if forward else _cycles(graph)
        self.inputs: dict[str, tuple[tuple[WireEdge, bool], ...]] = {}
        """By consumer: its wires by name, and whether each is a latch."""
        self.asking: dict[str, None] = {}
        """Consumers over gated or manual wires, and promoted envers."""
        self.offered: dict[str, list[str]] = {}
        """Producer → who consumes of it over gated or manual wires, or is promoted from it."""
        self.upstream: dict[str, tuple[str, ...]] = {}
        """Whom an enver waits for: its producers over automatic wires, and the readers that move before it."""
        closing: dict[str, list[WireEdge]] = {}
        for address, enver in graph.envers.items():
            inputs = [(wire, self.is_latch(wire)) for wire in sorted(enver.wires, key=_by_name)]
            self.inputs[address] = tuple(inputs)
            before = dict.fromkeys([wire.producer for wire, latch in inputs if not latch])
            for wire, latch in inputs if len(before) < len(inputs) else ():
                if not latch:
                    continue
                if wire.mode == "automatic":
                    closing.setdefault(self._cycle_of[address], []).append(wire)
                else:
                    self._ask(wire.producer, address)
            before.update(dict.fromkeys(graph.moves_after.get(address, ())))
            self.upstream[address] = tuple(before)
            if origin := promoted_from(enver):
                self._ask(origin, address)
        self.cycles = _with_members(self._cycle_of, closing)
        """By the smallest address of their members."""
        self.ordered: Sequence[str] = tuple(graph.envers) if forward else _ordered(self.upstream, graph)
        """All envers; whom one waits for, and whose source it takes over, stands before it."""

    @cached_property
    def reached(self) -> Mapping[str, tuple[str, ...]]:
        """Where a wave goes on: consumers over automatic wires, who are followers too."""
        reached: dict[str, dict[str, None]] = {}
        for address, inputs in self.inputs.items():
            for wire, latch in inputs:
                if not latch:
                    reached.setdefault(wire.producer, {})[address] = None
        return {enver: tuple(after) for enver, after in reached.items()}

    @cached_property
    def followers(self) -> Mapping[str, tuple[str, ...]]:
        """Who waits for an enver."""
        return _reversed(self.upstream)

    @cached_property
    def position(self) -> Mapping[str, int]:
        return {enver: at for at, enver in enumerate(self.ordered)}

    def _ask(self, producer: str, consumer: str) -> None:
        self.offered.setdefault(producer, []).append(consumer)
        self.asking[consumer] = None

    def is_latch(self, wire: WireEdge) -> bool:
        """Whether a wave ends at this wire."""
        return wire.mode != "automatic" or (wire.placeholder is not None and self._closes_cycle(wire))

    def _closes_cycle(self, wire: WireEdge) -> bool:
        cycle = self._cycle_of.get(wire.consumer)
        return cycle is not None and cycle == self._cycle_of.get(wire.producer)

    def cycle(self, enver: str) -> str | None:
        """The key of the cycle that an enver belongs to."""
        return self._cycle_of.get(enver)

    def cone(self, roots: Iterable[str]) -> Iterable[str]:
        """Everything that the roots reach over automatic wires, themselves included."""
        reached = dict.fromkeys(root for root in roots if root in self.upstream)
        todo = list(reached)
        while todo:
            for consumer in self.reached.get(todo.pop(), ()):
                if consumer not in reached:
                    reached[consumer] = None
                    todo.append(consumer)
        return reached


class Wirings:
    """Editions of the contracts by digest, each prepared when it is first asked for; of equal ones the first counts."""

    def __init__(self, *graphs: Graph) -> None:
        self._graphs = {graph.digest(): graph for graph in reversed(graphs)}
        self._made = {"": NOTHING}

    def __getitem__(self, contracts: str) -> Wiring:
        """Raises:
        KeyError: no edition has this digest.
        """
        if contracts not in self._made:
            self._made[contracts] = Wiring(self._graphs[contracts])
        return self._made[contracts]

    def __contains__(self, contracts: str) -> bool:
        return contracts in self._made or contracts in self._graphs


def promoted_from(enver: EnverNode) -> str:
    """The enver whose source this one takes over, or nothing."""
    return enver.promoted_from


def _leads_forward(graph: Graph) -> bool:
    """Whether every wire, order and promotion leads to a later enver, so that there is no cycle."""
    position = {address: at for at, address in enumerate(graph.envers)}
    for at, enver in enumerate(graph.envers.values()):
        before = [wire.producer for wire in enver.wires]
        before += graph.moves_after.get(enver.address, ())
        before.append(promoted_from(enver))
        if max([position.get(other, -1) for other in before]) >= at:
            return False
    return True


def _cycles(graph: Graph) -> dict[str, str]:
    """Member → the smallest address of its cycle, be it closed by a wire, a gate, a promotion or an order."""
    digraph = rustworkx.PyDiGraph[str, None](multigraph=False)
    index = dict(zip(graph.envers, digraph.add_nodes_from(list(graph.envers)), strict=True))
    ends = {(wire.producer, wire.consumer) for wire in graph.wires() if wire.producer in index}
    ends |= {(origin, enver.address) for enver in graph.envers.values() if (origin := promoted_from(enver)) in index}
    order = {(reader, writer) for writer, readers in graph.moves_after.items() for reader in readers}
    digraph.add_edges_from_no_data([(index[a], index[b]) for a, b in ends | order])
    found: dict[str, str] = {}
    for members in rustworkx.strongly_connected_components(digraph):
        if len(members) > 1:
            names = [digraph[member] for member in members]
            found.update(dict.fromkeys(names, min(names)))
    return found


def _with_members(cycle_of: Mapping[str, str], closing: Mapping[str, list[WireEdge]]) -> dict[str, Cycle]:
    members: dict[str, list[str]] = {}
    for enver in sorted(cycle_of):
        members.setdefault(cycle_of[enver], []).append(enver)
    return {
        key: Cycle(tuple(names), tuple(sorted(closing.get(key, ()), key=lambda wire: (wire.consumer, wire.name))))
        for key, names in members.items()
    }


def _reversed(upstream: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    followers: dict[str, list[str]] = {}
    for enver, before in upstream.items():
        for other in before:
            followers.setdefault(other, []).append(enver)
    return {enver: tuple(after) for enver, after in followers.items()}


def _ordered(upstream: Mapping[str, tuple[str, ...]], graph: Graph) -> Sequence[str]:
    digraph = rustworkx.PyDiGraph[str, None](multigraph=False)
    names = sorted(upstream)
    index = dict(zip(names, digraph.add_nodes_from(names), strict=True))
    edges = [(index[a], index[b]) for b, before in upstream.items() for a in before if a in index]
    digraph.add_edges_from_no_data(sorted(edges))
    for enver in graph.envers.values():
        origin = promoted_from(enver)
        if origin in index and not rustworkx.has_path(digraph, index[enver.address], index[origin]):
            digraph.add_edge(index[origin], index[enver.address], None)
    return [digraph[node] for node in rustworkx.topological_sort(digraph)]


NOTHING: Final = Wiring(Graph("", "", {}, {}))
"""Before the first contracts."""
