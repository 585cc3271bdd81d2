"""Whether something can be deployed beside what runs."""

from __future__ import annotations

from fastapi import APIRouter

from odmd.control.leading.in_use import DeployAsked
from odmd.control.scheduler.may import Action
from odmd.plan.fitting import Answer
from odmd.server.models import DeployWanted
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/answers-to-deploy", tags=["plans"])


@router.post("", dependencies=[needs(Action.PLAN)])
def can_deploy(service: Served, wanted: DeployWanted) -> Answer:
    """Holds what an enver would be against what runs beside it: who writes what, who reads what, now and then."""
    return service.can_deploy(DeployAsked(wanted.enver, wanted.commit, wanted.to))
