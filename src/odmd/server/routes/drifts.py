"""Whether what runs is still what was deployed."""

from __future__ import annotations

import time

from fastapi import APIRouter

from odmd.control.leading.drift import DriftAsked
from odmd.control.leading.wishes import AcceptingDrift
from odmd.control.reading.drift import DriftView
from odmd.control.scheduler.may import Action
from odmd.errors import MomentOver
from odmd.server.models import Answered, DriftAcceptance, DriftWanted
from odmd.server.rights import needs
from odmd.server.routes.common import Key, Served, Who, told

router = APIRouter(tags=["envers"])


@router.post("/drifts", dependencies=[needs(Action.PLAN)])
def look_for_drift(service: Served, who: Who, wanted: DriftWanted) -> DriftView:
    """Looks with the server's rights at what runs, unless an earlier look stands; changes nothing of it."""
    return service.drift(DriftAsked(wanted.envers, wanted.resources, wanted.now), who.actor)


@router.post("/drift-acceptances", dependencies=[needs(Action.ACCEPT_DRIFT)])
def accept_drift(service: Served, who: Who, wanted: DriftAcceptance, key: Key = None) -> Answered:
    """Lets something be that is not as it was deployed, until it changes or the time is over."""
    if wanted.until is not None and wanted.until <= time.time():
        raise MomentOver("the time until which it may be so is over")
    wish = AcceptingDrift(wanted.enver, wanted.why, wanted.findings, wanted.until)
    return Answered(events=told(service.wish(wish, who.actor, key)))
