"""Tokens: made, listed and revoked by who has the scope admin."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Request, status

from odmd.control.access.tokens import Token, make_token
from odmd.control.scheduler.may import Action
from odmd.errors import MomentOver, TokenUnknown
from odmd.server.models import Page, TokenMade, TokenWanted
from odmd.server.rights import needs
from odmd.server.routes.common import After, Limit, Served, Who, page

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[needs(Action.MANAGE_TOKENS)])
def create_token(service: Served, who: Who, wanted: TokenWanted) -> TokenMade:
    """Makes a token; its text is told this once."""
    now = time.time()
    if wanted.expires <= now:
        raise MomentOver("the time until which the token should be good is over")
    asked = (wanted.expires, wanted.run, wanted.teams)
    made = make_token(service.tokens, wanted.name, wanted.scope, who.actor, now, *asked)
    return TokenMade(token=made.token, text=made.text)


@router.get("", dependencies=[needs(Action.MANAGE_TOKENS)])
def list_tokens(service: Served, request: Request, after: After = "", limit: Limit = 100) -> Page[Token]:
    """All, revoked and expired ones included; never their texts."""
    return page(service.tokens.all(limit, after), limit, request, lambda one: one.id)


@router.delete("/{token}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.MANAGE_TOKENS)])
def revoke_token(service: Served, who: Who, token: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]) -> None:
    """From now on it is good for nothing."""
    if not service.tokens.revoke(token, time.time(), who.actor):
        raise TokenUnknown(f"there is no token {token}", next_step="`odmd token list` lists them")
