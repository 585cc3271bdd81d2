"""What differs between two envers, or between what one runs and ran; and where something is now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from odmd.compare.comparison import Comparison
from odmd.control.leading.comparing import CompareAsked
from odmd.control.leading.where import Whereabouts, WhereAsked
from odmd.control.scheduler.may import Action
from odmd.server.models import LARGEST
from odmd.server.rights import needs
from odmd.server.routes.common import Served, Who

router = APIRouter(tags=["envers"])
_TEXT = r"^[^\x00-\x1f\x7f]*$"


@router.get("/comparison", dependencies=[needs(Action.READ)])
def compare(
    service: Served,
    who: Who,
    before: Annotated[str, Query(min_length=1, max_length=300, pattern=_TEXT)],
    after: Annotated[str, Query(max_length=300, pattern=_TEXT, description="Empty: the same enver, now.")] = "",
    at: Annotated[float | None, Query(ge=0, lt=1e11, description="As they were then; seconds.")] = None,
    run: Annotated[int | None, Query(ge=1, le=LARGEST, description="Of one enver: as that run left it.")] = None,
) -> Comparison:
    """All that differs, by why it does; what config says only where the caller may read that."""
    return service.comparer(who.actor).compare(CompareAsked(before, after, at, run))


@router.get("/where", dependencies=[needs(Action.READ)])
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
