"""The console's sign-in by a token: the browser keeps it where no script reads it, and it is over when the token is."""

from __future__ import annotations

import time
from typing import Final

from fastapi import APIRouter, Request, Response, status

from odmd.control.scheduler.may import Action
from odmd.errors import NotAllowed
from odmd.server.browser_codes import SECONDS
from odmd.server.browsers import forget_in_browser, keep_in_browser, refuse_other_pages
from odmd.server.models import BrowserWanted, HandoverMade, Whoami
from odmd.server.rights import OPEN, needs
from odmd.server.routes.common import HandedOver, Sessions, Who
from odmd.server.routes.sessions import known_as

router = APIRouter(tags=["sessions"])
_LONGEST: Final = 12 * 3600
"""Seconds that a browser keeps a token, however long that is good."""


@router.post("/handovers", status_code=status.HTTP_201_CREATED, dependencies=[needs(Action.READ)])
def hand_over(kept: HandedOver, request: Request) -> HandoverMade:
    """A one-time sign-in, for the browser of who asks; this process knows it, and no other one."""
    text = str(request.state.authorization).partition(" ")[2].strip()
    return HandoverMade(code=kept.give(text, time.time()), seconds=SECONDS)


@router.post("/browser", dependencies=[OPEN])
def sign_browser_in(kept: HandedOver, wanted: BrowserWanted, request: Request, response: Response) -> Whoami:
    """Keeps a good token, or the one that a one-time sign-in stands for, in the browser; a page of ours has to ask."""
    refuse_other_pages(request.method, request.headers)
    now = time.time()
    text = kept.take(wanted.code, now) if wanted.code else wanted.token.strip()
    who = request.state.sign_in.principal(f"Bearer {text}")
    _refuse_what_is_for_one_run(who.actor.run)
    keep_in_browser(response, text, int(min(_LONGEST, who.expires - now)))
    return known_as(who)


@router.delete("/browser", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.OWN_SESSIONS)])
def sign_browser_out(desk: Sessions, who: Who, response: Response) -> None:
    """The browser forgets who uses it; a session is over, a token stays good for who has it."""
    if who.session is not None:
        desk.end(who.token, who.session.holder, time.time(), who.actor)
    forget_in_browser(response)


def _refuse_what_is_for_one_run(run: int | None) -> None:
    """Raises:
    NotAllowed: it is for an agent, and nobody's to look around with.
    """
    if run is not None:
        raise NotAllowed("this token is for one run", next_step="sign in with another one")
