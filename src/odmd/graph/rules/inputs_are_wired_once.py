"""ODMD028: an input is wired once."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs that were assigned again; the wire before would be forgotten without a word."""
    for twice in draft.wired_twice:
        yield Diagnostic(
            "ODMD028",
            f"{twice.enver}: `{twice.name}` is wired twice, first at {twice.before}",
            twice.place,
            "wire it once; a clone may be wired anew",
        )
