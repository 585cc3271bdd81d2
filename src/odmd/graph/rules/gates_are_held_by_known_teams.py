"""ODMD025: a gate is held by a team of the organisation."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds gates and promotions that nobody known could approve."""
    known = known_teams(draft)
    unknown = {form.gate for form in draft.forms if form.gate is not None} - known
    for node in draft.nodes:
        if node.approver is not None and node.approver not in known:
            yield Diagnostic(
                "ODMD025", f"{node.label} is promoted by team {node.approver}, which is not known", node.place, HINT
            )
        for wire in node.wires if unknown else ():
            if wire.gate in unknown:
                yield Diagnostic(
                    "ODMD025",
                    f"{node.label} consumes `{wire.name}` gated by team {wire.gate}, which is not known",
                    wire.place,
                    HINT,
                )


def known_teams(draft: Draft) -> set[str]:
    """Those that own a repo, or are named by the organisation."""
    return {node.team for node in draft.nodes} | {team.name for team in draft.organisation.teams}


HINT = "name a team that owns a repo, or add it to Organisation(teams=…)"
