"""Sessions: given to who proves who he is; each sees and ends his own, admins all."""

from __future__ import annotations

import math
import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.control.access.tokens import Token
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.may import Action
from odmd.server.auth import Caller
from odmd.server.browsers import forget_in_browser, keep_in_browser, refuse_other_pages
from odmd.server.models import Page, SessionMade, SessionWanted, Whoami
from odmd.server.rights import OPEN, needs
from odmd.server.routes.common import After, Limit, Sessions, Who, page

router = APIRouter(tags=["sessions"])


@router.get("/identities", dependencies=[OPEN])
def list_identities(desk: Sessions) -> Page[IdentityTold]:
    """By what somebody can prove who he is."""
    return Page(items=list(desk.told), next=None)


@router.post("/sessions", status_code=status.HTTP_201_CREATED, dependencies=[OPEN])
def create_session(desk: Sessions, wanted: SessionWanted, request: Request, response: Response) -> SessionMade:
    """Gives a session to who proves who he is; its text is told this once."""
    if wanted.cookie:
        refuse_other_pages(request.method, request.headers)
    proof = IdentityProof(wanted.proof, wanted.secret, request.state.asked_as)
    made = desk.sign_in(wanted.identity, proof, time.time(), request.state.origin)
    if not wanted.cookie:
        return SessionMade(session=made.token, text=made.text)
    keep_in_browser(response, made.text, int(made.token.expires - made.token.created))
    return SessionMade(session=made.token, text="")


@router.get("/sessions", dependencies=[needs(Action.OWN_SESSIONS)])
def list_sessions(
    desk: Sessions,
    who: Who,
    request: Request,
    after: After = "",
    limit: Limit = 100,
    everybody: Annotated[bool, Query(description="Those of all, for admins.")] = False,
) -> Page[Token]:
    """Those that are good; never their texts. Who has a token has none."""
    if everybody:
        who.must(Action.MANAGE_TOKENS)
    holder = None if everybody else who.session.holder if who.session else ""
    return page(desk.sessions(holder, time.time(), limit, after), limit, request, lambda one: one.id)


@router.delete("/sessions/{session}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.OWN_SESSIONS)])
def end_session(
    desk: Sessions, who: Who, response: Response, session: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
) -> None:
    """From now on it is good for nothing. Admins end those of others, too."""
    is_admin = who.actor.scope is Scope.ADMIN
    holder = None if is_admin else who.session.holder if who.session else ""
    desk.end(session, holder, time.time(), who.actor)
    if session == who.token:
        forget_in_browser(response)


@router.get("/whoami", dependencies=[needs(Action.OWN_SESSIONS)])
def whoami(who: Who) -> Whoami:
    """Who asks, and how that is known."""
    return known_as(who)


def known_as(who: Caller) -> Whoami:
    """What somebody is told of himself."""
    of, ends = who.actor, who.expires if math.isfinite(who.expires) else None
    session = who.token if who.session else None
    return Whoami(
        name=of.name, kind=of.kind, proof=of.proof, scope=of.scope, teams=of.teams, expires=ends, session=session
    )
