"""ETags of what an answer shows: they change when that does, and with nothing else. And large answers compressed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON: Final = "application/json"
_SMALLEST: Final = 1000
"""Bytes below which compression gains nothing."""
_LEVEL: Final = 5
_COMPRESSED_ALREADY: Final = "/artifacts/"


class Lean:
    """Reads that cost their caller little: not told again what did not change, and compressed where they are large.

    Writes are left alone: the only answer with a secret in it, a new token, is one of theirs. So no secret is ever
    compressed beside what its caller chose, and nothing can be guessed from the length of an answer (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressed = GZipMiddleware(_Tagged(app), _SMALLEST, _LEVEL)  # never the event stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] == "GET" and _COMPRESSED_ALREADY not in scope["path"]
        await (self._compressed if is_read else self._app)(scope, receive, send)


class _Tagged:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = {one.strip() for one in Headers(scope=scope).get("if-none-match", "").split(",")}
        await self._app(scope, receive, _LeanAnswer(send, known).send)


@dataclass(slots=True)
class _LeanAnswer:
    """Holds JSON back until all of it is there, and lets anything else through."""

    _send: Send
    _known: set[str]
    _head: Message | None = None
    _body: list[bytes] = field(default_factory=list[bytes])

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _has_etag(message):
            self._head = message
        elif self._head is None:
            await self._send(message)
        else:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._tell(self._head, b"".join(self._body))

    async def _tell(self, head: Message, body: bytes) -> None:
        headers = MutableHeaders(scope=head)
        # Weak: the same is told with and without compression.
        headers["ETag"] = etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        if etag in self._known:
            head["status"], body = int(HTTPStatus.NOT_MODIFIED), b""
            del headers["content-length"], headers["content-type"]
        await self._send(head)
        await self._send({"type": "http.response.body", "body": body})


def _has_etag(head: Message) -> bool:
    is_json = Headers(raw=head["headers"]).get("content-type", "").startswith(_JSON)
    return is_json and head["status"] == HTTPStatus.OK
