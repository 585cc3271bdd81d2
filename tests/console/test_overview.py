"""What is there and how it is, at one look; what it takes to get in; what is fetched for it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from odmd.control.scheduler.actor import Scope
from odmd.server.console import console_files
from support.browser import Visit
from support.served import Served
from support.worlds import graph_of, node, wire

Visits = Callable[..., Visit]
LARGEST = 60 * 1024


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Four teams in two stages; nothing of it is deployed but the first, which failed."""
    nodes = [node(n, stage=("dev", "prod")[n % 2], team=f"team-{n % 4}") for n in range(240)]
    graph = replace(graph_of(nodes), stages=("prod", "dev"))
    with Served(graph, tmp_path_factory.mktemp("many")).serving() as made:
        made.push("c1", 0)
        made.fail(0)
        yield made


def test_it_shows_states_by_stages_and_each_is_a_filter(visit: Visits, many: Served) -> None:
    one = visit(many)
    one.sees("Show more of 240 builds")
    assert one.page.locator("thead th").all_inner_texts() == ["Build", "prod", "dev"]
    one.page.get_by_role("button", name="1 failed").click()
    one.page.wait_for_url("**/console/?state=failed")
    one.sees("e0")
    assert one.page.locator("tbody tr").count() == 1
    one.page.locator("select").select_option("team-1")
    one.sees("No build fits what you filter for.")
    one.page.reload()
    one.sees("No build fits what you filter for.")
    assert one.accessible() == []


def test_what_happens_is_seen_at_once(visit: Visits, tmp_path: Path) -> None:
    with Served(graph_of([node(0), node(1, [wire(0, 1)])]), tmp_path).serving() as served:
        one, other = visit(served), visit(served)
        one.has("2 declared")
        served.push("c1", 0)
        one.has("1 deploying")
        other.has("1 deploying")
        served.finish(0)
        other.has("1 deployed")


def test_who_is_cut_off_is_told_since_when_and_then_no_more(visit: Visits, tmp_path: Path) -> None:
    served = Served(graph_of([node(0)]), tmp_path)
    with served.serving():
        one = visit(served)
        one.sees("declared")
        served.feed.close()
        one.sees("Stale since")
        one.sees("declared")
        served.feed._closed = False
        one.page.get_by_text("Stale since").wait_for(state="hidden")


def test_a_token_lets_in_and_is_out_of_reach_of_scripts(visit: Visits, small: Served) -> None:
    one = visit(small, token="")
    one.sees("Sign in")
    assert one.accessible() == []
    one.page.get_by_label("Token").fill("odmd_wrong")
    one.page.keyboard.press("Enter")
    one.sees("the token is unknown, expired or revoked")
    one.page.get_by_label("Token").fill(small.token(Scope.READ).text)
    one.page.keyboard.press("Enter")
    one.sees("grace")
    assert one.page.evaluate("document.cookie + JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
    one.page.get_by_role("button", name="Sign out").click()
    one.sees("Sign in")


def test_a_one_time_sign_in_leaves_nothing_in_the_address(visit: Visits, small: Served) -> None:
    with small.http() as api:
        code = api.post("/handovers").json()["code"]
    one = visit(small, f"/?team=baristas#code={code}", token="")
    one.sees("ada")
    assert one.page.url.endswith("/console/?team=baristas")
    again = visit(small, f"/#code={code}", token="")
    again.sees("this sign-in was used, or is over")


def test_keys_find_walk_and_help(visit: Visits, small: Served) -> None:
    one = visit(small)
    one.sees("e2")
    keys = one.page.keyboard
    keys.press("j")
    keys.press("j")
    assert "e1" in one.page.evaluate("document.activeElement.getAttribute('href')")
    keys.press("k")
    assert "e0" in one.page.evaluate("document.activeElement.getAttribute('href')")
    keys.press("?")
    one.sees("next row, the one before")
    assert one.accessible() == []
    keys.press("Escape")
    keys.press("/")
    keys.type("e2@")
    one.page.locator("#hits li").first.wait_for()
    keys.press("Enter")
    one.page.wait_for_url("**/console/envers/e2/b..main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_everybody(visit: Visits, small: Served, scheme: str) -> None:
    one = visit(small, color_scheme=scheme, reduced_motion="reduce")
    one.sees("e2")
    assert one.accessible() == []


def test_it_is_small_lasts_and_is_compressed(browser: object, small: Served) -> None:
    page = httpx.get(f"{small.url}/console/")
    assert page.headers["cache-control"] == "no-cache"
    names = re.findall(r'"/console/(assets/[^"]+)"', page.text)
    files = console_files()
    assert {*names, "index.html"} == files.keys()
    assert sum(len(gzip.compress(files[name].content, 5)) for name in names) + len(page.content) < LARGEST
    for name in names:
        answer = httpx.get(f"{small.url}/console/{name}")
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.content) < 1000 or answer.headers["content-encoding"] == "gzip"
        assert answer.content == files[name].content
