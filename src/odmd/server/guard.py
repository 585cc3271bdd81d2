"""What every request passes: an id, the host it asks for, who asks, what no answer may lack, a line in the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, cast

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from odmd.control.access.origins import Proxies
from odmd.control.access.writes import GLASS
from odmd.control.scheduler.actor import Scope as Most
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.may import seen_by
from odmd.errors import NotAllowed, NotSignedIn, OdmdError
from odmd.graph import Graph
from odmd.server.auth import SignIn
from odmd.server.browsers import kept_by_browser, refuse_other_pages
from odmd.server.errors import broken, problem
from odmd.server.hosts import OwnNames
from odmd.server.refusals import Refusals
from odmd.server.rights import OF_ONE_RUN, Rights
from odmd.server.veil import Veil

ACCESS: Final = logging.getLogger("odmd.server.access")
PREFIX: Final = "/api/v1"
Measure = Callable[[str, str, int, float], None]
"""Told of each answer: method, route, status, and the seconds until its head."""
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


class InForce(Protocol):
    """The contracts in force."""

    def graph(self) -> Graph | None:
        """None while this process does not lead, and answers nothing that they decide."""
        ...

    def are_there(self, addresses: Sequence[str]) -> Sequence[str]:
        """Those that are an enver's, be it declared or recorded."""
        ...


class Guard:
    """Around the whole app: nobody passes but by a name of its own."""

    def __init__(
        self,
        app: ASGIApp,
        rights: Rights,
        sign_in: SignIn,
        measure: Measure,
        contracts: InForce,
        refusals: Refusals,
        names: OwnNames,
        proxies: Proxies,
    ) -> None:
        self._app, self._rights, self._sign_in, self._measure = app, rights, sign_in, measure
        self._contracts, self._refusals, self._names, self._proxies = contracts, refusals, names, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, state = Headers(scope=scope), cast("MutableMapping[str, Any]", scope.setdefault("state", {}))
        given = headers.get("x-request-id", "")
        state["request"] = given if _ID.fullmatch(given) else uuid.uuid4().hex
        answer = _GuardedAnswer(send, state["request"])
        state["origin"] = self._proxies.origin(_peer(scope), headers.getlist("x-forwarded-for"))
        began = time.perf_counter()
        try:
            self._names.refuse_others(scope["method"], scope["path"], headers)
            state["asked_as"] = self._names.asked(headers)
            await self._let_in(scope, headers, state)
            await self._app(scope, receive, answer.send)
        except OdmdError as error:
            await problem(error, state["request"])(scope, receive, answer.send)
        except Exception as wrong:  # whatever it is, the caller gets an answer and nothing of the inside
            if not answer.status:
                await broken(wrong, state["request"])(scope, receive, answer.send)
        finally:
            ended = time.perf_counter()
            route = getattr(scope.get("route"), "path", "none")
            self._measure(scope["method"], route, answer.status, (answer.began or ended) - began)
            _log(scope, state, answer.status, ended - began)

    async def _let_in(self, scope: Scope, headers: Headers, state: MutableMapping[str, Any]) -> None:
        """Before anything else is looked at, so that an answer does not depend on what is there."""
        right = self._rights.of(scope["method"], scope["path"])
        if right.action is None:
            return
        given = headers.get("authorization")
        if given is None and (kept := kept_by_browser(headers)):
            refuse_other_pages(scope["method"], headers)
            given = f"Bearer {kept}"
        state["authorization"] = given
        who = (await anyio.to_thread.run_sync(self._sign_in.principal, given)).calling_from(state["origin"])
        if (why := headers.get(GLASS, "").strip()) and who.actor.scope is Most.ADMIN:
            who = replace(who, actor=replace(who.actor, glass=inert(why)))
            ACCESS.warning("the glass is broken", extra={"fields": {"by": who.actor.name, "why": who.actor.glass}})
        state["principal"] = who
        if who.over and not right.last_word:
            raise NotSignedIn("the run that this token was for has ended", next_step="each run has a token of its own")
        graph = self._contracts.graph()
        try:
            who.must(right.action, right.run, graph)
        except NotAllowed as refusal:
            await anyio.to_thread.run_sync(self._refusals.note, who.actor, right.action, refusal)
            raise
        if graph is not None and right.action not in OF_ONE_RUN:  # what an agent carries out, it has whole
            state["sees"] = sees = seen_by(who.actor, graph)
            state["veil"] = Veil(sees, self._contracts.are_there, who.actor.name) if sees else None


def _peer(scope: Scope) -> str:
    """Who is connected: of a proxy, where there is one."""
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""


class _GuardedAnswer:
    """Adds the headers to whatever is answered, and remembers the status."""

    def __init__(self, send: Send, request: str) -> None:
        self._send, self._request, self.status, self.began = send, request, 0, 0.0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.began = message["status"], time.perf_counter()
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request
            for name, text in _HEADERS.items():
                headers.setdefault(name, text)
        await self._send(message)


def _log(scope: Scope, state: MutableMapping[str, Any], status: int, seconds: float) -> None:
    """One line; never the query or a header, where secrets may stand."""
    who = state.get("principal")
    line = {
        "request": state["request"],
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
        "by": who.actor.name if who else None,
        "from": state["origin"],
    }
    ACCESS.info("request", extra={"fields": line})
