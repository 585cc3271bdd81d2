"""Waves: everything that one change reaches."""

from __future__ import annotations

from fastapi import APIRouter, Request

from odmd.control.scheduler.may import Action
from odmd.control.scheduler.state import Wave
from odmd.server.models import Page
from odmd.server.rights import needs
from odmd.server.routes.common import AfterNumber, Fresh, Limit, Served, page

router = APIRouter(prefix="/waves", tags=["waves"], dependencies=[Fresh])


@router.get("", dependencies=[needs(Action.READ)])
def list_waves(service: Served, request: Request, after: AfterNumber = None, limit: Limit = 50) -> Page[Wave]:
    """Newest first."""
    return page(service.records.waves(limit, after), limit, request, lambda one: one.id)
