"""ODMD038: contracts say the same everywhere and always."""

from collections.abc import Iterator

from odmd.errors import Diagnostic, Severity
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Warns of contracts that ask environment, clock, chance, network or another program, where that is noticed."""
    for noticed in draft.noticed:
        yield Diagnostic(
            "ODMD038",
            f"the contracts ask {noticed.what}: on another machine or day they may say something else",
            noticed.place,
            "write down what is meant; settings of one enver belong into its config",
            Severity.WARNING,
        )
