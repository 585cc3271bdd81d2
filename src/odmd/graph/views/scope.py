"""What a view looks at: the whole graph, the surroundings of one enver, or its constellation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from odmd.graph.nodes import EnverNode, Graph, WireEdge
from odmd.graph.views.names import concern_of
from odmd.model.kinds import Concern, Kind


@dataclass(frozen=True, slots=True)
class ViewScope:
    """A graph, the kinds of its products by lasting name, and which of its envers to show."""

    graph: Graph
    kinds: Mapping[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])
    shown: frozenset[str] | None = None
    """Addresses; None: all."""
    about: str = ""
    """What of the organisation it is, in words; empty: all."""

    def shows(self, address: str) -> bool:
        """Whether an enver is in the picture."""
        return address in self.graph.envers if self.shown is None else address in self.shown

    def envers(self) -> Iterator[EnverNode]:
        """The envers to show, producers before consumers."""
        return (enver for enver in self.graph.envers.values() if self.shows(enver.address))

    def wires(self) -> Iterator[WireEdge]:
        """The wires that both ends of are shown."""
        return (wire for enver in self.envers() for wire in enver.wires if self.shows(wire.producer))

    def promoted(self) -> Iterator[EnverNode]:
        """The envers that take over the source of another one that is shown."""
        return (enver for enver in self.envers() if enver.promoted_from and self.shows(enver.promoted_from))

    def concern(self, wire: WireEdge) -> Concern:
        """What the wire's product is about."""
        return concern_of(self.kinds.get(wire.kind))

    def hides(self, wire: WireEdge) -> bool:
        """Whether people shall not see the wire's values."""
        kind, producer = self.kinds.get(wire.kind), self.graph.envers[wire.producer]
        by_kind = kind is not None and kind.sensitive
        return by_kind or any(one.sensitive for one in producer.products if one.address == wire.product)


def whole(graph: Graph, kinds: Mapping[str, type[Kind]]) -> ViewScope:
    """Everything."""
    return ViewScope(graph, kinds)


def focus(graph: Graph, kinds: Mapping[str, type[Kind]], enver: str, up: int, down: int) -> ViewScope:
    """One enver, its producers up to `up` wires away and its consumers up to `down` wires away."""
    above = _reached([enver], _producers(graph), up)
    below = _reached([enver], _consumers(graph), down)
    label = graph.envers[enver].label
    return ViewScope(graph, kinds, frozenset(above | below), f"{label}, {up} up and {down} down")


def constellation(graph: Graph, kinds: Mapping[str, type[Kind]], enver: str) -> ViewScope:
    """Everything that is reachable from one enver along wires, in either direction at every step."""
    up, down = _producers(graph), _consumers(graph)
    reached = _reached([enver], lambda one: [*up(one), *down(one)], len(graph.envers))
    return ViewScope(graph, kinds, frozenset(reached), f"constellation of {graph.envers[enver].label}")


def _producers(graph: Graph) -> Callable[[str], Iterable[str]]:
    return lambda enver: [wire.producer for wire in graph.envers[enver].wires if wire.producer in graph.envers]


def _consumers(graph: Graph) -> Callable[[str], Iterable[str]]:
    return lambda enver: [wire.consumer for wire in graph.downstream(enver)]


def _reached(start: Collection[str], onward: Callable[[str], Iterable[str]], steps: int) -> set[str]:
    found, edge = set(start), set(start)
    for _ in range(steps):
        edge = {there for here in edge for there in onward(here)} - found
        if not edge:
            break
        found |= edge
    return found
