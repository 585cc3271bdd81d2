"""ODMD024: no stage consumes from a later one."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires against the declared order of stages; one with a placeholder waits for nobody."""
    order = {stage.name: number for number, stage in enumerate(draft.organisation.stages)}
    for node in draft.nodes if order else ():
        if node.stage not in order:
            yield Diagnostic(
                "ODMD024",
                f"{node.label} is in stage {node.stage}, which has no place in the order of stages",
                node.place,
                f"add {node.stage} to Organisation(stages=…)",
            )
            continue
        for wire in node.wires:
            there = draft.envers.get(wire.producer, node).stage
            if wire.placeholder is None and order.get(there, 0) > order[node.stage]:
                yield Diagnostic(
                    "ODMD024",
                    f"{node.label} in {node.stage} consumes `{wire.name}` from {naming.enver_label(wire.producer)} "
                    f"in {there}, a later stage",
                    wire.place,
                    f"consume from {node.stage} or an earlier stage",
                )
