"""What routes share: the service, who asks, keys, pages and ETags."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

import anyio
from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPBearer

from odmd.control.access.sessions import SessionDesk
from odmd.control.ports.log import Logged
from odmd.control.scheduler.codec import TOLD
from odmd.errors import ServerBusy
from odmd.server.auth import Caller
from odmd.server.browser_codes import BrowserCodes
from odmd.server.models import LARGEST, EventTold, Page, Why
from odmd.server.service import PATIENCE_SECONDS, Service

T = TypeVar("T")

MOST: Final = 500
BEARER: Final = HTTPBearer(auto_error=False, description="A token of `odmd token create`.")
_KEY: Final = r"^[\x21-\x7e]{1,200}$"


def _service(request: Request) -> Service:
    """As whoever asks sees it."""
    service: Service = request.state.serving.service()
    sees = getattr(request.state, "sees", None)
    return service.seen(sees) if sees else service


def _principal(request: Request) -> Caller:
    return request.state.principal


def _sessions(request: Request) -> SessionDesk:
    return request.state.serving.sessions


def _handovers(request: Request) -> BrowserCodes:
    return request.state.serving.handovers


def _fresh(
    if_none_match: Annotated[
        str | None, Header(max_length=2000, description="The ETag of what you have: if it is told still, a 304.")
    ] = None,
) -> None:
    """Declared here, done around all routes: see `Lean`."""
    del if_none_match


async def _asks_repositories(service: Annotated[Service, Depends(_service)]) -> AsyncGenerator[None]:
    """Few do at once, so that a slow one takes no thread from requests that need none.

    Raises:
        ServerBusy
    """
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            await service.asking.acquire()
    except TimeoutError:
        raise ServerBusy("the server asks repositories for others", next_step="try again in a moment") from None
    try:
        yield
    finally:
        service.asking.release()


Served = Annotated[Service, Depends(_service)]
AsksRepositories = Depends(_asks_repositories, scope="function")  # no slow reader of an answer holds a place
Who = Annotated[Caller, Depends(_principal)]
Sessions = Annotated[SessionDesk, Depends(_sessions)]
HandedOver = Annotated[BrowserCodes, Depends(_handovers)]
Fresh = Depends(_fresh)
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=_KEY,
        description="Any text of yours: the same request with the same key is done once and answered alike.",
    ),
]
Reason = Annotated[Why, Query(description="Why; it stands in the log.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
After = Annotated[str, Query(max_length=600, pattern=r"^[^\x00-\x1f\x7f]*$", description="From `next` of a page.")]
AfterNumber = Annotated[int | None, Query(ge=1, le=LARGEST, description="From `next` of a page.")]


def page(items: Sequence[T], limit: int, request: Request, after: Callable[[T], object]) -> Page[T]:
    """A page, with the address of the next one while there may be more."""
    if len(items) < limit:
        return Page(items=list(items), next=None)
    query = {**request.query_params, "after": str(after(items[-1])), "limit": str(limit)}
    return Page(items=list(items), next=f"{request.url.path}?{urlencode(query)}")


def told(entries: Sequence[Logged]) -> list[EventTold]:
    """Events as they go over the wire."""
    found = ((entry.position, *TOLD.encode(entry.event)) for entry in entries)
    return [EventTold(position=position, type=type_, body=json.loads(body)) for position, type_, body in found]
