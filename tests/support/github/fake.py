"""Plays GitHub, with state, over HTTP: its API below /api/v3, as GitHub Enterprise Server has it, and the page on which
an App is made. Every request and every answer is held against GitHub's own description; `wrong` has what did not fit.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from odmd.providers.github.app import EVENTS, LEAST, GithubApp
from support.github import answers
from support.github.description import operation
from support.github.state import FakeInstallation, FakeRepository, Faults, Json

API: Final = "/api/v3"
APP: Final = 7
SECRET: Final = "what GitHub and odmd know"


@cache
def key() -> str:
    """Made once: that takes longer than most tests."""
    return RSAKey.generate_key(2048).as_pem(private=True).decode()


@dataclass(frozen=True)
class Token:
    """The right that was given for it."""

    installation: FakeInstallation
    permissions: dict[str, str]
    repositories: list[int] | None


@dataclass
class FakeGithub:
    """Its state, and what a test makes of it."""

    url: str = ""
    repositories: dict[int, FakeRepository] = field(default_factory=dict)
    installations: dict[int, FakeInstallation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Json] = field(default_factory=dict)
    """Of Apps that were made on the page, and not fetched."""
    apps: dict[int, Json] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    asked: list[tuple[str, int]] = field(default_factory=list)
    """(operation, status) of each request."""
    bodies: list[tuple[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    deliveries: list[Json] = field(default_factory=list)
    _next: int = 100
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def app(self) -> GithubApp:
        """An App that is there, as its owner knows it."""
        self.apps.setdefault(APP, {"id": APP, "slug": "odmd-acme", "permissions": dict(LEAST), "events": list(EVENTS)})
        return GithubApp(APP, "odmd-acme", "acme", key(), SECRET, f"{self.url}/apps/odmd-acme", self.url + API)

    def repository(self, name: str, folder: Path | None = None, **said: Any) -> FakeRepository:
        """One more, which the installation of its owner reaches, if there is one."""
        made = FakeRepository(self.number(), [name], folder, **said)
        self.repositories[made.id] = made
        for one in self.installations.values():
            if one.account == made.full_name.partition("/")[0]:
                one.repositories.append(made.id)
        return made

    def install(self, account: str = "acme", **permissions: str) -> FakeInstallation:
        """The App is let in, to all repositories that the account has."""
        theirs = [one.id for one in self.repositories.values() if one.full_name.startswith(f"{account}/")]
        granted = permissions or dict(LEAST)
        made = FakeInstallation(self.number(), account, dict(granted), theirs, list(EVENTS))
        self.installations[made.id] = made
        return made

    def number(self) -> int:
        self._next += 1
        return self._next

    def count(self, part: str) -> int:
        """How many requests there were whose operation has this in its name."""
        return sum(part in name for name, _ in self.asked)

    def find(self, full_name: str) -> FakeRepository | None:
        """By a name of now."""
        return next((one for one in self.repositories.values() if one.full_name.lower() == full_name.lower()), None)

    def moved(self, full_name: str) -> FakeRepository | None:
        """By a name that it had."""
        names = ((one, [name.lower() for name in one.names]) for one in self.repositories.values())
        return next((one for one, had in names if full_name.lower() in had), None)

    def proven(self, token: str) -> int | None:
        """The App that signed it."""
        try:
            found = jwt.decode(token, RSAKey.import_key(key()), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        now = time.time()
        good = found["iat"] <= now <= found["exp"] and found["exp"] - found["iat"] <= 660
        return int(found["iss"]) if good else None

    @contextmanager
    def serving(self) -> Iterator[FakeGithub]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Ends,), {"github": self}))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Ends(BaseHTTPRequestHandler):
    github: FakeGithub
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    """Head and body go together."""

    def log_message(self, *_said: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def _handle(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.github.lock:
            if self.path.startswith(API):
                status, headers, body = self._api(content)
            else:
                status, headers, body = self._page(content)
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _api(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.path.removeprefix(API))
        github, found = self.github, operation(self.command, parts.path)
        if found is None:
            github.wrong.append(f"there is no {self.command} {parts.path}")
            return 404, {}, b'{"message": "Not Found"}'
        query = {name: texts[-1] for name, texts in parse_qs(parts.query).items()}
        body = json.loads(content) if content else None
        if fault := github.faults.next(found.name):
            github.asked.append((found.name, fault[0]))
            return fault[0], fault[1], fault[2] if fault[2] is not None else b'{"message": "a fault"}'
        github.wrong += found.wrong_request(query, body)
        asked = answers.Asked(github, found.name, found.parameters(parts.path), query, body, self._token())
        answer = answers.answer(asked)
        told = found.filled(answer.status, answer.body)
        if answer.status < 300:
            github.wrong += found.wrong_answer(answer.status, told)
            if body is not None:
                github.bodies.append((found.name, body))
        text = json.dumps(told).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers, **self._limits()}
        if self.command == "GET" and answer.status == 200:
            etag = f'W/"{hashlib.sha256(text).hexdigest()}"'
            if self.headers.get("If-None-Match") == etag:
                github.asked.append((found.name, 304))
                github.faults.spent -= 1
                return 304, {"ETag": etag}, b""
            headers["ETag"] = etag
        github.asked.append((found.name, answer.status))
        return answer.status, headers, text

    def _limits(self) -> dict[str, str]:
        faults = self.github.faults
        faults.spent += 1
        left, reset = max(0, faults.limit - faults.spent), str(int(time.time()) + 3600)
        return {
            "X-RateLimit-Limit": str(faults.limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": reset,
        }

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _page(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        """A person clicks at once."""
        parts, github = urlsplit(self.path), self.github
        if self.command == "POST" and parts.path.startswith("/organizations/") and parts.path.endswith("/apps/new"):
            form = {name: texts[-1] for name, texts in parse_qs(content.decode()).items()}
            manifest, code = json.loads(form["manifest"]), secrets.token_hex(20)
            org = parts.path.split("/")[2]
            github.codes[code] = {**manifest, "owner": org, "slug": manifest["name"].lower().replace(" ", "-")}
            state = parse_qs(parts.query).get("state", [""])[-1]
            where = f"{manifest['redirect_url']}?{urlencode({'code': code, 'state': state})}"
            return 302, {"Location": where}, b""
        if parts.path.startswith("/github-apps/") or parts.path.startswith("/apps/"):
            app = next(one for one in github.apps.values() if one["slug"] == parts.path.split("/")[2])
            github.install(app.get("owner", "acme"), **app["permissions"])
            return 200, {}, b"installed"
        return 404, {}, b""
