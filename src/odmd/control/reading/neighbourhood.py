"""Who is around one enver: a picture that is small enough to be read, placed, with the state of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.reading.overview import standing
from odmd.control.reading.views import EnverView
from odmd.graph import Graph
from odmd.graph.views.dependencies import dependencies
from odmd.graph.views.layout import HEIGHT, Box, drawing
from odmd.graph.views.scope import ViewScope, focus
from odmd.graph.views.view import Edge
from odmd.model.kinds import Kind

MOST: Final = 300
"""Envers of which SVG is fine, and which somebody still looks at."""
_NEARER: Final = 1


@dataclass(frozen=True, slots=True)
class PlacedEnver:
    """A box."""

    enver: str
    label: str
    type: str
    team: str
    stage: str
    state: str
    lag: int
    asks: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PlacedWires:
    """An arrow from one enver to another, whatever runs along it."""

    source: str
    target: str
    label: str
    style: str
    """plain, loose (what is new does not flow by itself) or promoted."""
    wires: tuple[str, ...]
    """`bus → bus #3, 2 behind`."""
    lag: int
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NeighbourhoodView:
    """The producers of an enver and its consumers, as many wires away as there is room for."""

    enver: str
    label: str
    up: int
    down: int
    """How many wires away, which may be fewer than were asked for."""
    left_out: bool
    """There are more, as far away as was asked for."""
    envers: tuple[PlacedEnver, ...]
    wires: tuple[PlacedWires, ...]


def neighbourhood(
    graph: Graph,
    kinds: Mapping[str, type[Kind]],
    enver: str,
    reach: tuple[int, int],
    views: Callable[[Sequence[str]], Mapping[str, EnverView]],
) -> NeighbourhoodView:
    """As far up and down as was asked for, or as far as a picture goes."""
    scope, (up, down) = _scope(graph, kinds, enver, reach)
    view = dependencies(scope)
    drawn, states = drawing(view), views([node.id for node in view.nodes])
    boxes = [_placed(graph, node.id, states.get(node.id), drawn.boxes[node.id]) for node in view.nodes]
    arrows = [
        _wires(edge, points, states.get(edge.target)) for edge, points in zip(view.edges, drawn.routes, strict=True)
    ]
    return NeighbourhoodView(
        enver, graph.envers[enver].label, up, down, (up, down) != reach, tuple(boxes), tuple(arrows)
    )


def _scope(
    graph: Graph, kinds: Mapping[str, type[Kind]], enver: str, reach: tuple[int, int]
) -> tuple[ViewScope, tuple[int, int]]:
    """The largest that is small enough; of what is next to the enver, the first by address where that is too much."""
    up, down = reach
    while True:
        scope = focus(graph, kinds, enver, up, down)
        shown = scope.shown or frozenset()
        if len(shown) <= MOST:
            return scope, (up, down)
        if max(up, down) <= _NEARER:
            few = frozenset([enver, *sorted(shown - {enver})[: MOST - 1]])
            return ViewScope(graph, kinds, few, scope.about), (up, 0)
        up, down = (up - 1, down) if up > down else (up, down - 1)


def _placed(graph: Graph, address: str, now: EnverView | None, box: Box) -> PlacedEnver:
    node = graph.envers[address]
    return PlacedEnver(
        enver=address,
        label=node.label,
        type=node.build_type,
        team=node.team,
        stage=node.stage,
        state=standing(now),
        lag=max((one.lag for one in now.inputs), default=0) if now else 0,
        asks=len(now.asks) if now else 0,
        x=box.x,
        y=box.y,
        width=box.width,
        height=HEIGHT,
    )


def _wires(edge: Edge, points: Sequence[tuple[int, int]], now: EnverView | None) -> PlacedWires:
    given = {one.name: one for one in now.inputs} if now else {}
    said = [
        f"{strand.outlet} → {strand.inlet}"
        + (f" #{one.version}" + (f", {one.lag} behind" if one.lag else "") if (one := given.get(strand.inlet)) else "")
        for strand in edge.strands
    ]
    lag = max((given[strand.inlet].lag for strand in edge.strands if strand.inlet in given), default=0)
    return PlacedWires(
        edge.source, edge.target, edge.label, edge.style.value, tuple(said), lag, tuple((x, y) for x, y in points)
    )
