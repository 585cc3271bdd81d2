"""Two editions held against each other."""

from __future__ import annotations

from odmd.graph.difference.both import Both
from odmd.graph.difference.changes import ContractChange, Difference, Verdict, What
from odmd.graph.difference.edition import Edition
from odmd.graph.difference.envers import of_envers
from odmd.graph.difference.organisation import of_organisation
from odmd.graph.difference.products import of_products
from odmd.graph.difference.wires import of_wires


def difference(before: Edition, after: Edition) -> Difference:
    """All changes, the worst first."""
    both = Both(before, after)
    found = (*of_organisation(both), *of_envers(both), *of_products(both), *of_wires(both))
    ordered = sorted(found, key=lambda one: (_rank(one), one.subject, one.aspect, one.before, one.after))
    return Difference(after.graph.organisation, before.graph.version, after.graph.version, tuple(ordered))


def _rank(change: ContractChange) -> tuple[int, int]:
    return list(Verdict).index(change.verdict), list(What).index(change.what)
