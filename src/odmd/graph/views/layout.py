"""Where the boxes of a layered drawing stand, and how its edges run: from left to right, never behind a box.

Connected parts stand below each other. An edge over several columns has a lane of its own in those between.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph.views.lanes import Column, EdgeLane, Item, heights, in_order
from odmd.graph.views.view import Edge, Node, View

HEIGHT: Final = 40
LABELLED: Final = 12
"""Up to how many edges there are labels on them."""
_GAP: Final = 96
_WIDEST_GAP: Final = 280
_NARROW_GAP: Final = 28
_APART: Final = 36
"""Between connected parts."""
_LETTER: Final = 7.2
_SMALL_LETTER: Final = 6.0
_NARROWEST: Final = 110
_WIDEST: Final = 320
_USUAL: Final = 260
_SHAPE: Final = 1.6
"""Width of the whole by its height, about."""
_MOST_LANES: Final = 3000
"""With more, edges run straight: nobody follows one of thousands."""
_PORT: Final = 9


Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """The left upper corner of a node's box, and its width."""

    x: int
    y: int
    width: int

    @property
    def right(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Drawing:
    """A box for each node, by id, and the points that each edge runs through, in the view's order."""

    boxes: Mapping[str, Box]
    routes: Sequence[Sequence[Point]]


def drawing(view: View) -> Drawing:
    """Places all nodes and edges of a view."""
    parts, alone = _parts(view)
    columns = [_with_lanes(view, part) for part in parts]
    rooms = _rooms(view, columns)
    boxes: dict[str, Box] = {}
    lanes: dict[EdgeLane, int] = {}
    top = 0
    for part in columns:
        ys = heights(in_order(part, _links(part, view)), _links(part, view))
        start = top - min(ys.values())
        boxes |= {
            item: Box(rooms[number][0], round(start + ys[item]) - HEIGHT // 2, _width(view.by_id[item]))
            for number, column in part.items()
            for item in column
            if isinstance(item, str)
        }
        lanes |= {item: round(start + y) for item, y in ys.items() if isinstance(item, EdgeLane)}
        top = round(start + max(ys.values())) + HEIGHT + _APART
    boxes |= _grid(alone, top - HEIGHT // 2)
    return Drawing(boxes, _routes(view.edges, boxes, lanes, rooms))


def _parts(view: View) -> tuple[Sequence[set[str]], Sequence[Node]]:
    """The connected parts, the largest first, and the nodes without any edge."""
    near: dict[str, set[str]] = {node.id: set() for node in view.nodes}
    for edge in view.edges:
        near[edge.source].add(edge.target)
        near[edge.target].add(edge.source)
    parts: list[set[str]] = []
    seen: set[str] = set()
    for node in view.nodes:
        if node.id not in seen and near[node.id]:
            part = _reached(node.id, near)
            seen |= part
            parts.append(part)
    return sorted(parts, key=len, reverse=True), [node for node in view.nodes if not near[node.id]]


def _reached(start: str, near: Mapping[str, Iterable[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        new = set(near[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def _with_lanes(view: View, part: set[str]) -> Mapping[int, Column]:
    """The columns of a part: its layers, those with many nodes as several, and lanes for what passes through."""
    layers = [[node.id for node in layer if node.id in part] for layer in view.in_layers()]
    rows = max(12, math.ceil(math.sqrt(len(part) * _USUAL / (HEIGHT * _SHAPE))))
    columns: dict[int, Column] = {}
    for layer in layers:
        tall = math.ceil(len(layer) / math.ceil(len(layer) / rows)) if layer else 1
        for start in range(0, max(1, len(layer)), tall):
            columns[len(columns)] = [*layer[start : start + tall]]
    place = {item: number for number, column in columns.items() for item in column if isinstance(item, str)}
    spans = [
        (number, *sorted((place[edge.source], place[edge.target])))
        for number, edge in enumerate(view.edges)
        if edge.source in part
    ]
    if sum(end - start for _, start, end in spans) <= _MOST_LANES:
        for number, start, end in spans:
            for between in range(start + 1, end):
                columns[between].append(EdgeLane(number, between))
    return columns


def _links(columns: Mapping[int, Column], view: View) -> Sequence[tuple[Item, Item]]:
    """What is joined from one column to the next; without lanes, the ends of edges."""
    place = {item: number for number, column in columns.items() for item in column}
    found: list[tuple[Item, Item]] = []
    for number, edge in enumerate(view.edges):
        if edge.source in place:
            first, last = sorted((edge.source, edge.target), key=lambda end: place[end])
            between = (EdgeLane(number, at) for at in range(place[first] + 1, place[last]))
            chain: list[Item] = [first, *(lane for lane in between if lane in place), last]
            found += itertools.pairwise(chain)
    return found


def _rooms(view: View, parts: Sequence[Mapping[int, Column]]) -> Sequence[tuple[int, int]]:
    """The left and the right end of every column, the same for all parts."""
    found: list[tuple[int, int]] = []
    left, gap = 0, _gap(view)
    for number in range(max((len(part) for part in parts), default=0)):
        nodes = [view.by_id[item] for part in parts for item in part.get(number, ()) if isinstance(item, str)]
        right = left + max(map(_width, nodes), default=_NARROWEST)
        found.append((left, right))
        left = right + gap
    return found


def _gap(view: View) -> int:
    """The distance of columns: enough for the labels of the edges, where these have any."""
    if len(view.edges) > LABELLED:
        return _GAP
    longest = max((len(edge.label) for edge in view.edges), default=0)
    return max(_GAP, min(_WIDEST_GAP, round(longest * _SMALL_LETTER) + 40))


def _width(node: Node) -> int:
    said = max(len(node.label) * _LETTER, len(second_line(node)) * _SMALL_LETTER)
    return max(_NARROWEST, min(_WIDEST, round(said) + 34))


def second_line(node: Node) -> str:
    """What stands below a node's name: its first notes."""
    return " · ".join(node.notes[:2])


def _grid(nodes: Sequence[Node], top: int) -> Mapping[str, Box]:
    """Nodes without edges, in rows below everything."""
    wide = max(map(_width, nodes), default=0) + _NARROW_GAP
    columns = max(1, round(math.sqrt(len(nodes) * _SHAPE * (HEIGHT + _NARROW_GAP) / max(1, wide))))
    return {
        node.id: Box(number % columns * wide, top + number // columns * (HEIGHT + _NARROW_GAP), _width(node))
        for number, node in enumerate(nodes)
    }


def _routes(
    edges: Sequence[Edge], boxes: Mapping[str, Box], lanes: Mapping[EdgeLane, int], rooms: Sequence[tuple[int, int]]
) -> Sequence[Sequence[Point]]:
    through = [list(_through(number, edge, boxes, lanes, rooms)) for number, edge in enumerate(edges)]
    ports = _ports(edges, boxes, through)
    return [[ports[number, True], *points, ports[number, False]] for number, points in enumerate(through)]


def _through(
    number: int, edge: Edge, boxes: Mapping[str, Box], lanes: Mapping[EdgeLane, int], rooms: Sequence[tuple[int, int]]
) -> Iterator[Point]:
    """The points of an edge's lanes, in the direction in which it leads."""
    forward = boxes[edge.source].x < boxes[edge.target].x
    columns = [at for at in range(len(rooms)) if EdgeLane(number, at) in lanes]
    for at in columns if forward else reversed(columns):
        y = lanes[EdgeLane(number, at)]
        left, right = rooms[at]
        yield from ((left, y), (right, y)) if forward else ((right, y), (left, y))


def _ports(
    edges: Sequence[Edge], boxes: Mapping[str, Box], through: Sequence[Sequence[Point]]
) -> Mapping[tuple[int, bool], Point]:
    """Where each edge leaves (True) and arrives: side by side, in the order in which the edges come."""
    sides: dict[tuple[str, bool], list[tuple[int, int, bool]]] = {}
    for number, edge in enumerate(edges):
        source, target = boxes[edge.source], boxes[edge.target]
        out, into = source.x <= target.x, source.x >= target.x  # whether at the right side
        next_y = through[number][0][1] if through[number] else target.y + HEIGHT // 2
        last_y = through[number][-1][1] if through[number] else source.y + HEIGHT // 2
        sides.setdefault((edge.source, out), []).append((next_y, number, True))
        sides.setdefault((edge.target, into), []).append((last_y, number, False))
    found: dict[tuple[int, bool], Point] = {}
    for (node, is_right), ends in sides.items():
        box = boxes[node]
        apart = min(_PORT, (HEIGHT - 14) / max(1, len(ends) - 1))
        for at, (_, number, leaves) in enumerate(sorted(ends)):
            y = box.y + HEIGHT / 2 + (at - (len(ends) - 1) / 2) * apart
            found[number, leaves] = (box.right if is_right else box.x, round(y))
    return found
