"""ODMD017: a value is read in the region where it is published."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires into regions where their product is not replicated."""
    several = len({node.region for node in draft.nodes}) > 1
    for node in draft.nodes if several else ():
        for wire in node.wires:
            there = draft.envers.get(wire.producer, node).region
            product = draft.products.get(wire.product)
            if there != node.region and (product is None or node.region not in product.regions):
                yield Diagnostic(
                    "ODMD017",
                    f"{node.label} is in {node.region} and consumes `{wire.name}` from "
                    f"{naming.enver_label(wire.producer)} in {there}",
                    wire.place,
                    f"consume from an enver in {node.region}, or replicate the product: "
                    f'produced(…, regions=("{node.region}",))',
                )
