"""ODMD010: every input and request of an enver leads somewhere."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs that nothing was assigned to."""
    for missing in draft.unwired:
        yield Diagnostic(
            "ODMD010",
            f"{missing.enver} consumes `{missing.name}` ({missing.expected}), and nothing is wired to it",
            missing.place,
            f"give {missing.name}=<an enver's product> here, or assign it later",
        )
