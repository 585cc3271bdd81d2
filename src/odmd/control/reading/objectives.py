"""What the contracts in force say of how far envers may be behind, and who is promoted from whom: a small document that
is written when contracts come into force, so that no read loads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Final

from odmd.control.ports.reads import Documents, Texts
from odmd.graph import Graph
from odmd.graph.governed import Objective, WireObjective
from odmd.plan.wiring import promoted_from

NAME: Final = "contracts/objectives"


@dataclass(frozen=True)
class ExpectedLag:
    """What is expected of envers."""

    objectives: Mapping[str, Objective] = field(default_factory=dict[str, Objective])
    """By stage."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Promoted enver → the one that it is promoted from."""
    wires: Mapping[str, WireObjective] = field(default_factory=dict[str, WireObjective])
    """By subject; it holds there instead of the stage's."""

    def of(self, enver: str, stage: str, input: str) -> Objective | WireObjective | None:
        """What holds for one input of an enver; "": for its promotion."""
        return self.wires.get(f"{enver}:{input}") or self.objectives.get(stage)

    def has_any(self, enver: str, stage: str) -> bool:
        """Whether anything is expected of an enver."""
        return stage in self.objectives or enver in self._with_own

    @cached_property
    def _with_own(self) -> Set[str]:
        return {subject.partition(":")[0] for subject in self.wires}

    def is_empty(self) -> bool:
        """Whether nothing is expected of anybody."""
        return not self.objectives and not self.wires


def expected_of(graph: Graph) -> ExpectedLag:
    """As contracts say."""
    origins = {one.address: origin for one in graph.envers.values() if (origin := promoted_from(one))}
    wires = {one.subject: one for one in graph.governed.wire_objectives}
    return ExpectedLag({one.stage: one for one in graph.governed.objectives}, origins, wires)


def keep_expected(documents: Documents, graph: Graph) -> None:
    """Keeps it, where it is not kept already."""
    found = expected_of(graph)
    objectives = [asdict(found.objectives[stage]) for stage in sorted(found.objectives)]
    wires = {"wires": [asdict(one) for one in found.wires.values()]} if found.wires else {}
    text = json.dumps({"objectives": objectives, "origins": found.origins, **wires}, sort_keys=True)
    if documents.get(NAME) != text and (objectives or wires or found.origins or documents.get(NAME)):
        documents.put(NAME, text)


def expected(texts: Texts) -> ExpectedLag:
    """As it was kept; nothing, before it ever was."""
    said = json.loads(texts.get(NAME) or "{}")
    objectives = [Objective(**one) for one in said.get("objectives", ())]
    wires = [WireObjective(**one) for one in said.get("wires", ())]
    own = {one.subject: one for one in wires}
    return ExpectedLag({one.stage: one for one in objectives}, said.get("origins", {}), own)
