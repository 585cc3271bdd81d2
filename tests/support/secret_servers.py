"""Stores of secrets on this machine that answer as the real ones do, as far as a store is asked."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hvs.a-token-of-the-tests-own"
_BEGAN = datetime(2026, 11, 27, tzinfo=UTC)
Answer = tuple[int, Mapping[str, str], object]
"""Status, headers, and what is said as JSON."""


@dataclass
class Version:
    """One text of a secret."""

    data: dict[str, str]
    deletion_time: str = ""
    destroyed: bool = False


@dataclass
class FakeVault:
    """Keys and values, version 2, at mount `kv`; keeps the last two versions of each."""

    url: str = ""
    secrets: dict[str, dict[int, Version]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    is_sealed: bool = False
    says_nonsense: bool = False
    keeps: int = 2
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, data: dict[str, str]) -> None:
        versions = self.secrets.setdefault(path, {})
        versions[max(versions, default=0) + 1] = Version(data)
        for old in sorted(versions)[: -self.keeps]:
            versions[old] = Version({}, destroyed=True)

    def answer(self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> Answer:
        self.asked.append(path)
        if self.says_nonsense:
            return 200, {}, ["no Vault"]
        if self.is_sealed:
            return 503, {}, {"errors": ["Vault is sealed"]}
        _, _, mount, what, *rest = path.split("/")
        name = "/".join(rest)
        if headers.get("X-Vault-Token") != TOKEN or name in self.forbidden or mount != "kv":
            return 403, {}, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if (versions := self.secrets.get(name)) is None:
            return 404, {}, {"errors": []}
        if what == "metadata":
            said = {str(number): _metadata(number, one) for number, one in versions.items()}
            return 200, {}, {"data": {"current_version": max(versions), "versions": said}}
        number = int(query.get("version", ["0"])[0]) or max(versions)
        version = versions.get(number, Version({}, destroyed=True))
        gone = version.destroyed or version.deletion_time
        data = {"data": None if gone else version.data, "metadata": _metadata(number, version)}
        return 404 if gone else 200, {}, {"data": data}


def _metadata(number: int, version: Version) -> dict[str, object]:
    created = (_BEGAN + timedelta(minutes=number)).isoformat().replace("+00:00", ".123456789Z")
    return {"created_time": created, "deletion_time": version.deletion_time, "destroyed": version.destroyed}


@dataclass
class FakeGithub:
    """The API for secrets of environments: it has no texts at all, as GitHub's gives none."""

    url: str = ""
    changed: dict[str, int] = field(default_factory=dict)
    """Path of a secret below `/repos/` → how often it was given a text."""
    is_out_of_breath: bool = False

    def answer(self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> Answer:
        if self.is_out_of_breath:
            return 403, {"x-ratelimit-remaining": "0"}, {"message": "API rate limit exceeded"}
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"message": "Bad credentials"}
        known = path.removeprefix("/repos/")
        if known not in self.changed:
            return 404, {}, {"message": "Not Found"}
        at = (_BEGAN + timedelta(minutes=self.changed[known])).isoformat().replace("+00:00", "Z")
        return 200, {}, {"name": known.rpartition("/")[2], "created_at": at, "updated_at": at}


@contextmanager
def serving(fake: FakeVault | FakeGithub) -> Iterator[None]:
    """Until its end, at its `url`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake.answer))
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(answer: Callable[..., Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            status, headers, said = answer(unquote(asked.path), parse_qs(asked.query), self.headers)
            body = json.dumps(said).encode()
            self.send_response(status)
            for name, text in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

    return Handler


_OP = """#!{python}
import json, os, sys
def fail(said):
    sys.exit("[ERROR] 2026/11/27 08:00:00 " + said)
vaults = json.load(open({state!r}))
if vaults.pop("is away", None):
    fail("dial tcp: lookup acme.1password.com: no such host")
if os.environ.get("OP_SERVICE_ACCOUNT_TOKEN") != {token!r}:
    fail("You are not currently signed in. Please run `op signin --help` for instructions")
def item_of(vault, item):
    if vault not in vaults:
        fail('"%s" isn\\'t a vault in this account. Specify the vault with its ID or name.' % vault)
    if item not in vaults[vault]:
        fail('"%s" isn\\'t an item in the "%s" vault. Specify the item with its UUID, name, or domain.' % (item, vault))
    return vaults[vault][item]
match sys.argv[1:]:
    case ["item", "get", item, "--vault", vault, "--format", "json"]:
        print(json.dumps(item_of(vault, item)))
    case ["read", "--no-newline", reference]:
        vault, item, *_, name = reference.removeprefix("op://").split("/")
        fields = [one for one in item_of(vault, item)["fields"] if name in (one["id"], one["label"])]
        if not fields:
            fail("could not read secret '%s': item '%s/%s' does not have a field '%s'" % (reference, vault, item, name))
        sys.stdout.write(fields[0]["value"])
    case _:
        fail("unknown command")
"""


@dataclass
class FakeOnePassword:
    """A program `op` with one vault, `acme`."""

    folder: Path
    items: dict[str, dict[str, object]] = field(default_factory=dict)
    is_away: bool = False

    def __post_init__(self) -> None:
        program = self.folder / "op"
        program.write_text(_OP.format(python=sys.executable, state=str(self._state), token=TOKEN))
        program.chmod(0o755)
        self.keep()

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}", "OP_SERVICE_ACCOUNT_TOKEN": TOKEN}

    @property
    def _state(self) -> Path:
        return self.folder / "vaults.json"

    def put(self, item: str, name: str, text: str) -> None:
        before = self.items.get(item, {"version": 0})
        about = {"id": f"{item}-id", "version": int(str(before["version"])) + 1, "updated_at": "2026-11-27T08:00:00Z"}
        self.items[item] = {**about, "fields": [{"id": "f1", "label": name, "type": "CONCEALED", "value": text}]}
        self.keep()

    def keep(self) -> None:
        away = {"is away": True} if self.is_away else {}
        self._state.write_text(json.dumps({"acme": self.items, **away}))
