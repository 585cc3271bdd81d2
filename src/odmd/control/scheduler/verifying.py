"""What is deployed counts once it is verified: until then nothing of it is published, and nobody takes it over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.envers import Enver, Pin
from odmd.control.scheduler.messages import FailRun, FinishRun
from odmd.control.scheduler.runs import Run, RunMode
from odmd.control.scheduler.state import State
from odmd.graph import Graph
from odmd.model import SuiteCheck
from odmd.plan.run_steps import checks_of

_UNVERIFIED = "ODMD151 it ended well, and its agent did not verify it: {}\nlet an agent of this release carry it out"


def left_out(run: Run, passed: Collection[str]) -> tuple[str, ...]:
    """The checks that a run has to pass, and that nobody says it passed."""
    return tuple([one for one in checks_of(run.steps) if one not in passed])


def unverified_end(run: Run, said: FinishRun, missing: Collection[str]) -> FailRun:
    """How a run ends whose agent left checks out, as one of an older release does."""
    error = _UNVERIFIED.format(", ".join(missing))
    return FailRun(run.id, run.attempt, error, clean=False, units=said.units, unit=said.unit)


def way_back(graph: Graph, state: State, run: Run) -> Pin | None:
    """Where an enver goes whose run did not pass: to the inputs with which it last did, if its contract says so.

    Nowhere, where nobody knows these, or they are what did not pass.
    """
    enver, declared = state.envers[run.enver], graph.envers.get(run.enver)
    if declared is None or run.suite or not declared.verification.rolls_back or enver.pin is not None:
        return None
    before = enver.passed or _what_runs(enver)
    if before is None or before.fingerprint == run.fingerprint:
        return None
    return replace(before, by=ODMD, why=f"run {run.id} did not pass what verifies it")


def _what_runs(enver: Enver) -> Pin | None:
    """What surely runs, though nothing verified it, as before its contract said what does."""
    if enver.deployed is None:
        return None
    return Pin(enver.deployed_by, enver.deployed, enver.consumed, enver.recipe, ODMD, "")


def passed(enver: Enver, run: Run) -> Pin:
    """The inputs of a run that passed all."""
    return Pin(enver.deployed_by or run.id, run.fingerprint, run.inputs, enver.recipe, ODMD, "")


def bakes_until(graph: Graph, run: Run, at: float) -> float | None:
    """When what a run brought about is verified once more, before anybody takes it over."""
    declared = graph.envers.get(run.enver)
    if declared is None or run.mode is RunMode.VERIFY or not (minutes := declared.verification.bake_minutes):
        return None
    return at + minutes * 60


def verify_again_at(graph: Graph, state: State, run: Run, at: float) -> float | None:
    """When what bakes is verified again, where the run that was to do so did not come to it."""
    declared = graph.envers.get(run.enver)
    if run.mode is not RunMode.VERIFY or run.suite or declared is None or not state.envers[run.enver].baking:
        return None
    return at + declared.verification.bake_minutes * 60


def can_be_verified(graph: Graph | None, state: State, enver: str, suite: SuiteCheck | None = None) -> bool:
    """Whether it is known what runs, and there is something that verifies it: its contract says what, or this does."""
    declared, recorded = graph.envers.get(enver) if graph else None, state.envers.get(enver)
    if declared is None or recorded is None or recorded.deployed is None or recorded.departure is not None:
        return False
    return bool(suite or declared.verification.order) and recorded.deployed.slice == declared.slice()
