"""The app: routes, errors, limits and the guard around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from odmd import __version__
from odmd.control.access.origins import Proxies
from odmd.control.access.sessions import SessionDesk
from odmd.control.ports.store import Store
from odmd.errors import NotLeading
from odmd.graph import Graph
from odmd.server.auth import SignIn
from odmd.server.browser_codes import BrowserCodes
from odmd.server.errors import MEDIA_TYPE, handle_errors
from odmd.server.guard import PREFIX, Guard
from odmd.server.hosts import OwnNames
from odmd.server.lean import Lean
from odmd.server.metrics import Metrics
from odmd.server.refusals import Refusals
from odmd.server.rights import Rights
from odmd.server.routes import (
    agents,
    audit,
    browsers,
    changes,
    clones,
    comparing,
    config,
    console,
    contracts,
    dora,
    drifts,
    envers,
    events,
    fitting,
    health,
    holding,
    looking,
    plans,
    preflights,
    runs,
    secrets,
    sessions,
    subscribers,
    tokens,
    troubles,
    values,
    waves,
    webhooks,
)
from odmd.server.routes.common import BEARER
from odmd.server.service import Service
from odmd.server.stream import Feed
from odmd.server.veil import Veiled
from odmd.server.webhooks import Webhooks

LARGEST_BODY: Final = 1024 * 1024
_NOUNS: Final = (
    envers,
    looking,
    comparing,
    runs,
    agents,
    values,
    waves,
    plans,
    fitting,
    preflights,
    drifts,
    changes,
    clones,
    holding,
    events,
    dora,
    audit,
    contracts,
    subscribers,
    secrets,
    tokens,
    troubles,
    sessions,
    browsers,
    config,
)
_OUTSIDE: Final = (health, webhooks, console)
"""Those that are no part of the API of a version."""
_PROBLEM: Final[dict[str, Any]] = {
    "description": "What is wrong, and what to do about it (RFC 9457).",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "code", "next_step", "request", "diagnostics"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "code": {"type": "string", "pattern": "^ODMD[0-9]{3}$"},
                    "next_step": {"type": "string"},
                    "request": {"type": "string"},
                    "diagnostics": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Nothing moved since."},
    "4XX": _PROBLEM,
    "5XX": _PROBLEM,
}


@dataclass(frozen=True, slots=True)
class Serving:
    """What the app serves: the service while this process leads, and what there is without that."""

    service: Callable[[], Service]
    """Raises `NotLeading`."""
    feed: Feed
    store: Store
    metrics: Metrics
    sessions: SessionDesk
    webhooks: Webhooks
    handovers: BrowserCodes = field(default_factory=BrowserCodes)

    def graph(self) -> Graph | None:
        """The contracts in force, while this process leads."""
        try:
            return self.service().compiled.graph
        except NotLeading:
            return None

    def are_there(self, addresses: Sequence[str]) -> Sequence[str]:
        """Those that are an enver's, be it declared or recorded."""
        declared = self.service().compiled.graph.envers
        recorded = self.store.envers_of([one for one in addresses if one not in declared])
        return [*(one for one in addresses if one in declared), *(one.address for one in recorded)]


def make_app(serving: Serving, sign_in: SignIn, names: OwnNames, proxies: Proxies) -> ASGIApp:
    """The whole, ready to be served to who asks by these names, directly or through these proxies."""
    routers = [*(("", one.router) for one in _OUTSIDE), *((PREFIX, noun.router) for noun in _NOUNS)]
    rights = Rights(routers, (f"{PREFIX}/openapi.json",))
    refusals = Refusals(serving.store.receive)
    measure = serving.metrics.request
    app = _Living(_api(), serving, sign_in)
    return Guard(Lean(Veiled(app)), rights, sign_in, measure, serving, refusals, names, proxies)


class _Living:
    """The routes, and what is there for them from the start of a server to its end."""

    def __init__(self, api: ASGIApp, serving: Serving, sign_in: SignIn) -> None:
        self._api, self._life = api, Router(lifespan=lambda _: _life(serving, sign_in))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._life if scope["type"] == "lifespan" else self._api)(scope, receive, send)


@cache
def _api() -> FastAPI:
    """All routes; they find what they serve in the state of their request. FastAPI takes a tenth of a second to make
    them, so a process does it once, whatever it serves."""
    app = FastAPI(
        title="odmd",
        summary="What runs, why, and what to do next.",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
        responses=_ANSWERS,
        generate_unique_id_function=_operation,
    )
    handle_errors(app)
    for outside in _OUTSIDE:
        app.include_router(outside.router)
    for noun in _NOUNS:
        app.include_router(noun.router, prefix=PREFIX, dependencies=[Depends(BEARER)])
    return app


def openapi() -> Mapping[str, object]:
    """What the API says of itself, for who makes clients."""
    return _api().openapi()


def _operation(route: APIRoute) -> str:
    """The name of the function is the operation's: stable, and good for generated clients."""
    return route.name


@asynccontextmanager
async def _life(serving: Serving, sign_in: SignIn) -> AsyncGenerator[Mapping[str, object]]:
    """While it lasts, the log is followed; gives the state of each request."""
    reading = asyncio.create_task(serving.feed.run(serving.store.position()))
    try:
        yield {"serving": serving, "sign_in": sign_in}
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
