"""Changes: plans that are carried out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from odmd.control.reading.views import ChangeView
from odmd.control.scheduler.events import ChangeAccepted
from odmd.control.scheduler.may import Action
from odmd.server.models import LARGEST, ChangeAnswered, ChangeWanted
from odmd.server.rights import needs
from odmd.server.routes.common import AsksRepositories, Key, Served, Who, told

router = APIRouter(prefix="/changes", tags=["changes"])


@router.post("", dependencies=[needs(Action.CHANGE), AsksRepositories])
def carry_out(service: Served, who: Who, wanted: ChangeWanted, key: Key = None) -> ChangeAnswered:
    """Carries out a plan that was made before; refused when what it rests on has moved."""
    entries = service.change(
        wanted.plan, who.actor, wanted.why, key, allow_dirty=wanted.allow_dirty, accepted=wanted.accept_misfits
    )
    wave = next((entry.event.wave for entry in entries if isinstance(entry.event, ChangeAccepted)), None)
    return ChangeAnswered(events=told(entries), wave=wave)


@router.get("/{wave}", dependencies=[needs(Action.READ)])
def get_change(service: Served, wave: Annotated[int, Path(ge=1, le=LARGEST)]) -> ChangeView:
    """How far it has come."""
    return service.change_view(wave)
