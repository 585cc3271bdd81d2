"""What changed of the organisation itself."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.graph.difference.both import Both
from odmd.graph.difference.changes import ContractChange, Verdict, What
from odmd.graph.difference.say import changed


def of_organisation(both: Both) -> Iterator[ContractChange]:
    """Its name, and where values are mirrored."""
    old, new = both.before.graph, both.after.graph
    whole = What.ORGANISATION
    if old.organisation != new.organisation:
        yield changed(Verdict.VALUE_ONLY, whole, new.organisation, "name", old.organisation, new.organisation)
    if old.central_account != new.central_account:
        central = "central account", old.central_account, new.central_account
        staying = tuple(sorted(set(old.envers) & set(new.envers)))
        yield changed(Verdict.BREAKING, whole, new.organisation, *central, consumers=staying)
