"""Whether all is there that next runs need."""

from __future__ import annotations

from fastapi import APIRouter

from odmd.control.leading.preflight import PreflightAsked
from odmd.control.reading.preflight import PreflightView
from odmd.control.scheduler.may import Action
from odmd.plan.build import Limited
from odmd.server.models import PreflightWanted
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/preflights", tags=["plans"])


@router.post("", dependencies=[needs(Action.PLAN)])
def look_before(service: Served, wanted: PreflightWanted) -> PreflightView:
    """Plans, and looks with the server's rights whether all is there that the runs need; moves nothing."""
    limited = Limited(tuple(wanted.targets), wanted.only_values, wanted.look_up, wanted.alone)
    return service.preflight(PreflightAsked(tuple(wanted.envers), wanted.every, limited), refresh=wanted.refresh)
