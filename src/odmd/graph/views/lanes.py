"""The order and the heights of what stands in columns, so that what is joined stands at about the same height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_SWEEPS: Final = 8
_NODE: Final = 58
_LANE: Final = 16
"""The height that a box, a lane takes, with the space around it."""


class EdgeLane(NamedTuple):
    """Where an edge, by number, passes through a column."""

    edge: int
    column: int


Item = str | EdgeLane
Column = list[Item]
Columns = Mapping[int, Column]
Links = Sequence[tuple[Item, Item]]


def in_order(columns: Columns, links: Links) -> Columns:
    """Each column by the mean height of its items' neighbours, alternately to the left and to the right."""
    left, right = _neighbours(links)
    height: dict[Item, float] = {
        item: _middle(at, column) for column in columns.values() for at, item in enumerate(column)
    }
    for sweep in range(_SWEEPS):
        is_rightward = sweep % 2 == 0
        near = left if is_rightward else right
        for number in sorted(columns, reverse=not is_rightward):
            column = columns[number]
            wanted = {item: _mean([height[one] for one in near.get(item, ())], height[item]) for item in column}
            column.sort(key=lambda item, wanted=wanted: wanted[item])
            height.update((item, _middle(at, column)) for at, item in enumerate(column))
    return columns


def heights(columns: Columns, links: Links) -> Mapping[Item, float]:
    """The middle of every item: near its neighbours', in the column's order, and none over another."""
    left, right = _neighbours(links)
    found: dict[Item, float] = {}
    for column in columns.values():
        found.update(zip(column, _spread(column, [0.0] * len(column)), strict=True))
    for sweep in range(2 * _SWEEPS):
        for number in sorted(columns, reverse=sweep % 2 == 1):
            column = columns[number]
            wanted = [_wanted(item, left if sweep % 2 == 0 else right, found) for item in column]
            found.update(zip(column, _spread(column, wanted), strict=True))
    return found


def _wanted(item: Item, near: Mapping[Item, Sequence[Item]], found: Mapping[Item, float]) -> float:
    return _mean([found[one] for one in near.get(item, ())], found[item])


def _spread(column: Sequence[Item], wanted: Sequence[float]) -> Sequence[float]:
    """The heights nearest to those wanted that keep order and distance: neighbours in each other's way share a mean."""
    offsets: list[float] = []
    for at, item in enumerate(column):
        offsets.append(0 if at == 0 else offsets[-1] + (_size(column[at - 1]) + _size(item)) / 2)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    bases = [total / count for total, count in blocks for _ in range(count)]
    return [base + offset for base, offset in zip(bases, offsets, strict=True)]


def _size(item: Item) -> int:
    return _LANE if isinstance(item, EdgeLane) else _NODE


def _neighbours(links: Links) -> tuple[Mapping[Item, list[Item]], Mapping[Item, list[Item]]]:
    """Item → what it is joined with to the left, and to the right."""
    left: dict[Item, list[Item]] = {}
    right: dict[Item, list[Item]] = {}
    for one, other in links:
        right.setdefault(one, []).append(other)
        left.setdefault(other, []).append(one)
    return left, right


def _middle(at: int, column: Sequence[Item]) -> float:
    """An item's height in its column, 0 being the middle."""
    return at - (len(column) - 1) / 2


def _mean(heights: Sequence[float], otherwise: float) -> float:
    return sum(heights) / len(heights) if heights else otherwise
