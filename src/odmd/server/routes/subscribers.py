"""Who follows the log by name, and how far each got."""

from __future__ import annotations

from fastapi import APIRouter

from odmd.control.reading.following import SubscriberView
from odmd.control.scheduler.may import Action
from odmd.server.rights import needs
from odmd.server.routes.common import Served

router = APIRouter(prefix="/subscribers", tags=["subscribers"])


@router.get("", dependencies=[needs(Action.READ)])
def list_subscribers(service: Served) -> list[SubscriberView]:
    """By name; those that go on where they were, whoever leads."""
    return list(service.records.subscribers())
