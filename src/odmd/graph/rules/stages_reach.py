"""ODMD023: a stage consumes from the stages that it reaches."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires out of stages that the consumer's stage does not reach."""
    reaches = {
        stage.name: {other.name for other in stage.reaches} for stage in draft.used_stages if stage.reaches is not None
    }
    for node in draft.nodes if reaches else ():
        for wire in node.wires if node.stage in reaches else ():
            there = draft.envers.get(wire.producer, node).stage
            if there != node.stage and there not in reaches[node.stage]:
                yield Diagnostic(
                    "ODMD023",
                    f"{node.label} consumes `{wire.name}` from {naming.enver_label(wire.producer)} in stage {there}, "
                    f"which stage {node.stage} does not reach",
                    wire.place,
                    f"consume from {node.stage}, or add {there} to what the stage reaches",
                )
