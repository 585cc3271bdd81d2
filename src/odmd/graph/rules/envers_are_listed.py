"""ODMD029: each declared enver is listed."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers that were made and that the organisation does not list."""
    listed = set(map(id, draft.organisation.envers))
    for enver in draft.declared:
        if id(enver) not in listed:
            yield Diagnostic(
                "ODMD029",
                f"{enver} is declared, and the organisation does not list it",
                enver.place,
                "add it to Organisation(envers=…), or remove it",
            )
