"""ODMD133: an approval asks people that there are, at a time that comes."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.approvals import wrong_with
from odmd.graph.draft import Draft
from odmd.graph.rules.gates_are_held_by_known_teams import HINT, known_teams
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds approvals that nobody could give, or not in time."""
    known = known_teams(draft) if draft.all_approvals else set[str]()
    for subject, said in draft.all_approvals.items():
        whose = f"the approval of {_label(subject)}"
        for team in (said.by, said.escalate_to):
            if team is not None and team.name not in known:
                yield Diagnostic("ODMD133", f"{whose} asks team {team.name}, which is not known", said.place, HINT)
        for what, hint in wrong_with(said):
            yield Diagnostic("ODMD133", f"{whose} {what}", said.place, hint)


def _label(subject: str) -> str:
    enver, colon, name = subject.partition(":")
    return f"{naming.enver_label(enver)}{f'.{name}' if name else ''}" if colon else subject
