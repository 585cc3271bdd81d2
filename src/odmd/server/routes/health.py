"""Health, readiness and figures, for whoever watches the process; the first two need no token and tell nothing."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request, Response, status

from odmd import __version__
from odmd.control.scheduler.may import Action
from odmd.errors import NotAllVisible, OdmdError
from odmd.server.metrics import CONTENT_TYPE
from odmd.server.models import Health
from odmd.server.rights import OPEN, needs

router = APIRouter(tags=["health"])


@router.get("/healthz", dependencies=[OPEN])
async def healthz() -> Health:
    """The process answers, however busy its threads are."""
    return Health(status="ok", version=__version__)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=[needs(Action.READ)],
)
def metrics(request: Request) -> Response:
    """For Prometheus. Where the server wants tokens, with one that may read, and sees all that is counted."""
    if getattr(request.state, "sees", None):
        raise NotAllVisible("the figures count what you may not see", next_step="ask with a token that sees all")
    return Response(request.state.serving.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/readyz", responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Health}}, dependencies=[OPEN])
def readyz(request: Request, response: Response) -> Health:
    """The database can be read, its schema is right, there is room for what comes, and this process leads."""
    with suppress(OdmdError):
        if request.state.serving.service().ready():
            return Health(status="ready", version=__version__)
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(status="not ready", version=__version__)
