"""Removals go to what knows the build type: of an enver that left the contracts as its last run's slice says it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from odmd.control.effects import ClearStacks, RemoveStacks
from odmd.control.messages import FinishClearance, FinishRemoval
from odmd.control.ports import Store
from odmd.control.procedures import Remover
from odmd.control.steps import PREPARE
from odmd.graph import EnverNode
from odmd.model.build_types import CDK


@dataclass(frozen=True, slots=True)
class Removers:
    """The one of each build type."""

    by_type: Mapping[str, Remover]
    last: Callable[[str], EnverNode | None]
    """An enver as it was last deployed, where that was kept."""

    def remove(self, effect: RemoveStacks) -> FinishRemoval:
        """Removes all of an enver."""
        return self._of(effect.enver).remove(effect)

    def clear(self, effect: ClearStacks) -> FinishClearance:
        """Removes what left an enver's recipe."""
        return self._of(effect.enver).clear(effect)

    def _of(self, enver: str) -> Remover:
        """Of what was deployed before slices were kept, there were stacks only."""
        last = self.last(enver)
        return self.by_type[last.build_type if last else CDK.name]


def tried_recipe(store: Store, enver: str) -> str | None:
    """What the last run of an enver prepared."""
    for run in store.runs(enver, limit=1):
        for step in store.steps(run.id):
            if step.name == PREPARE:
                return str(json.loads(step.result)["recipe"])
    return None
