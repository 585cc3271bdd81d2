"""What the contracts say differently of the two: not where they are nor which revision they follow, which is what tells
them apart to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from odmd.compare.comparison import Because, Differs, Section
from odmd.compare.side import ComparedSide
from odmd.graph import EnverNode, Graph
from odmd.graph.difference import Edition, How, difference, label
from odmd.graph.nodes import WireEdge

_WHAT_TELLS_THEM_APART: Final = frozenset(
    {"revision", "stage", "account", "region", "ephemeral", "approver", "origin", "stack"}
)


def of_contracts(before: ComparedSide, after: ComparedSide) -> Iterator[Differs]:
    """By what it is about."""
    if before.node is None or after.node is None:
        return
    same = before.view.enver == after.view.enver
    ours, theirs = before.node, after.node if same else _as_if_it_were(after.node, before.node)
    for one in difference(_alone(ours), _alone(theirs)).changes:
        if same or one.aspect not in _WHAT_TELLS_THEM_APART:
            what = f"{one.what} {label(one)}{f' {one.aspect}' if one.aspect else ''}"
            was = one.before or ("yes" if one.how is How.REMOVED else "")
            now = one.after or ("yes" if one.how is How.ADDED else "")
            yield Differs(Section.CONTRACTS, Because.INTENT, what, was, now, "; ".join(one.details))


def _alone(node: EnverNode) -> Edition:
    return Edition(Graph("", "", {node.address: node}, {}))


def _as_if_it_were(node: EnverNode, other: EnverNode) -> EnverNode:
    """With the other one's address, and with its producers where they are of the same build."""
    led = {wire.name: wire.product for wire in other.wires}
    products = tuple(replace(one, address=f"{other.address}/{one.name}", told=None) for one in node.products)
    wires = tuple(wire._replace(consumer=other.address, product=_corresponding(wire, led)) for wire in node.wires)
    return replace(node, address=other.address, slot=other.slot, products=products, wires=wires)


def _corresponding(wire: WireEdge, led: dict[str, str]) -> str:
    other = led.get(wire.name, "")
    return other if is_corresponding(wire.product, other) else wire.product


def is_corresponding(product: str, other: str) -> bool:
    """Whether both are the same product of the same build, be it of other envers."""
    build, _, name = product.split("/", 2)
    return other.split("/", 2)[::2] == [build, name]
