"""How long a plan will take, from how long such steps took before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapreplace
from statistics import median
from typing import Final

from odmd.graph import Graph
from odmd.plan.run_steps import RunMode
from odmd.plan.stages import Plan, PlanStage, Step, StepAction

_MODES: Final = {StepAction.VALUES: RunMode.VALUES, StepAction.LIVE: RunMode.LIVE}
_LIVE: Final = 2.0
"""Seconds in which config is written, while nobody knows better."""


@dataclass(frozen=True, slots=True)
class Took:
    """One run that succeeded."""

    enver: str
    mode: RunMode
    seconds: float


def with_durations(
    plan: Plan, past: Iterable[Took], graph: Graph, waits_for: Mapping[str, Sequence[str]], at_once: int
) -> Plan:
    """The plan with what its steps, and all of it, are expected to take; unknown where there is no history.

    Args:
        past: the newest runs.
        waits_for: enver → those whose steps it waits for.
        at_once: how many runs may be under way.
    """
    known = _medians(past, graph)
    if not known:
        return plan
    stages = tuple(
        [
            PlanStage(
                stage.number, tuple([step._replace(seconds=_expected(step, known, graph)) for step in stage.steps])
            )
            for stage in plan.stages
        ]
    )
    steps = [step for stage in stages for step in stage.steps]
    certain = [step for step in steps if step.certain]
    return replace(
        plan,
        stages=stages,
        seconds=_makespan(certain, waits_for, at_once),
        seconds_at_most=_makespan(steps, waits_for, at_once),
    )


def _medians(past: Iterable[Took], graph: Graph) -> Mapping[tuple[str, RunMode], float]:
    """By enver and way, and by build type (which has no slash, as addresses have) and way."""
    found: dict[tuple[str, RunMode], list[float]] = {}
    for one in (one for one in past if one.enver in graph.envers):
        for name in (one.enver, graph.envers[one.enver].build_type):
            found.setdefault((name, one.mode), []).append(one.seconds)
    return {key: median(seconds) for key, seconds in found.items()}


def _expected(step: Step, known: Mapping[tuple[str, RunMode], float], graph: Graph) -> float | None:
    mode = _MODES.get(step.action, RunMode.FULL)
    of_type = known.get((graph.envers[step.enver].build_type, mode), _LIVE if mode is RunMode.LIVE else None)
    return known.get((step.enver, mode), of_type)


def _makespan(steps: Sequence[Step], waits_for: Mapping[str, Sequence[str]], at_once: int) -> float | None:
    """When the last of them ends, if each starts as soon as it can and one of `at_once` is free; None: unknown."""
    free, ends = [0.0] * min(max(1, at_once), max(1, len(steps))), dict[str, float]()
    for step in steps:
        if step.seconds is None:
            return None
        ready = max((ends[other] for other in waits_for.get(step.enver, ()) if other in ends), default=0.0)
        ends[step.enver] = max(ready, free[0]) + step.seconds
        heapreplace(free, ends[step.enver])
    return max(ends.values(), default=None)
