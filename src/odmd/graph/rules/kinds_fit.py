"""ODMD021: what an input is given is of the kind that it declares."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model.checked import an


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products, placeholders and offers of another kind than their consumer declares."""
    for wrong in draft.misfits:
        yield Diagnostic(
            "ODMD021",
            f"{wrong.enver} consumes `{wrong.name}` as {an(wrong.expected)} and is given {wrong.given}",
            wrong.place,
            f"give it {an(wrong.expected)}, or change what the class declares",
        )
