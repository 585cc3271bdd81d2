"""ODMD021: what an input is given is of the kind that it declares, and no longer than a parameter takes."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model.checked import an
from odmd.model.kinds.base import LONGEST_VALUE


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products, placeholders and offers of another kind than their consumer declares, and placeholders that no
    parameter takes."""
    for wrong in draft.misfits:
        yield Diagnostic(
            "ODMD021",
            f"{wrong.enver} consumes `{wrong.name}` as {an(wrong.expected)} and is given {wrong.given}",
            wrong.place,
            f"give it {an(wrong.expected)}, or change what the class declares",
        )
    longest = max((_size(form.placeholder) for form in draft.forms), default=0)
    for node in draft.nodes if longest > LONGEST_VALUE else ():
        for wire in node.wires:
            if (size := _size(wire.placeholder)) > LONGEST_VALUE:
                yield Diagnostic(
                    "ODMD021",
                    f"{node.label} is given a placeholder for `{wire.name}` of {size} bytes, and consumers take "
                    f"{LONGEST_VALUE} at most",
                    wire.place,
                    "begin with a shorter one, or with the address of what is long",
                )


def _size(placeholder: str | None) -> int:
    return len((placeholder or "").encode(errors="surrogatepass"))
