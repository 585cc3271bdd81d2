"""A page of another site, open in the browser of who runs a server on his machine, and has got hold of its token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import Headers

from odmd.control.access.writes import MARK
from odmd.control.scheduler.actor import Scope
from odmd.server.hosts import OwnNames
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


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Others reach it, and its settings say how it is called."""
    made = Served(graph_of([node(0)]), tmp_path_factory.mktemp("named"))
    made.names = frozenset(["odmd.acme.example"])
    with made.serving(tokens=True):
        yield made


def test_a_server_that_others_reach_answers_by_its_own_names(named: Served) -> None:
    """Has a name that points to a server of a company. Wants its pages, and its sign-ins, to pass for that server's."""
    own = named.url.removeprefix("http://")
    with named.http(named.token(Scope.READ).text) as api:
        for host in ("evil.example", "odmd.acme.example.evil.example", "odmd.acme.example:81", own + "1", *ODD_HOSTS):
            assert api.get("/envers", headers={"Host": host}).status_code in (400, 403), host
        for host in ("odmd.acme.example", "ODMD.acme.example", own):
            assert api.get("/envers", headers={"Host": host}).status_code == 200, host


def test_who_probes_a_process_by_its_address_is_answered(named: Served) -> None:
    for path in ("/healthz", "/readyz"):
        assert httpx.get(f"{named.url}{path}", headers={"Host": "10.0.0.7:8471"}).status_code == 200


def test_what_somebody_proves_is_for_a_name_that_the_settings_have_where_they_have_any() -> None:
    """Listens, on another machine, at the port at which this server listens on its own."""

    def asked(names: OwnNames, *hosts: str) -> str:
        return names.asked(Headers(raw=[(b"host", host.encode()) for host in hosts]))

    far = OwnNames(frozenset(["odmd.acme.example"]), 8471)
    assert asked(far, "odmd.acme.example") == "odmd.acme.example"
    assert asked(far, "127.0.0.1:8471") == asked(far, "evil.example") == asked(far) == ""
    assert asked(far, "odmd.acme.example", "odmd.acme.example") == ""
    assert asked(OwnNames(port=8471), "LOCALHOST:8471") == "localhost:8471"
    assert asked(OwnNames(port=8471), "127.0.0.1:8472") == asked(OwnNames(), "odmd.acme.example") == ""
    assert asked(OwnNames(frozenset(["odmd.acme.example"]), 8471, only_here=True), "[::1]:8471") == "[::1]:8471"


@pytest.mark.parametrize("type_", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_write_without_a_body_needs_what_a_form_cannot_send(open_: Served, type_: str) -> None:
    """Has a form that says nothing of where it comes from, as of an old browser. Wants to cancel, or to reload."""
    headers = ({"Content-Type": type_} if type_ else {}) | bearer(open_.own)
    for method, path in (("POST", "/runs/1:cancel"), ("POST", "/contracts:reload"), ("DELETE", "/pauses/*")):
        answer = httpx.request(method, f"{open_.url}/api/v1{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "ODMD332")
        marked = httpx.request(method, f"{open_.url}/api/v1{path}", headers={**headers, MARK: "1"})
        assert marked.status_code != 403
