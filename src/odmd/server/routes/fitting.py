"""Whether something can be deployed beside what runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from odmd.control.leading.in_use import DeployAsked
from odmd.control.scheduler.may import Action
from odmd.plan.fitting import FitAnswer
from odmd.server.models import Answered, DeployWanted, HoldWanted
from odmd.server.rights import needs
from odmd.server.routes.common import AsksRepositories, Key, Reason, Served, Who, told

router = APIRouter(tags=["fitting"])


@router.post("/deployability", dependencies=[needs(Action.PLAN), AsksRepositories])
def can_deploy(service: Served, wanted: DeployWanted) -> FitAnswer:
    """Holds what an enver would be against what runs beside it: who writes what, who reads what, now and then."""
    return service.can_deploy(DeployAsked(wanted.enver, wanted.commit, wanted.to))


@router.post("/held-answers", dependencies=[needs(Action.HOLD_ANSWER), AsksRepositories])
def hold_answer(service: Served, who: Who, wanted: HoldWanted) -> FitAnswer:
    """The same; a yes is held until then, or until that deployment has ended: others are answered beside it."""
    return service.hold(DeployAsked(wanted.enver, wanted.commit, wanted.to), who.actor, wanted.until)


@router.delete("/held-answers/{enver}", dependencies=[needs(Action.HOLD_ANSWER)])
def let_go(
    service: Served,
    who: Who,
    enver: Annotated[str, Path(min_length=1, max_length=600)],
    why: Reason = "",
    key: Key = None,
) -> Answered:
    """Holds the answer for an enver no longer."""
    return Answered(events=told(service.let_go(enver, who.actor, why, key)))
