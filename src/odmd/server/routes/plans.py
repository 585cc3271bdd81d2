"""Plans: what would be done."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter

from odmd.control.scheduler.may import Action
from odmd.plan.build import Limited
from odmd.plan.data import as_data
from odmd.server.models import PlanMade, PlanWanted
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/plans", tags=["plans"])


@router.post("", dependencies=[needs(Action.PLAN)])
def make_plan(service: Served, wanted: PlanWanted) -> PlanMade:
    """Computes a plan on the server and keeps it under its digest; moves nothing."""
    limited = Limited(tuple(wanted.targets), wanted.only_values, wanted.look_up, wanted.alone)
    plan = service.plan(limited, refresh=wanted.refresh)
    return PlanMade(digest=plan.digest(), plan=cast("dict[str, Any]", as_data(plan)))
