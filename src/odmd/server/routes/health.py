"""Health and readiness, for whoever watches the process; they need no token and tell nothing."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from odmd import __version__
from odmd.server.models import Health
from odmd.server.routes.common import Served

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Health}})
def readyz(service: Served, response: Response) -> Health:
    """The database can be read, its schema is right, and this process leads."""
    if service.ready():
        return Health(status="ready", version=__version__)
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(status="not ready", version=__version__)
