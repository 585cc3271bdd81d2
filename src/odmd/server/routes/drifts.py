"""Whether what runs is still what was deployed."""

from __future__ import annotations

from fastapi import APIRouter

from odmd.control.leading.drift import DriftAsked
from odmd.control.reading.drift import DriftView
from odmd.control.scheduler.may import Action
from odmd.server.models import DriftWanted
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/drifts", tags=["envers"])


@router.post("", dependencies=[needs(Action.PLAN)])
def look_for_drift(service: Served, wanted: DriftWanted) -> DriftView:
    """Looks with the server's rights at what runs; changes nothing."""
    return service.drift(DriftAsked(wanted.envers, wanted.resources))
