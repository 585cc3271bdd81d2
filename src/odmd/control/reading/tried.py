"""What the last run of an enver made of its source, whether it could deploy that or not."""

from __future__ import annotations

import json
from dataclasses import dataclass

from odmd.control.ports.reads import History
from odmd.control.running.steps import PREPARE
from odmd.control.scheduler.runs import Run


@dataclass(frozen=True, slots=True)
class Tried:
    """A recipe, and the run that it is of."""

    run: Run
    recipe: str
    """Digest."""


def tried(history: History, enver: str) -> Tried | None:
    """Of the last run; None where that prepared nothing."""
    for run in history.runs(enver, limit=1):
        for step in history.steps(run.id):
            if step.name == PREPARE:
                return Tried(run, str(json.loads(step.result)["recipe"]))
    return None
