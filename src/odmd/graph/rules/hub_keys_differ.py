"""ODMD018: a hub's key belongs to one client."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds hub entries that replaced another one."""
    for twice in draft.hub_keys_twice:
        yield Diagnostic(
            "ODMD018",
            f"{twice.enver} has two entries `{twice.name}` in its hub",
            twice.place,
            "give each client a key of its own",
        )
