"""Removals go to what knows the build type: of an enver that left the contracts as its last run's slice says it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.agent.document import run_document
from odmd.control.leading.slices import Slice, find_slice
from odmd.control.ports.store import Store
from odmd.control.ports.world import Repositories
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job, Remover
from odmd.control.running.steps import PREPARE
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval
from odmd.control.scheduler.numbers import NO_ATTEMPT
from odmd.control.scheduler.runs import Run
from odmd.graph import EnverNode, Graph
from odmd.model.build_types import CDK
from odmd.private import private_folder

LOGGER: Final = logging.getLogger("odmd.removal")


@dataclass(frozen=True, slots=True)
class Removers:
    """The one of each build type."""

    by_type: Mapping[str, Remover]
    last: Callable[[str], EnverNode | None]
    """An enver as it was last deployed, where that was kept."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        """Removes all of an enver."""
        return self._of(effect.enver).remove(effect)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Removes what left an enver's recipe."""
        return self._of(effect.enver).clear(effect)

    def _of(self, enver: str) -> Remover:
        """Of what was deployed before slices were kept, there were stacks only."""
        last = self.last(enver)
        return self.by_type[last.build_type if last else CDK.name]


def last_run(store: Store, graph: Graph, enver: str) -> tuple[Run, Slice] | None:
    """The last run of an enver, with what the contracts said of it then; None where that was not kept."""
    for run in store.runs(enver, limit=1):
        if said := find_slice(store, graph, enver, run.fingerprint.contracts):
            return run, said
    return None


def job_of_removal(run: Run, said: Slice, repositories: Repositories, folder: Path, state: str) -> Job:
    """What an enver was last run with, to take away with it what it brought about. Kinds may be gone by now: inputs are
    as they were published."""
    texts = {given.name: given.text for given in run.inputs}
    place = Workplace(private_folder(folder / str(run.id)))

    def tell(line: str, *, lasting: bool = False) -> None:
        LOGGER.log(logging.INFO if lasting else logging.DEBUG, "%s: %s", said.enver.label, line)

    return Job(
        run=run.id,
        attempt=NO_ATTEMPT,
        commit=run.fingerprint.commit,
        enver=said.enver,
        texts=texts,
        document=run_document(run, said.enver, texts, said.version),
        place=place,
        state=state,
        others=(),
        lookups=(),
        checkout=lambda: repositories.checkout(said.enver.repo, run.fingerprint.commit, place.source),
        tell=tell,
        alive=tell,
        note=lambda _name, _found: None,
        previous=lambda: None,
    )


def tried_recipe(store: Store, enver: str) -> str | None:
    """What the last run of an enver prepared."""
    for run in store.runs(enver, limit=1):
        for step in store.steps(run.id):
            if step.name == PREPARE:
                return str(json.loads(step.result)["recipe"])
    return None
