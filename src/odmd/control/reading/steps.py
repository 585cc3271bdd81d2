"""How far a run is: its steps, as they were listed before they were carried out, with what the journal says of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from odmd.control.ports.journal import DoneStep
from odmd.control.reading.views import StepView
from odmd.control.running.steps import LISTED, Does, RecipeStep, RunStep, UnitStep, from_json
from odmd.control.scheduler.runs import Run, RunMode, RunStatus


def steps_of(run: Run, journal: Sequence[DoneStep]) -> Iterator[StepView]:
    """All that are known; those of its units only once it has a recipe."""
    done = {one.name: one for one in journal}
    listed = from_json(json.loads(done[LISTED].result)) if LISTED in done else ()
    first = () if run.mode is RunMode.VALUES and "full run" not in done else tuple(RecipeStep)
    for step in (*first, *listed):
        found = _found(step, run, done)
        is_over = run.status is RunStatus.SUCCEEDED
        yield StepView(str(step), found.seconds if found else None, done=is_over or found is not None)


def _found(step: RunStep, run: Run, done: Mapping[str, DoneStep]) -> DoneStep | None:
    if isinstance(step, UnitStep) and step.does is Does.PROPOSE:  # each attempt has its own
        return next((done[name] for n in range(run.attempt, 0, -1) if (name := f"{step} {n}") in done), None)
    return done.get(str(step))
