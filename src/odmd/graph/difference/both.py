"""Two editions side by side, and what is asked of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from odmd.graph.difference.edition import Edition
from odmd.graph.nodes import EnverNode, Graph, ProductNode, WireEdge
from odmd.graph.schemas import Json

Wires = Mapping[tuple[str, str], WireEdge]
"""By consumer and input."""
Products = Mapping[str, tuple[EnverNode, ProductNode]]
"""By address, each with its enver."""


class Both:
    """The earlier and the later edition."""

    def __init__(self, before: Edition, after: Edition) -> None:
        self.before, self.after = before, after
        self.wires_before, self.wires_after = _wires(before.graph), _wires(after.graph)
        self.products_before, self.products_after = _products(before.graph), _products(after.graph)

    def staying(self, product: str) -> Sequence[WireEdge]:
        """The earlier wires out of a product whose consumers are still declared."""
        return [wire for wire in self.before.graph.consumers(product) if wire.consumer in self.after.graph.envers]

    def leading_to(self, product: str) -> Sequence[WireEdge]:
        """The earlier wires out of a product that still lead there."""
        return [
            wire
            for wire in self.staying(product)
            if (now := self.wires_after.get((wire.consumer, wire.name))) and now.product == product
        ]

    def promised_to(self, wire: WireEdge) -> Json | None:
        """What the later edition promises of the product that a wire comes from."""
        return self.after.documents.get(schema_of(self.products_after, wire))

    def is_narrower(self, kind: str, other: str) -> bool:
        """Whether a kind is a subclass of another one."""
        return other in self.after.lineage.get(kind, ())


def schema_of(products: Products, wire: WireEdge) -> str:
    """The schema of the product that a wire comes from."""
    return products[wire.product][1].schema if wire.product in products else ""


def _wires(graph: Graph) -> Wires:
    return {(wire.consumer, wire.name): wire for wire in graph.wires()}


def _products(graph: Graph) -> Products:
    return {product.address: (enver, product) for enver in graph.envers.values() for product in enver.products}
