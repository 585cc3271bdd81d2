"""Runs: what was deployed, when, how and why."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request

from odmd.control.leading.wishes import Cancelling
from odmd.control.ports.run_log import Line
from odmd.control.reading.views import RunView
from odmd.control.scheduler.may import Action
from odmd.server.models import LARGEST, Answered, Page
from odmd.server.rights import needs
from odmd.server.routes.common import AfterNumber, Fresh, Key, Limit, Reason, Served, Who, page, told

router = APIRouter(prefix="/runs", tags=["runs"])
Enver = Annotated[str | None, Query(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
_MOST_LINES: Final = 5000
Number = Annotated[int, Path(ge=1, le=LARGEST)]


@router.get("", dependencies=[needs(Action.READ), Fresh])
def list_runs(
    service: Served, request: Request, enver: Enver = None, after: AfterNumber = None, limit: Limit = 50
) -> Page[RunView]:
    """Newest first; of all envers, or of one."""
    return page(service.records.runs(enver, limit, after), limit, request, lambda one: one.id)


@router.get("/{run}", dependencies=[needs(Action.READ), Fresh])
def get_run(service: Served, run: Number) -> RunView:
    """One run."""
    return service.records.run(run)


@router.get("/{run}/log", dependencies=[needs(Action.READ)])
def read_run_log(
    service: Served,
    request: Request,
    run: Number,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_LINES, description="How many at most.")] = 100,
) -> Page[Line]:
    """What it said, oldest first; `progress` of the event stream is the same, live."""
    service.records.run(run)
    return page(service.records.run_log.lines(run, after, limit), limit, request, lambda one: one.number)


@router.post("/{run}:cancel", dependencies=[needs(Action.CANCEL)])
def cancel_run(service: Served, who: Who, run: Number, why: Reason = "", key: Key = None) -> Answered:
    """Ends it before it moves anything; too late, it goes on."""
    return Answered(events=told(service.wish(Cancelling(run, why), who.actor, key)))
