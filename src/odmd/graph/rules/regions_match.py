"""ODMD017: a value is read in the region where it is published."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires into regions where their product is not replicated."""
    regions = {node.address: node.region for node in draft.nodes}
    replicated = {product.address: product.regions for node in draft.nodes for product in node.products}
    for node in draft.nodes:
        for wire in node.wires:
            there = regions.get(wire.producer, node.region)
            if there != node.region and node.region not in replicated.get(wire.product, ()):
                yield Diagnostic(
                    "ODMD017",
                    f"{node.label} is in {node.region} and consumes `{wire.name}` from "
                    f"{naming.enver_label(wire.producer)} in {there}",
                    wire.place,
                    f"consume from an enver in {node.region}, or replicate the product: "
                    f'produced(…, regions=("{node.region}",))',
                )
