"""ODMD016: what never moves rests on what never moves."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds tag envers that consume from an enver that moves."""
    for node in draft.nodes:
        for wire in node.wires if node.revision.startswith("tag:") else ():
            if not draft.envers.get(wire.producer, node).revision.startswith("tag:"):
                yield Diagnostic(
                    "ODMD016",
                    f"{node.label} runs a tag and consumes `{wire.name}` from {naming.enver_label(wire.producer)}, "
                    "which moves",
                    wire.place,
                    "consume from a tag, or run a branch",
                )
