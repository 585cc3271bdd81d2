"""ODMD013: who is consumed from is part of the organisation."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires from envers that the organisation does not list, and from products that their enver does not make."""
    unknown = draft.consumed.keys() - draft.products.keys()
    for wire in (wire for wire in draft.wires if wire.product in unknown) if unknown else ():
        consumer, producer = naming.enver_label(wire.consumer), naming.enver_label(wire.producer)
        if wire.producer not in draft.envers:
            yield Diagnostic(
                "ODMD013",
                f"{consumer} consumes `{wire.name}` from {producer}, which the organisation does not list",
                wire.place,
                "add it to Organisation(envers=…)",
            )
        else:
            yield Diagnostic(
                "ODMD013",
                f"{consumer} consumes {wire.product}, which {producer} does not declare",
                wire.place,
                f"declare it in {draft.envers[wire.producer].build}",
            )
