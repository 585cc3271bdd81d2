"""Which clones a pull request is to have, as its label, its commits and the contracts say, and when they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.pulls.words import trailer
from odmd.control.ports.pulls import KeptPull, Pull, PullState
from odmd.graph import EnverNode, Graph
from odmd.graph.governed import PullRequestsNode
from odmd.model import naming
from odmd.plan.clones import TTL_SECONDS, CloneWish
from odmd.plan.wiring import promoted_from

LABEL: Final = "odmd:clone"
GRACE_SECONDS: Final = 3600.0
"""After which clones of a closed one go, that is neither merged nor without a branch."""
_QUEUE: Final = "gh-readonly-queue/"
"""Branches that GitHub makes to try what is to be merged."""


@dataclass(frozen=True, slots=True)
class WantedClones:
    """What is to be made, and why."""

    wish: CloneWish
    why: str


def wanted(pull: Pull, kept: KeptPull, graph: Graph) -> WantedClones | None:
    """What a pull request is to have by itself, under the contracts; None: nothing.

    Somebody who said that it shall have none, or clones that ended at this very head, stand above what it asks for.
    """
    if kept.declined or kept.ended == pull.head or not may_have(pull, graph):
        return None
    said = [one for one in graph.governed.pull_requests if graph.builds[one.build].repo.lower() == pull.repository]
    asks = _asks(pull)
    heard = [one for one in said if one.every or asks]
    of = _trailer_of(pull) or pull.base
    origins = [one for one in origins_of(graph, pull.repository, of) if one.build in {each.build for each in heard}]
    if not origins:
        return None
    why = asks or "the contracts give each pull request clones"
    return WantedClones(wish_for(pull, origins, heard), f"{pull.called}: {why}")


def ends(pull: Pull, now: float) -> str:
    """Why the clones of a pull request go; empty while they stay. Only what its host positively says counts."""
    match pull.state:
        case PullState.GONE:
            return f"{pull.called} is gone"
        case PullState.MERGED:
            return f"{pull.called} was merged"
        case _ if pull.branch_is_gone:
            return f"the branch of {pull.called} was deleted"
        case PullState.CLOSED if pull.closed_at and now >= pull.closed_at + GRACE_SECONDS:
            return f"{pull.called} was closed"
        case _:
            said = trailer(pull.messages)
            return f"{pull.called}: its commits say `odmd: delete`" if said and not said.of else ""


def may_have(pull: Pull, graph: Graph) -> bool:
    """Whether it may have clones at all: no stranger's, no queue's, and no branch that runs for good: what was squashed
    into that may say anything."""
    if pull.state is not PullState.OPEN or pull.is_from_a_fork or pull.is_default_branch or pull.branch_is_gone:
        return False
    declared = (one for one in graph.text.envers.values() if one.repo.lower() == pull.repository)
    followed = {one.revision for one in declared if one.origin is None}
    return not pull.branch.startswith(_QUEUE) and f"branch:{pull.branch}" not in followed


def origins_of(graph: Graph, repository: str, of: str) -> Sequence[EnverNode]:
    """The envers of a repository that somebody means by a branch or a name: none of production, and no promoted one."""
    envers = graph.text.envers
    mine = [one for one in envers.values() if one.repo.lower() == repository and one.origin is None]
    can_be = [one for one in mine if not promoted_from(one) and one.stage not in graph.governed.production]
    if "@" in of and (found := envers.get(naming.enver_address(of, envers))) is not None:
        return [found] if found in can_be else []
    return [one for one in can_be if one.revision == f"branch:{of}"]


def wish_for(pull: Pull, origins: Sequence[EnverNode], said: Iterable[PullRequestsNode]) -> CloneWish:
    """All in one set; of what the contracts say of their builds, the most."""
    of_them = [one for one in said if one.build in {origin.build for origin in origins}]
    first, *rest = [one.label for one in origins]
    ttl = max((one.ttl for one in of_them), default=TTL_SECONDS)
    return CloneWish(first, pull.branch, "", any(one.consumers for one in of_them), tuple(rest), ttl)


def _asks(pull: Pull) -> str:
    if LABEL in pull.labels:
        return f"label {LABEL}"
    return f"its commits say `odmd: create@{of}`" if (of := _trailer_of(pull)) else ""


def _trailer_of(pull: Pull) -> str:
    said = trailer(pull.messages)
    return said.of if said else ""
