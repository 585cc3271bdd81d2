"""ODMD015: a build consumes nothing from itself."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires between envers of one build."""
    for node, producers in zip(draft.nodes, draft.producers, strict=True):
        itself = f"{node.build}/"
        own = [one for one in producers if one.startswith(itself)]
        for wire in node.wires if own else ():
            if wire.producer in own:
                yield Diagnostic(
                    "ODMD015",
                    f"{node.label} consumes `{wire.name}` from {naming.enver_label(wire.producer)}, its own build",
                    wire.place,
                    "move one of them into a build of its own",
                )
