"""Tokens, sessions and refusals at the door stand in the log: by whom, from where, and never with a secret."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from typer.testing import CliRunner

from odmd.cli.main import app
from odmd.control.scheduler.actor import Scope
from support.served import Served
from support.until import until


def entries(http: httpx.Client, action: str) -> list[dict[str, Any]]:
    return http.get("/audit/entries", params={"action": action}).json()["items"]


def found(http: httpx.Client, action: str, number: int) -> list[dict[str, Any]]:
    """Those of an action, once there are so many."""
    look: Callable[[], Sequence[object]] = lambda: entries(http, action)  # noqa: E731
    until(lambda: len(look()) >= number)
    return entries(http, action)


def test_a_token_that_is_made_and_revoked_stands_in_the_log_by_whom_and_without_its_secret(guarded: Served) -> None:
    admin = guarded.token(Scope.ADMIN, name="root")
    with guarded.http(admin.text) as http:
        wanted = {"name": "ci", "scope": "write", "teams": ["baristas"], "expires": time.time() + 600}
        made = http.post("/tokens", json=wanted).json()
        id = made["token"]["id"]
        for _ in range(2):
            assert http.delete(f"/tokens/{id}").status_code == 204
        _, said, revoked = found(http, "AccessChanged", 3)
        whole = http.get("/audit/entries").text
    command = ("audit", "search", "--action", "access-changed", "--server", guarded.url)
    told = CliRunner().invoke(app, command, env={"ODMD_TOKEN": admin.text, "COLUMNS": "200"})
    assert "token revoked: ci may write for baristas" in told.output
    assert (said["actor"], said["proof"], said["origin"]) == ("root", f"token {admin.token.id}", "127.0.0.1")
    assert said["why"].startswith("token made: ci may write for baristas until ")
    bodies = [json.loads(one["body"]) for one in (said, revoked)]
    assert [(one["change"], one["id"]) for one in bodies] == [("token made", id), ("token revoked", id)]
    assert made["text"].rsplit("_", 1)[1] not in whole
    assert admin.text.rsplit("_", 1)[1] not in whole


def test_who_is_turned_away_at_the_door_stands_in_the_log_once_a_minute(guarded: Served) -> None:
    reader = guarded.token(Scope.READ, name="eve")
    with guarded.http(reader.text) as http:
        answers = [http.post("/pauses", json={"scope": "*"}).status_code for _ in range(20)]
    assert set(answers) == {403}
    with guarded.http(guarded.token(Scope.ADMIN).text) as http:
        denied = found(http, "Denied", 1)
    assert len(denied) <= 2, "a minute may have ended meanwhile"
    assert (denied[0]["actor"], denied[0]["origin"]) == ("eve", "127.0.0.1")
    assert "good for read, and this needs write" in denied[0]["why"]
