"""ODMD035: no name holds an account id."""

import re
from collections.abc import Iterator, Sequence

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names that would have to change with the account."""
    ids = {node.account for node in draft.nodes}
    names = {node.build for node in draft.nodes} | {node.slot for node in draft.nodes}
    names |= {product.name for node in draft.nodes for product in node.products}
    held = {name: id for name in names if len(name) >= _LENGTH for id in _DIGITS.findall(name) if id in ids}
    for node in draft.nodes if held else ():
        for name in _names(node):
            if name in held:
                yield Diagnostic(
                    "ODMD035",
                    f"{node.label}: {name!r} holds the account id {held[name]}",
                    node.place,
                    "choose another name",
                )


def _names(node: EnverNode) -> Sequence[str]:
    return node.build, node.slot, *[product.name for product in node.products]


_LENGTH = 12
_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")
