"""How often, how fast and how well teams deploy."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from odmd.control.reading.dora import Dora
from odmd.control.scheduler.may import Action
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/dora", tags=["dora"])


@router.get("", dependencies=[needs(Action.READ)])
def get_dora(service: Served, days: Annotated[float, Query(ge=0.01, le=366)] = 30.0) -> list[Dora]:
    """By team, each followed by its builds; costs what ran in that time."""
    return list(service.records.dora(days))
