"""ODMD032: contracts consume nothing, and images only who may pull them."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model.build_types import May
from odmd.model.kinds.base import Concern


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs of builds whose type cannot have them."""
    for node in draft.nodes:
        may = node.type.may_consume
        for wire in node.wires if may is not May.ANYTHING else ():
            if may is May.PULLERS and draft.kinds[wire.kind].concern is Concern.IDENTITY:
                continue
            yield Diagnostic(
                "ODMD032",
                f"{node.label} is built as {node.build_type}, consumes {may}, and `{wire.name}` is wired",
                wire.place,
                "move the input into an enver of another build type",
            )
