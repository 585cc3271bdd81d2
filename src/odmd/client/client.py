"""The client: one object a server; what it returns are the views that embedded commands see."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Final, TypeVar, assert_never
from urllib.parse import quote, urlsplit

from pydantic import TypeAdapter, ValidationError

from odmd import __version__
from odmd.client.problems import error_of
from odmd.client.stream import Message, messages
from odmd.control.codec import EVENTS
from odmd.control.tokens import NewToken, Scope, Token
from odmd.control.views import Cause, ChangeView, Earlier, EnverView, Happened, PauseView, RunView, ValueView
from odmd.control.wishes import Answering, Cancelling, Pausing, Releasing, Resuming, RollingBack, Wish
from odmd.errors import (
    EnverUnknown,
    FailedForNow,
    ServerMisunderstood,
    ServerUnreachable,
    SettingsInvalid,
    ToolMissing,
)
from odmd.model import naming
from odmd.plan import Plan

try:
    import httpx
except ModuleNotFoundError as missing:
    raise ToolMissing(
        f"{missing.name} is not installed, and --server needs it", next_step="pip install 'ondemandenv[client]'"
    ) from missing

T = TypeVar("T")

_API: Final = "/api/v1"
_MOST: Final = 500
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 0.2
_TIMEOUT: Final = httpx.Timeout(120.0, connect=10.0)
_SILENT_SECONDS: Final = 40.0
"""Without a sign of life for so long, a stream is dead."""


@dataclass(frozen=True, slots=True)
class Started:
    """A change that the server carries out."""

    events: Sequence[Happened]
    wave: int | None
    """None when there was nothing to do."""


class Client:
    """Speaks to a server with the token in ODMD_TOKEN, if there is one.

    Raises:
        SettingsInvalid: the URL is none.
        ServerUnreachable, NotSignedIn, NotAllowed, ServerBusy, ServerMisunderstood: from every method.
    """

    def __init__(self, server: str, token: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        _refuse_what_is_no_url(server)
        self._server = server.rstrip("/")
        token = os.environ.get("ODMD_TOKEN", "") if token is None else token
        headers = {"User-Agent": f"odmd/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token.strip()}"
        self._http = httpx.Client(base_url=self._server, headers=headers, timeout=_TIMEOUT, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    # reads

    def all_envers(self) -> Iterator[EnverView]:
        """By address."""
        return self._pages(EnverView, "/envers", {})

    def enver(self, typed: str) -> EnverView:
        """Raises:
        EnverUnknown
        """
        return self._get(EnverView, _of_enver(typed))

    def why(self, typed: str) -> Sequence[Cause]:
        """Raises:
        EnverUnknown
        """
        return self._get(tuple[Cause, ...], f"{_of_enver(typed)}/why")

    def earlier(self, typed: str, to: int | None = None) -> Earlier:
        """Raises:
        EnverUnknown, PinRefused
        """
        return self._get(Earlier, f"{_of_enver(typed)}/earlier", {} if to is None else {"run": str(to)})

    def runs(self, enver: str | None = None, limit: int = 50) -> Sequence[RunView]:
        """Newest first.

        Raises:
            EnverUnknown
        """
        asked = {"enver": enver} if enver else {}
        found: list[RunView] = []
        for run in self._pages(RunView, "/runs", asked, min(limit, _MOST)):
            found.append(run)
            if len(found) == limit:
                break
        return found

    def all_values(self, typed: str | None) -> Iterator[ValueView]:
        """Raises:
        EnverUnknown
        """
        return self._pages(ValueView, "/values", {"of": typed} if typed else {})

    def pauses(self) -> Sequence[PauseView]:
        """Those in force."""
        return self._get(tuple[PauseView, ...], "/pauses")

    def change(self, wave: int) -> ChangeView:
        """How far a change has come."""
        return self._get(ChangeView, f"/changes/{wave}")

    # writes

    def plan(self, targets: Collection[str] = (), *, only_values: bool = False, refresh: bool = True) -> Plan:
        """A plan that the server made and keeps.

        Raises:
            EnverUnknown, NotYetCarriedOut, RepositoryUnreachable, RevisionNotFound
        """
        said = self._post("/plans", {"targets": list(targets), "only_values": only_values, "refresh": refresh})
        plan = _read(Plan, json.dumps(said["plan"]))
        if plan.digest() != said["digest"]:
            raise ServerMisunderstood(
                "the server's plan reads otherwise here: it is of another release",
                next_step="use the release of odmd that the server has",
            )
        return plan

    def start(self, digest: str, why: str) -> Started:
        """Carries out a plan.

        Raises:
            PlanOutdated, PlanUnusable
        """
        said = self._post("/changes", {"plan": digest, "why": why})
        return Started(_happened(said), said["wave"])

    def tell(self, wish: Wish) -> Sequence[Happened]:
        """Carries out a wish; what came of it at once.

        Raises:
            EnverUnknown, NothingAsked, PinRefused
        """
        match wish:
            case Answering(enver, input, approved, why):
                said = self._post("/answers", {"enver": enver, "input": input, "approved": approved, "why": why})
            case Pausing(scope, why, until):
                said = self._post("/pauses", {"scope": scope, "why": why, "until": until})
            case Resuming(scope):
                said = self._write("DELETE", f"/pauses/{quote(scope, safe='')}")
            case Cancelling(run):
                said = self._write("POST", f"/runs/{run}:cancel")
            case RollingBack(enver, to, why):
                said = self._post("/pins", {"enver": enver, "run": to, "why": why})
            case Releasing(enver):
                said = self._post("/releases", {"enver": enver})
            case _:
                assert_never(wish)
        return _happened(said)

    # tokens

    def create_token(self, name: str, scope: Scope, expires: float) -> NewToken:
        """A new token, with its text."""
        said = self._post("/tokens", {"name": name, "scope": scope.value, "expires": expires})
        return _read(NewToken, json.dumps(said))

    def tokens(self) -> Sequence[Token]:
        """All, by id."""
        return list(self._pages(Token, "/tokens", {}))

    def revoke_token(self, id: str) -> None:
        """Raises:
        TokenUnknown
        """
        self._send("DELETE", f"/tokens/{quote(id, safe='')}")

    # live

    def follow(self, after: int | None = None) -> Iterator[Message]:
        """What happens after a position, and what agents say meanwhile; goes on by itself when the connection breaks.

        Raises:
            PositionUnknown
        """
        last, failures = ("" if after is None else str(after)), 0
        while True:
            try:
                for message in self._stream(last):
                    last, failures = message.id or last, 0
                    yield message
            except FailedForNow:
                failures += 1
                if failures > _TRIES:
                    raise
                time.sleep(_PAUSE_SECONDS * 2**failures)

    def _stream(self, last: str) -> Iterator[Message]:
        timeout = httpx.Timeout(_SILENT_SECONDS, connect=10.0)
        asked = {"Last-Event-ID": last} if last else {}
        try:
            with self._http.stream("GET", f"{_API}/events", headers=asked, timeout=timeout) as answer:
                if not answer.is_success:
                    raise error_of(answer.status_code, answer.read())
                yield from messages(answer.iter_lines())
        except httpx.TransportError as wrong:
            raise self._unreachable(wrong) from wrong

    # inside

    def _get(self, type_: type[T], path: str, asked: Mapping[str, str] | None = None) -> T:
        return _read(type_, self._send("GET", path, asked).content)

    def _pages(self, type_: type[T], path: str, asked: Mapping[str, str], limit: int = _MOST) -> Iterator[T]:
        answer = self._send("GET", path, {**asked, "limit": str(limit)})
        while True:
            said = _object(answer)
            yield from _read(tuple[type_, ...], json.dumps(said["items"]))
            if not (following := said["next"]):
                return
            answer = self._send("GET", str(following).removeprefix(_API))

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._write("POST", path, body)

    def _write(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Done once, however often it has to be sent: all tries have one key."""
        key = uuid.uuid4().hex
        for left in reversed(range(_TRIES)):
            try:
                return _object(self._send(method, path, None, body, {"Idempotency-Key": key}))
            except FailedForNow:
                if not left:
                    raise
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def _send(
        self,
        method: str,
        path: str,
        asked: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, f"{_API}{path}", params=asked, json=body, headers=headers)
        except httpx.TransportError as wrong:
            raise self._unreachable(wrong) from wrong
        if not answer.is_success:
            raise error_of(answer.status_code, answer.content)
        return answer

    def _unreachable(self, wrong: Exception) -> ServerUnreachable:
        why = str(wrong) or type(wrong).__name__
        return ServerUnreachable(
            f"{self._server} does not answer: {why}", next_step="is `odmd serve` running there? check --server"
        )


def _refuse_what_is_no_url(server: str) -> None:
    try:
        parts = urlsplit(server)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_url = False
    if not is_url:
        raise SettingsInvalid(f"--server {server!r} is no URL", next_step="write http://127.0.0.1:8471")


def _of_enver(typed: str) -> str:
    address = naming.enver_address(typed)
    build, slash, slot = address.partition("/")
    if not (build and slash and slot) or "/" in slot:
        raise EnverUnknown(f"{typed} was never deployed", next_step="envers are called like orders@main")
    return f"/envers/{quote(build, safe='')}/{quote(slot, safe='')}"


def _happened(said: Mapping[str, Any]) -> Sequence[Happened]:
    return [Happened(one["position"], EVENTS.decode(one["type"], json.dumps(one["body"]))) for one in said["events"]]


def _object(answer: httpx.Response) -> dict[str, Any]:
    return _read(dict[str, Any], answer.content)


def _read(type_: type[T], text: str | bytes) -> T:
    try:
        return _adapter(type_).validate_json(text)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        raise ServerMisunderstood(
            f"the server's answer is of another release: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step="use the release of odmd that the server has",
        ) from wrong


@cache
def _adapter(type_: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(type_)
