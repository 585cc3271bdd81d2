"""ODMD035: no name holds an account id."""

import re
from collections.abc import Iterator
from functools import cache

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names that would have to change with the account."""
    ids = {node.account for node in draft.nodes}

    @cache  # most names are those of many envers
    def held(name: str) -> str | None:
        return next((id for id in _DIGITS.findall(name) if id in ids), None)

    for node in draft.nodes:
        for name in (node.build, node.slot, *[product.name for product in node.products]):
            if (id := held(name)) is not None:
                yield Diagnostic(
                    "ODMD035", f"{node.label}: {name!r} holds the account id {id}", node.place, "choose another name"
                )


_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")
