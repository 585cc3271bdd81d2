"""How many clones there may be, and which are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from odmd.graph.governed import CloneLimits
from odmd.graph.nodes import Graph
from odmd.model import naming


class Counted(NamedTuple):
    """A clone, and what it counts for."""

    address: str
    origin: str
    team: str
    account: str


def counted(graph: Graph) -> Iterator[Counted]:
    """Those of contracts."""
    return (Counted(one.address, one.origin, one.team, one.account) for one in graph.envers.values() if one.origin)


def too_many(limits: CloneLimits, clones: Iterable[Counted]) -> Iterator[tuple[str, str]]:
    """The address of each that is one too many, the earlier ones first, and why it is."""
    now = Counter[tuple[str, str]]()
    for one in clones:
        within = (
            (limits.enver, "enver", one.origin, naming.enver_label(one.origin)),
            (limits.team, "team", one.team, f"team {one.team}"),
            (limits.account, "account", one.account, f"account {one.account}"),
        )
        for most, what, which, label in within:
            now[what, which] += 1
            if now[what, which] > most:
                yield one.address, f"{naming.enver_label(one.address)} is one clone too many: {label} may have {most}"
                break
