"""A page of another site, open in the browser of who runs a server on his machine, and has got hold of its token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from odmd.control.access.writes import MARK
from support.served import Served, bearer
from support.worlds import graph_of, node

ODD_HOSTS = [
    "localhost:evil.example",
    "localhost:80@evil.example",
    "[::1]evil.example",
    "[::1].evil.example:80",
    "[127.0.0.1]",
    "127.0.0.1:",
    "127.0.0.1:port",
    "localhost, evil.example",
    "http://localhost",
    "localhost/",
    "",
]


@pytest.fixture
def open_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.chdir(tmp_path)
    with Served(graph_of([node(0)]), tmp_path).serving() as made:
        yield made


def test_a_host_is_a_host_and_a_port_and_nothing_else(open_: Served) -> None:
    """Has a name that points to this machine. Wants it to pass for a name of this machine."""
    with open_.http() as api:
        for host in ODD_HOSTS:
            assert api.get("/envers", headers={"Host": host}).status_code in (400, 403), host


def test_an_origin_is_one_too(open_: Served) -> None:
    """Has a page at an odd origin. Wants it to pass for one of this machine."""
    odd = [*(f"http://{host}" for host in ODD_HOSTS), "file://localhost", "localhost", "chrome-extension://localhost"]
    with open_.http() as api:
        for origin in odd:
            assert api.get("/envers", headers={"Origin": origin}).status_code == 403, origin


@pytest.mark.parametrize("type_", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_write_without_a_body_needs_what_a_form_cannot_send(open_: Served, type_: str) -> None:
    """Has a form that says nothing of where it comes from, as of an old browser. Wants to cancel, or to reload."""
    headers = ({"Content-Type": type_} if type_ else {}) | bearer(open_.own)
    for method, path in (("POST", "/runs/1:cancel"), ("POST", "/contracts:reload"), ("DELETE", "/pauses/*")):
        answer = httpx.request(method, f"{open_.url}/api/v1{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "ODMD332")
        marked = httpx.request(method, f"{open_.url}/api/v1{path}", headers={**headers, MARK: "1"})
        assert marked.status_code != 403
