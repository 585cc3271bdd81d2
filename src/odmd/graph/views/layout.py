"""Where the boxes of a layered drawing stand: layers from left to right, neighbours at about the same height."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph.views.view import Node, View

HEIGHT: Final = 24
_ROW: Final = 34
_WIDEST_ROW: Final = 84
_GAP: Final = 90
_WIDEST_GAP: Final = 300
_NARROW_GAP: Final = 24
_LETTER: Final = 7.3
_WIDEST: Final = 240
_SWEEPS: Final = 6
LABELLED: Final = 24
"""Up to how many edges there are labels on them."""
_SHAPE: Final = 1.6
"""Width of the whole by its height, about."""


@dataclass(frozen=True, slots=True)
class Box:
    """The left upper corner of a node's box, and its width."""

    x: int
    y: int
    width: int


def layout(view: View) -> Mapping[str, Box]:
    """A box for each node. Layers with many nodes take several columns."""
    columns = list(_columns(view))
    tallest = max((len(column.nodes) for column in columns), default=1)
    wide = max((column.x + column.width for column in columns), default=0)
    row = max(_ROW, min(_WIDEST_ROW, round(wide / _SHAPE / tallest)))
    return {
        node.id: Box(column.x, (tallest - len(column.nodes)) * row // 2 + number * row, _width(node))
        for column in columns
        for number, node in enumerate(column.nodes)
    }


@dataclass(frozen=True, slots=True)
class _Column:
    x: int
    width: int
    nodes: Sequence[Node]


def _columns(view: View) -> Iterator[_Column]:
    """The layers from left to right, those with many nodes as several columns."""
    rows = max(12, math.ceil(math.sqrt(len(view.nodes) * _WIDEST / (_ROW * _SHAPE))))
    gap, left = _gap(view), 0
    for layer in _in_order(view):
        tall = math.ceil(len(layer) / math.ceil(len(layer) / rows))
        for start in range(0, len(layer), tall):
            nodes = layer[start : start + tall]
            column = _Column(left, max(map(_width, nodes)), nodes)
            yield column
            left += column.width + _NARROW_GAP
        left += gap - _NARROW_GAP


def _gap(view: View) -> int:
    """The distance of layers: enough for the labels of the edges, where these have any."""
    if len(view.edges) > LABELLED:
        return _GAP
    longest = max((len(edge.label) for edge in view.edges), default=0)
    return max(_GAP, min(_WIDEST_GAP, round(longest * 6) + 70))


def _width(node: Node) -> int:
    return max(90, min(_WIDEST, round(len(node.label) * _LETTER) + 30))


def _in_order(view: View) -> Sequence[Sequence[Node]]:
    """Each layer by the mean height of its nodes' neighbours, alternately to the left and to the right."""
    layers = [list(layer) for layer in view.in_layers()]
    sources = {node.id: [edge.source for edge in view.into.get(node.id, ())] for node in view.nodes}
    targets = {node.id: [edge.target for edge in view.out_of.get(node.id, ())] for node in view.nodes}
    height = {node.id: _middle(n, layer) for layer in layers for n, node in enumerate(layer)}
    for sweep in range(_SWEEPS):
        is_rightward = sweep % 2 == 0
        near = sources if is_rightward else targets
        for layer in layers if is_rightward else reversed(layers):
            wanted = {node.id: _mean([height[one] for one in near[node.id]], height[node.id]) for node in layer}
            layer.sort(key=lambda node: (wanted[node.id], node.group, node.label))
            height.update((node.id, _middle(n, layer)) for n, node in enumerate(layer))
    return layers


def _middle(number: int, layer: Sequence[Node]) -> float:
    """A node's height in its layer, 0 being the middle."""
    return number - (len(layer) - 1) / 2


def _mean(heights: Sequence[float], otherwise: float) -> float:
    return sum(heights) / len(heights) if heights else otherwise
