"""Who did what, when, why and from where: the log, with the chain that proves it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request

from odmd.control.reading.history import HistoryView
from odmd.control.reading.looking_back import ChainView, KeptTrail
from odmd.control.reading.provenance import Provenance
from odmd.control.reading.trail import Sought, TrailEntry
from odmd.control.scheduler.may import Action
from odmd.errors import NotAllVisible
from odmd.server.models import LARGEST, Page
from odmd.server.rights import needs
from odmd.server.routes.common import Limit, Served
from odmd.server.service import Service

router = APIRouter(tags=["audit"])
Text = Annotated[str, Query(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Query(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Moment = Annotated[float | None, Query(ge=0, lt=1e11, description="Seconds since the epoch.")]


@router.get("/audit", dependencies=[needs(Action.READ)])
def get_chain(service: Served) -> ChainView:
    """Which log it is, and where its chain begins."""
    return _trail(service).chain()


@router.get("/audit/entries", dependencies=[needs(Action.READ)])
def list_entries(
    service: Served,
    request: Request,
    actor: Text = "",
    action: Text = "",
    enver: Text = "",
    text: Text = "",
    since: Moment = None,
    until: Moment = None,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="In order, after this position.")] = 0,
    before: Annotated[int | None, Query(ge=1, le=LARGEST, description="Below this position, the newest first.")] = None,
    limit: Limit = 100,
) -> Page[TrailEntry]:
    """All that is so, each entry with what its link is made of."""
    sought = Sought(actor, action, enver, text, since, until)
    found = list(_trail(service).entries(sought, after, limit, before))
    if len(found) < limit:
        return Page(items=found, next=None)
    key = "after" if before is None else "before"
    query = {**request.query_params, key: str(found[-1].position), "limit": str(limit)}
    return Page(items=found, next=f"{request.url.path}?{urlencode(query)}")


@router.get("/history", dependencies=[needs(Action.READ)])
def get_history(
    service: Served,
    of: Name,
    before: Annotated[float | None, Query(ge=0, lt=1e11, description="Only what was before; seconds.")] = None,
    limit: Limit = 50,
) -> HistoryView:
    """What became of an enver, newest first; for more, ask for what was before the last one's time."""
    return _trail(service).history(of, limit, before)


@router.get("/provenance", dependencies=[needs(Action.READ)])
def get_provenance(
    service: Served,
    of: Name,
    version: Annotated[int | None, Query(ge=1, le=LARGEST, description="Else the newest.")] = None,
) -> Provenance:
    """All that a value of a product comes from."""
    return _trail(service).ancestors(of, version)


@router.get("/reached", dependencies=[needs(Action.READ)])
def get_reached(
    service: Served, commit: Annotated[str, Query(min_length=4, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
) -> Provenance:
    """All that a commit has touched; costs what is kept of all runs."""
    return _trail(service).reached(commit)


def _trail(service: Service) -> KeptTrail:
    """Raises:
    NotAllVisible: a chain with entries left out proves nothing, and what became of one enver tells of others.
    """
    if service.whole is not None:
        raise NotAllVisible("the log tells of what you may not see", next_step="ask somebody who sees all")
    return KeptTrail(service.records)
