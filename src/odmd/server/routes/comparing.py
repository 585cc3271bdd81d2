"""What differs between two envers, or between what one runs and ran; where it is, how far behind, what it costs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request

from odmd.compare.comparison import EnverComparison
from odmd.control.leading.comparing import CompareAsked
from odmd.control.leading.costs import CostView
from odmd.control.leading.where import Whereabouts, WhereAsked
from odmd.control.reading.lag import LagView
from odmd.control.scheduler.may import Action
from odmd.server.models import LARGEST, Page
from odmd.server.rights import needs
from odmd.server.routes.common import After, AsksRepositories, Limit, Served, Who

router = APIRouter(tags=["envers"])
_TEXT = r"^[^\x00-\x1f\x7f]*$"


@router.get("/comparison", dependencies=[needs(Action.READ), AsksRepositories])
def compare(
    service: Served,
    who: Who,
    before: Annotated[str, Query(min_length=1, max_length=300, pattern=_TEXT)],
    after: Annotated[str, Query(max_length=300, pattern=_TEXT, description="Empty: the same enver, now.")] = "",
    at: Annotated[float | None, Query(ge=0, lt=1e11, description="As they were then; seconds.")] = None,
    run: Annotated[int | None, Query(ge=1, le=LARGEST, description="Of one enver: as that run left it.")] = None,
) -> EnverComparison:
    """All that differs, by why it does; what config says only where the caller may read that."""
    return service.comparer(who.actor).compare(CompareAsked(before, after, at, run))


@router.get("/where", dependencies=[needs(Action.READ), AsksRepositories])
def where(
    service: Served,
    of: Annotated[
        str,
        Query(
            min_length=1, max_length=300, pattern=_TEXT, description="A commit, branch, tag, or `orders@main/bus#3`."
        ),
    ],
    repo: Annotated[str, Query(max_length=300, pattern=_TEXT, description="Empty: whichever has it.")] = "",
) -> Whereabouts:
    """Which envers run a commit or a value, are ahead of it, or behind; asks the commit's repository."""
    return service.finder().where(WhereAsked(of, repo))


@router.get("/costs", dependencies=[needs(Action.READ)])
def what_it_costs(
    service: Served, enver: Annotated[str, Query(max_length=300, pattern=_TEXT, description="Empty: all.")] = ""
) -> CostView:
    """What envers cost a day by being there, roughly, as far as what was deployed says it; nobody is asked."""
    return service.cost_reader().costs(enver or None)


@router.get("/lag", dependencies=[needs(Action.READ)])
def list_lags(
    service: Served,
    request: Request,
    enver: Annotated[str, Query(max_length=300, pattern=_TEXT, description="Empty: all.")] = "",
    after: After = "",
    limit: Limit = 100,
) -> Page[LagView]:
    """Where envers are behind what they consume or are promoted from. A page is of so many envers; it may be empty."""
    if enver:
        return Page(items=list(service.records.all_lags(enver)), next=None)
    found, following = service.records.lags(after, limit)
    query = {"after": following, "limit": str(limit)}
    return Page(items=list(found), next=f"{request.url.path}?{urlencode(query)}" if following else None)
