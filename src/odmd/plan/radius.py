"""Whom a plan, or one step of it, may concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from odmd.plan.stages import Plan, PlanStage, Reach, Step
from odmd.plan.wiring import Wiring

_FEW: Final = 200
"""Certain steps of a plan up to which each is told its own reach: each costs as much as it reaches."""


def reach(wiring: Wiring, roots: Iterable[str]) -> Reach:
    """How many envers and teams a change may reach over automatic wires, the roots included."""
    envers = list(wiring.cone(roots))
    return Reach(len(envers), len({wiring.graph.envers[one].team for one in envers}))


def with_reach(plan: Plan, wiring: Wiring) -> Plan:
    """The plan with the reach of each certain step, if they are few."""
    if sum(step.certain for step in plan.steps()) > _FEW:
        return plan
    stages = [PlanStage(stage.number, tuple([_told(step, wiring) for step in stage.steps])) for stage in plan.stages]
    return replace(plan, stages=tuple(stages))


def _told(step: Step, wiring: Wiring) -> Step:
    if not step.certain:
        return step
    envers = [one for one in wiring.cone([step.enver]) if one != step.enver]
    return step._replace(reach=Reach(len(envers), len({wiring.graph.envers[one].team for one in envers})))
