"""ODMD032: contracts consume nothing, and images only who may pull them."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model.kinds.base import Concern


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs of builds whose type cannot have them."""
    for node in draft.nodes:
        for wire in node.wires if node.build_type in ("contracts", "image") else ():
            if node.build_type == "image" and draft.kinds[wire.kind].concern is Concern.IDENTITY:
                continue
            may = "nothing" if node.build_type == "contracts" else "nothing but who may pull it"
            yield Diagnostic(
                "ODMD032",
                f"{node.label} is built as {node.build_type}, consumes {may}, and `{wire.name}` is wired",
                wire.place,
                "move the input into an enver of another build type",
            )
