"""Who did what, when, why and from where: the log, with the chain that proves it."""

from __future__ import annotations

from dataclasses import replace
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
    _refuse_in_part(service, "a chain with entries left out proves nothing, and the log has some that you may not see")
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
    """All that is so, each entry with what its link is made of; who does not see all gets what he sees, without links.

    Texts are searched for who sees all: what an entry says of others would be found out by guessing.
    """
    if text:
        _refuse_in_part(service, "texts of the log speak of what you may not see")
    sought = Sought(actor, action, enver, text, since, until)
    found = list(_trail(service).entries(sought, after, limit, before))
    if service.whole is not None:  # a digest of what is blotted out would tell who guesses right
        found = [replace(one, payload="", link=None) for one in found]
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
    found = _trail(service).history(of, limit, before)
    if service.whole is None:
        return found
    return replace(found, first_said=tuple(replace(one, by="", cause="") for one in found.first_said))


@router.get("/provenance", dependencies=[needs(Action.READ)])
def get_provenance(
    service: Served,
    of: Name,
    version: Annotated[int | None, Query(ge=1, le=LARGEST, description="Else the newest.")] = None,
) -> Provenance:
    """All that a value of a product comes from."""
    return _in_part(_trail(service).ancestors(of, version), service)


@router.get("/reached", dependencies=[needs(Action.READ)])
def get_reached(
    service: Served, commit: Annotated[str, Query(min_length=4, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
) -> Provenance:
    """All that a commit has touched; costs what is kept of all runs."""
    return _in_part(_trail(service).reached(commit), service)


def _trail(service: Service) -> KeptTrail:
    """What was done, as far as whoever asks sees it."""
    return KeptTrail(service.records)


def _refuse_in_part(service: Service, fact: str) -> None:
    """Raises:
    NotAllVisible: whoever asks does not see all.
    """
    if service.whole is not None:
        raise NotAllVisible(fact, next_step="ask somebody who sees all")


def _in_part(found: Provenance, service: Service) -> Provenance:
    """Without what is hidden, and what hangs on it."""
    if service.whole is None:
        return found
    facts = tuple(one for one in found.facts if not one.enver or service.sees(one.enver))
    ids = {one.id for one in facts}
    links = tuple(one for one in found.links if {one.id, one.of} <= ids)
    return replace(found, facts=facts, links=links)
