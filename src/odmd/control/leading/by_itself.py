"""Begins plans that nobody confirmed, where the contracts say so of a stage."""

from __future__ import annotations

from collections.abc import Callable

from odmd.control.leading.planner import Planner
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.messages import StartChange
from odmd.control.scheduler.start import refuse_breaking, refuse_uncommitted, start_change
from odmd.plan import Plan


def begin_by_itself(planner: Planner, plan: Plan, begin: Callable[[StartChange], object], cause: str) -> bool:
    """Whether anything of it begins; what a person would have to allow is refused.

    Raises:
        OdmdError: it is not begun.
    """
    refuse_uncommitted(plan, allowed=False)
    refuse_breaking(plan, "")
    if not plan.begins():
        return False
    planner.carried_out()
    begin(start_change(plan, ODMD, cause))
    return True
