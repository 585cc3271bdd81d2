"""ODMD017: a value is read in the region where it is published."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires that cross regions."""
    regions = {node.address: node.region for node in draft.nodes}
    for node in draft.nodes:
        for wire in node.wires:
            if (there := regions.get(wire.producer, node.region)) != node.region:
                yield Diagnostic(
                    "ODMD017",
                    f"{node.label} is in {node.region} and consumes `{wire.name}` from "
                    f"{naming.enver_label(wire.producer)} in {there}",
                    wire.place,
                    f"consume from an enver in {node.region}",
                )
