"""What is deployed counts once it is verified: until then nothing of it is published, and nobody takes it over."""

from __future__ import annotations

from collections.abc import Collection

from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.messages import FailRun, FinishRun
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import State
from odmd.graph import Graph
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
    """Where an enver goes whose run did not pass: to the inputs of what surely ran before, if its contract says so.

    Nowhere, where nobody knows what ran before, or that was what did not pass.
    """
    enver, declared = state.envers[run.enver], graph.envers.get(run.enver)
    if declared is None or not declared.verification.rolls_back or enver.pin is not None:
        return None
    if (before := enver.deployed) is None or before == run.fingerprint:
        return None
    why = f"run {run.id} did not pass what verifies it"
    return Pin(enver.deployed_by, before, enver.consumed, enver.recipe, ODMD, why)
