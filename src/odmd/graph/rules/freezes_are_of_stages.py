"""ODMD134: a freeze is of a stage that there is, and ends after it began."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.approvals import wrong_zone
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds freezes of nothing, and those that end before they begin."""
    organisation = draft.organisation
    if not organisation.freezes:
        return
    known = {stage.name for stage in (*organisation.stages, *draft.used_stages)}
    for one in organisation.freezes:
        wrong = list(wrong_zone(one.zone))
        if one.stage not in known:
            wrong.append((f"is of stage {one.stage!r}, which there is not", f"name one of {', '.join(sorted(known))}"))
        if one.last < one.first:
            wrong.append((f"is from {one.first} to {one.last}, which is over before it begins", "swap its days"))
        for what, hint in wrong:
            yield Diagnostic("ODMD134", f"the freeze {what}", one.place, hint)
