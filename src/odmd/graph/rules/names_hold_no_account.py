"""ODMD035: no name holds an account id."""

import re
from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names that would have to change with the account."""
    ids = {node.account for node in draft.nodes}
    for node in draft.nodes:
        names = (node.build, node.slot, *(product.name for product in node.products))
        for name in names:
            if (held := next((id for id in _DIGITS.findall(name) if id in ids), None)) is not None:
                yield Diagnostic(
                    "ODMD035", f"{node.label}: {name!r} holds the account id {held}", node.place, "choose another name"
                )


_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")
