"""Answers, pauses, pins and releases: what people let in, hold up and let go."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query

from odmd.control.leading.wishes import (
    Answering,
    AskingAgain,
    Delegating,
    EndingDelegation,
    Pausing,
    Releasing,
    Resuming,
    RollingBack,
    Wish,
)
from odmd.control.reading.views import DelegationView, PauseView
from odmd.control.scheduler.may import Action
from odmd.errors import MomentOver
from odmd.server.models import (
    Answered,
    AnswerGiven,
    DelegationWanted,
    PauseWanted,
    PinWanted,
    QuestionWanted,
    ReleaseWanted,
    VerificationWanted,
    Why,
)
from odmd.server.rights import needs
from odmd.server.routes.common import Fresh, Key, Served, Who, told

router = APIRouter(tags=["holding"])
InPath = Annotated[str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f/]*$")]


@router.post("/answers", dependencies=[needs(Action.ANSWER)])
def answer(service: Served, who: Who, given: AnswerGiven, key: Key = None) -> Answered:
    """Lets in, or keeps out, what an enver asks about; the first answer counts."""
    return _told(service, Answering(given.enver, given.input, given.approved, given.why, given.identity), who, key)


@router.get("/pauses", dependencies=[needs(Action.READ), Fresh])
def list_pauses(service: Served) -> list[PauseView]:
    """Those in force."""
    return list(service.records.pauses())


@router.post("/pauses", dependencies=[needs(Action.PAUSE)])
def pause(service: Served, who: Who, wanted: PauseWanted, key: Key = None) -> Answered:
    """Starts nothing new in a scope; what is under way goes on to its end."""
    if wanted.until is not None and wanted.until <= time.time():
        raise MomentOver("the time until which to pause is over")
    return _told(service, Pausing(wanted.scope, wanted.why, wanted.until), who, key)


@router.delete("/pauses/{scope:path}", dependencies=[needs(Action.RESUME)])
def resume(
    service: Served,
    who: Who,
    scope: Annotated[str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")],
    why: Annotated[Why, Query(description="Why, which the end of a declared freeze needs, and of production.")] = "",
    key: Key = None,
) -> Answered:
    """Ends a pause; what waited for it is deployed."""
    return _told(service, Resuming(scope, why), who, key)


@router.post("/questions", dependencies=[needs(Action.CHANGE)])
def ask_again(service: Served, who: Who, wanted: QuestionWanted, key: Key = None) -> Answered:
    """Asks once more about what was turned down, or expired."""
    return _told(service, AskingAgain(wanted.enver, wanted.input, wanted.why), who, key)


@router.get("/delegations", dependencies=[needs(Action.READ), Fresh])
def list_delegations(service: Served) -> list[DelegationView]:
    """Who answers for a team that is not his own, now."""
    return list(service.records.delegations())


@router.post("/delegations", dependencies=[needs(Action.DELEGATE)])
def delegate(service: Served, who: Who, wanted: DelegationWanted, key: Key = None) -> Answered:
    """Lets somebody answer for a team for a while."""
    if wanted.until <= time.time():
        raise MomentOver("the time until which to delegate is over")
    return _told(service, Delegating(wanted.to, wanted.team, wanted.until, wanted.why), who, key)


@router.delete("/delegations/{team}/{to}", dependencies=[needs(Action.DELEGATE)])
def end_delegation(service: Served, who: Who, team: InPath, to: InPath, key: Key = None) -> Answered:
    """Ends that before its time."""
    return _told(service, EndingDelegation(to, team), who, key)


@router.post("/pins", dependencies=[needs(Action.ROLL_BACK)])
def roll_back(service: Served, who: Who, wanted: PinWanted, key: Key = None) -> Answered:
    """Brings an enver back to what an earlier run deployed, and holds it there."""
    return _told(service, RollingBack(wanted.enver, wanted.run, wanted.why), who, key)


@router.post("/releases", dependencies=[needs(Action.RELEASE)])
def release(service: Served, who: Who, wanted: ReleaseWanted, key: Key = None) -> Answered:
    """Lets an enver that was rolled back follow its inputs again."""
    return _told(service, Releasing(wanted.enver, wanted.why), who, key)


@router.post("/verifications", dependencies=[needs(Action.VERIFY)])
def verify(service: Served, who: Who, wanted: VerificationWanted, key: Key = None) -> Answered:
    """Verifies again what an enver runs: a run that deploys nothing."""
    return _told(service, wanted.wish(), who, key)


def _told(service: Served, wish: Wish, who: Who, key: str | None) -> Answered:
    return Answered(events=told(service.wish(wish, who.actor, key)))
