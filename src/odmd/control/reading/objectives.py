"""What the contracts in force say of how far envers may be behind, and who is promoted from whom: a small document that
is written when contracts come into force, so that no read loads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from odmd.control.ports.reads import Documents, Texts
from odmd.graph import Graph
from odmd.graph.governed import Objective
from odmd.plan.wiring import promoted_from

NAME: Final = "contracts/objectives"


@dataclass(frozen=True, slots=True)
class ExpectedLag:
    """What is expected of envers."""

    objectives: Mapping[str, Objective] = field(default_factory=dict[str, Objective])
    """By stage."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Promoted enver → the one that it is promoted from."""


def expected_of(graph: Graph) -> ExpectedLag:
    """As contracts say."""
    origins = {one.address: origin for one in graph.envers.values() if (origin := promoted_from(one))}
    return ExpectedLag({one.stage: one for one in graph.governed.objectives}, origins)


def keep_expected(documents: Documents, graph: Graph) -> None:
    """Keeps it, where it is not kept already."""
    found = expected_of(graph)
    objectives = [asdict(found.objectives[stage]) for stage in sorted(found.objectives)]
    text = json.dumps({"objectives": objectives, "origins": found.origins}, sort_keys=True)
    if documents.get(NAME) != text and (objectives or found.origins or documents.get(NAME)):
        documents.put(NAME, text)


def expected(texts: Texts) -> ExpectedLag:
    """As it was kept; nothing, before it ever was."""
    said = json.loads(texts.get(NAME) or "{}")
    objectives = [Objective(**one) for one in said.get("objectives", ())]
    return ExpectedLag({one.stage: one for one in objectives}, said.get("origins", {}))
