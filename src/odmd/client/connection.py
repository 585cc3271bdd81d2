"""How the client speaks to a server: tries again, reads problems as errors, and answers as types."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from odmd import __version__
from odmd.client.problems import error_of
from odmd.control.access.kept_session import kept_session
from odmd.control.access.local_token import found_token
from odmd.control.access.writes import GLASS, GLASS_VARIABLE, MARK
from odmd.control.scheduler.inert import inert
from odmd.errors import FailedForNow, ServerMisunderstood, ServerUnreachable, SettingsInvalid, ToolMissing
from odmd.plain import placed
from odmd.trust import authorities, nobody

try:
    import httpx
except ModuleNotFoundError as missing:
    raise ToolMissing(
        f"{missing.name} is not installed, and --server needs it", next_step="pip install 'ondemandenv[client]'"
    ) from missing

T = TypeVar("T")

API: Final = "/api/v1"
TRIES: Final = 3
PAUSE_SECONDS: Final = 0.2
MOST: Final = 500
_REMEMBERED: Final = 32
_TIMEOUT: Final = httpx.Timeout(120.0, connect=10.0)


class Connection:
    """To one server, with one token: the one given, else that in ODMD_TOKEN, else that of the session that
    `odmd login` left, else the server's own if it is ours.

    Raises:
        SettingsInvalid: the URL is none.
        ServerUnreachable, NotSignedIn, NotAllowed, ServerBusy, ServerMisunderstood: from every method.
    """

    def __init__(self, server: str, token: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        _refuse_what_is_no_url(server)
        token = (os.environ.get("ODMD_TOKEN", "") or kept_session(server, time.time())) if token is None else token
        is_here = found_token(server) if not token else None
        server, token = is_here or (server, token.strip())
        self._server = server.rstrip("/")
        headers = {"User-Agent": f"odmd/{__version__}", MARK: "1"}
        if why := os.environ.get(GLASS_VARIABLE, "").strip():
            headers[GLASS] = inert(why).encode("ascii", "replace").decode()
        self._known: dict[str, httpx.Response] = {}
        self.http = httpx.Client(
            base_url=self._server,
            headers=headers,
            auth=_Bearer(token, server if is_here else "") if token else None,
            timeout=_TIMEOUT,
            verify=authorities() if server.lower().startswith("https:") else nobody(),
            transport=transport,
            trust_env=is_here is None,  # no proxy is told a token of this machine
        )

    def close(self) -> None:
        self.http.close()

    def get(self, type_: type[T], path: str, asked: Mapping[str, str] | None = None) -> T:
        """One object."""
        return read(type_, self.send("GET", path, asked).content)

    def pages(self, type_: type[T], path: str, asked: Mapping[str, str], limit: int = MOST) -> Iterator[T]:
        """All items, a page at a time."""
        answer = self.send("GET", path, {**asked, "limit": str(limit)})
        while True:
            said = object_of(answer)
            yield from read(tuple[type_, ...], json.dumps(said["items"]))
            if not (following := said["next"]):
                return
            answer = self.send("GET", str(following).removeprefix(API))

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """As `write`."""
        return self.write("POST", path, body)

    def write(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Done once, however often it has to be sent: all tries have one key."""
        key = uuid.uuid4().hex
        for left in reversed(range(TRIES)):
            try:
                return object_of(self.send(method, path, None, body, {"Idempotency-Key": key}))
            except FailedForNow:
                if not left:
                    raise
                time.sleep(PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def send(
        self,
        method: str,
        path: str,
        asked: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One request."""
        if content is not None:
            headers = {**(headers or {}), "Content-Type": "application/octet-stream"}
        request = self.http.build_request(
            method, f"{API}{path}", params=asked, json=body, headers=headers, content=content
        )
        if known := self._known.get(str(request.url)) if method == "GET" else None:
            request.headers["If-None-Match"] = known.headers["etag"]
        try:
            answer = self.http.send(request)
        except httpx.TransportError as wrong:
            raise self.unreachable(wrong) from wrong
        if known and answer.status_code == HTTPStatus.NOT_MODIFIED:
            return known
        if not answer.is_success:
            raise error_of(answer.status_code, answer.content)
        if method == "GET" and "etag" in answer.headers:
            self._remember(answer)
        return answer

    def _remember(self, answer: httpx.Response) -> None:
        """What is asked for again and again need not be sent again."""
        url = str(answer.request.url)
        self._known.pop(url, None)
        if len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[url] = answer

    def ask(self, path: str) -> httpx.Response:
        """What the server says outside its API, whatever the status."""
        try:
            return self.http.get(path)
        except httpx.TransportError as wrong:
            raise self.unreachable(wrong) from wrong

    def unreachable(self, wrong: Exception) -> ServerUnreachable:
        """What a broken connection is told as."""
        why = str(wrong) or type(wrong).__name__
        return ServerUnreachable(
            f"{self._server} does not answer: {why}", next_step="is `odmd serve` running there? check --server"
        )


class _Bearer(httpx.Auth):
    """Sends a token; that of a server of this machine anew when it was started again, and has another one."""

    def __init__(self, token: str, found_for: str) -> None:
        self._token, self._found_for = token, found_for

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code != HTTPStatus.UNAUTHORIZED or not self._found_for:
            return
        found = found_token(self._found_for)
        if found and found[1] != self._token:
            self._token = found[1]
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


def _refuse_what_is_no_url(server: str) -> None:
    try:
        parts = urlsplit(server)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_url = False
    if not is_url:
        raise SettingsInvalid(f"--server {server!r} is no URL", next_step="write http://127.0.0.1:8471")


def object_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer as JSON."""
    return read(dict[str, Any], answer.content)


def read(type_: type[T], text: str | bytes) -> T:
    """Raises:
    ServerMisunderstood: the text is not of this type.
    """
    try:
        return _adapter(type_).validate_json(text)
    except ValidationError as wrong:
        raise ServerMisunderstood(
            f"the server's answer is of another release: {placed(wrong.errors(include_url=False)[0])}",
            next_step="use the release of odmd that the server has",
        ) from wrong


@cache
def _adapter(type_: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(type_)
