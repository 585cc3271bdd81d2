"""ODMD011: an address belongs to one enver."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers declared or listed under an address that is taken."""
    first: dict[str, EnverNode] = {}
    for node in draft.nodes:
        taken = first.setdefault(node.address, node)
        if taken is node:
            continue
        same = taken.place == node.place
        yield Diagnostic(
            "ODMD011",
            f"{node.label} is listed twice" if same else f"{node.label} is declared twice: also at {taken.place}",
            node.place,
            "list each enver once" if same else "give one of them another branch, tag or build",
        )
