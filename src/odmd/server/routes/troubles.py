"""What could not be done in the world so far that is of no enver: contracts that are not in force, for one."""

from __future__ import annotations

from fastapi import APIRouter

from odmd.control.reading.troubles import Trouble
from odmd.control.scheduler.may import Action
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/troubles", tags=["troubles"])


@router.get("", dependencies=[needs(Action.READ)])
def list_troubles(service: Served) -> list[Trouble]:
    """Oldest first; nothing for who does not see all that there is."""
    return list(service.records.troubles())
