"""Those who stand for everybody: one for each kind, scope and team that policies can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final

from odmd.policy.principals import Who
from odmd.policy.reading import CedarPolicy

KINDS: Final = ("person", "role", "job", "token")
SCOPES: Final = ("read", "write", "admin")
SOMEBODY: Final = "somebody"


def everybody(policies: Iterable[CedarPolicy], teams: Iterable[str], scopes: Sequence[str] = SCOPES) -> Iterator[Who]:
    """Each kind with each scope: of no team, of each team, of each two that one policy speaks of together, and those
    whom policies name."""
    named, of_teams = {SOMEBODY}, {frozenset[str]()} | {frozenset((team,)) for team in teams}
    for policy in policies:
        spoken = sorted(name for type, name in policy.speaks_of if type == "Team")
        of_teams.update(map(frozenset, combinations(spoken, 2)))
        named.update(name for type, name in policy.speaks_of if type == "Actor")
    for who, kind, scope, its in product(sorted(named), KINDS, scopes, sorted(of_teams, key=sorted)):
        yield Who(who, kind, scope, its)
