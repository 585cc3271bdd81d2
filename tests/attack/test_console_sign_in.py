"""The sign-in of a browser: by a token, or by a code that stands for one and is good once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from odmd.control.access.writes import MARK
from odmd.control.scheduler.actor import Scope
from odmd.errors import NotSignedIn
from odmd.server.browser_codes import SECONDS, BrowserCodes
from odmd.server.browsers import COOKIE
from odmd.trust import nobody
from support.actors import somebody
from support.job import right
from support.served import Served
from support.worlds import graph_of, node

OURS = {MARK: "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(graph_of([node(0)]), tmp_path_factory.mktemp("server")).serving() as made:
        made.push("c1", 0)
        yield made


@pytest.fixture
def page(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served.url}/api/v1", headers=OURS, verify=nobody()) as client:
        yield client


def kept(answer: httpx.Response) -> str:
    """What the browser keeps of it; no script reads it, and no other site makes use of it."""
    said = answer.headers["set-cookie"]
    assert all(word in said for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/")), said
    return said.partition(";")[0].removeprefix(f"{COOKIE}=")


def test_who_has_a_token_has_its_rights_and_no_more(served: Served, page: httpx.Client) -> None:
    token = served.token(Scope.READ)
    answer = page.post("/browser", json={"token": token.text})
    assert (answer.status_code, answer.json()["name"]) == (200, "grace")
    assert token.text not in answer.text
    cookie = {"Cookie": f"{COOKIE}={kept(answer)}"}
    assert page.get("/envers", headers=cookie).status_code == 200
    assert page.post("/pauses", headers=cookie, json={"scope": "*"}).status_code == 403
    assert page.delete("/browser", headers=cookie).status_code == 204
    served.tokens.revoke(token.token.id, time.time(), somebody("ada"))
    assert page.get("/envers", headers=cookie).status_code == 401


def test_a_code_is_good_once_and_for_who_asked_for_it(served: Served, page: httpx.Client) -> None:
    """Has found, in the browser's history, the address that somebody was signed in by."""
    with served.http(served.token(Scope.READ, name="linus").text) as linus:
        made = linus.post("/handovers")
    assert made.status_code == 201
    body = {"code": made.json()["code"]}
    assert page.post("/browser", json=body).json()["name"] == "linus"
    again = page.post("/browser", json=body)
    assert (again.status_code, again.json()["code"]) == (401, "ODMD302")
    assert "set-cookie" not in again.headers


def test_a_code_is_over_soon() -> None:
    handovers = BrowserCodes()
    code = handovers.give("odmd_x", 100.0)
    with pytest.raises(NotSignedIn):
        handovers.take(code, 100.0 + SECONDS)
    with pytest.raises(NotSignedIn):
        handovers.take("", 100.0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {MARK: "1"},
        {MARK: "1", "Sec-Fetch-Site": "same-site"},
        {MARK: "1", "Sec-Fetch-Site": "cross-site"},
        {MARK: "1", "Sec-Fetch-Site": "none"},
        {MARK: "1", "Origin": "http://127.0.0.1:1"},
    ],
)
def test_no_page_of_others_signs_a_browser_in(served: Served, headers: dict[str, str]) -> None:
    """Has a token of his own. Wants who visits his page to work with it, and to be seen at it."""
    body = {"token": served.token(Scope.READ).text}
    answer = httpx.post(f"{served.url}/api/v1/browser", json=body, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_what_is_for_one_run_shows_nothing(served: Served, page: httpx.Client) -> None:
    """Is an agent. Wants to look around."""
    token = right(served, 1)
    assert page.post("/browser", json={"token": token}).status_code == 403
    assert page.post("/handovers", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_what_is_no_token_is_refused_like_every_other(page: httpx.Client) -> None:
    said = [page.post("/browser", json=one) for one in ({"token": "odmd_1"}, {"token": ""}, {"code": "x"}, {})]
    assert {one.status_code for one in said} == {401}


def test_a_link_leads_to_the_page_and_to_nothing_that_anybody_said(served: Served) -> None:
    """Has a page of his own that leads here, and names files of the server."""
    other = {"Sec-Fetch-Site": "cross-site"}
    with httpx.Client(base_url=served.url, headers=other, verify=nobody()) as http:
        for path in ("/console", "/console/", "/console/envers/e0/b..main", "/console/assets/..%2f..%2fapp.py"):
            answer = http.get(path)
            assert answer.status_code == 404 or "<!doctype html>" in answer.text, path
            assert "unsafe" not in answer.headers["content-security-policy"]
        assert http.get("/consolex").status_code == 403
        assert http.get("/api/v1/envers").status_code == 403
        assert http.post("/console", headers={MARK: "1"}).status_code == 403


def test_files_are_read_from_their_own_folder_alone(tmp_path: Path) -> None:
    from odmd.server.console import console_files

    (tmp_path / "console" / "assets").mkdir(parents=True)
    (tmp_path / "secret.js").write_text("x")
    (tmp_path / "console" / "assets" / "console-ABCDEFGH.js").write_text("y")
    (tmp_path / "console" / "index.html").write_text("z")
    found = console_files(tmp_path / "console")
    assert {name: one.lasts for name, one in found.items()} == {
        "assets/console-ABCDEFGH.js": True,
        "index.html": False,
    }
