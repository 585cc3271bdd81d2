"""How far a run is: its steps, as they were listed before they were carried out, with what the journal says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from odmd.control.ports.journal import DoneStep
from odmd.control.reading.views import StepView
from odmd.control.running.steps import FULL, LISTED, from_json
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.model.build_types import UNKNOWN, Does
from odmd.plan.run_steps import RunStep, run_steps


def steps_of(run: Run, journal: Sequence[DoneStep]) -> Iterator[StepView]:
    """All of them, the units by their names as soon as those are known."""
    done = {one.name: one for one in journal}
    is_over = run.status is RunStatus.SUCCEEDED
    for step in _listed(run, done):
        found = _found(step, run, done)
        yield StepView(str(step), found.seconds if found else None, done=is_over or found is not None)


def progress(steps: Sequence[StepView]) -> str:
    """`2 of 5 steps are done, the next is carry out orders--main`; empty where nobody knows them."""
    to_come = [one.step for one in steps if not one.done]
    return f"{len(steps) - len(to_come)} of {len(steps)} steps are done, the next is {to_come[0]}" if to_come else ""


def _listed(run: Run, done: Mapping[str, DoneStep]) -> tuple[RunStep, ...]:
    """The newest list of them: as it was journalled, else as the run began."""
    mode = RunMode.FULL if FULL in done else run.mode
    if LISTED in done and (listed := from_json(done[LISTED].result)):
        return listed if _is_whole(listed, mode) else (*run_steps(UNKNOWN, mode, ()), *listed)
    if FULL in done:
        return from_json(done[FULL].result) or run_steps(UNKNOWN, mode)
    return run.steps or run_steps(UNKNOWN, mode)


def _is_whole(listed: Sequence[RunStep], mode: RunMode) -> bool:
    """Older releases journalled those of the units alone."""
    return mode is not RunMode.FULL or listed[0].does is Does.PREPARE


def _found(step: RunStep, run: Run, done: Mapping[str, DoneStep]) -> DoneStep | None:
    if step.does is Does.PROPOSE:  # each attempt has its own
        return next((done[name] for n in range(run.attempt, 0, -1) if (name := f"{step} {n}") in done), None)
    return done.get(str(step))
