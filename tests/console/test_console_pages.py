"""Every page: with much, with nothing, with what is wrong, with what somebody hostile wrote; for eyes and for keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.browser import Visit
from support.hostile import EVIL, OBEYED
from support.served import Served
from support.shop import NEW, deployed_shop, finish, live_through, push
from support.worlds import graph_of, node

Visits = Callable[..., Visit]
MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}'
PAGES = {
    "/": "till",
    "/inbox": "payments #2",
    "/envers/till/b..main": "already exists",
    "/runs": "run 12",
    "/runs/3": "succeeded",
    "/constellation": "Around which enver?",
    "/constellation?of=orders/b..main": "10 connections",
    "/constellation?of=orders/b..main&as=list": "Consumed by",
    "/values": "menu@main/endpoint",
    "/activity": "change accepted",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with deployed_shop(tmp_path_factory.mktemp("shop")).serving() as made:
        live_through(made)
        yield made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_can_be_read_by_everybody(visit: Visits, shop: Served, scheme: str) -> None:
    one = visit(shop, color_scheme=scheme, reduced_motion="reduce")
    for path, says in PAGES.items():
        one.go(path)
        one.sees(says)
        assert one.accessible() == [], path


def test_nothing_is_wider_than_a_narrow_screen(visit: Visits, shop: Served) -> None:
    one = visit(shop, viewport={"width": 360, "height": 740})
    for path, says in PAGES.items():
        one.go(path)
        one.sees(says)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_what_is_empty_names_the_command(visit: Visits, tmp_path: Path) -> None:
    with Served(graph_of([]), tmp_path).serving() as served:
        one = visit(served)
        for path, command in (("/", "init"), ("/inbox", "status"), ("/runs", "apply"), ("/values", "apply")):
            one.go(path)
            one.sees(f"odmd {command}")
            assert one.accessible() == [], path


def test_an_error_says_the_fact_its_code_the_next_step_and_the_request(visit: Visits, shop: Served) -> None:
    one = visit(shop, "/envers/tyll/b..main")
    one.sees("tyll@main was never deployed")
    said = one.page.get_by_role("alert").inner_text()
    assert re.search(r"ODMD\d{3} request [0-9a-f]{32}", said)
    assert "did you mean till@main" in said
    assert one.accessible() == []
    one.go("/runs/999")
    one.sees("there is no run 999")
    one.go("/nowhere")
    one.sees("There is no such page.")


def test_what_others_write_is_text_and_does_nothing(visit: Visits, tmp_path: Path) -> None:
    """Writes commit messages, prints, fails, publishes. Wants the page of who reads it."""
    with Served(graph_of([node(0), node(1)]), tmp_path).serving() as served:
        for enver in ("e0/b..main", "e1/b..main"):
            push(served, [enver], "c1", f"{MARKUP} {EVIL}")
        served.say(1, f"app: {MARKUP} {EVIL}\x1b[31mred\x1b[0m")
        finish(served, f"{MARKUP}{EVIL}", failing=("e1/b..main",))
        one = visit(served)
        for path in ("/", "/envers/e0/b..main", "/envers/e1/b..main", "/runs", "/runs/1", "/values", "/activity"):
            one.go(path)
            one.page.locator("[data-row], .line").first.wait_for()
            assert one.page.locator("#console img, #console script, #console iframe").count() == 0, path
            assert not OBEYED.search(one.page.locator("#console").inner_text()), path
        one.go("/runs/1?find=onerror")
        one.sees("1 of 1")
        one.sees("red")


def test_a_log_of_twenty_thousand_lines_has_few_in_the_page(visit: Visits, tmp_path: Path) -> None:
    with Served(graph_of([node(0)]), tmp_path).serving() as served:
        served.push("c1", 0)
        served.say_all(1, [f"line {number} of many" for number in range(20_000)])
        served.finish(0)
        one = visit(served, "/runs/1")
        one.sees("20,000 lines")
        assert one.page.locator(".log *").count() <= 500
        one.page.get_by_label("Find", exact=True).fill("line 19876 ")
        one.sees("1 of 1")
        one.page.locator("a", has_text="19877").click()
        number = re.search(r"line=(\d+)", one.page.url)
        assert number
        assert one.page.locator(".log *").count() <= 500
        other = visit(served, f"/runs/1?line={number[1]}")
        other.sees("line 19876 of many")


def test_arrows_walk_along_wires_and_the_list_says_the_same(visit: Visits, shop: Served) -> None:
    one = visit(shop, "/constellation?of=orders/b..main")
    one.page.locator(".box").first.wait_for()
    drawn = set(one.page.evaluate("[...document.querySelectorAll('[data-enver]')].map(box => box.dataset.enver)"))
    one.page.locator("[data-enver='orders/b..main']").focus()
    at = "document.activeElement.dataset.enver"
    one.page.keyboard.press("ArrowRight")
    assert one.page.evaluate(at) in ("till/b..main", "loyalty/b..main")
    one.page.keyboard.press("ArrowLeft")
    assert one.page.evaluate(at) in ("orders/b..main", "payments/b..main", "menu/b..main")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/envers/**")
    one.go("/constellation?of=orders/b..main&as=list")
    one.page.locator("tbody tr").first.wait_for()
    listed = one.page.locator("tbody th a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert {one.removeprefix("/console/envers/") for one in listed} == drawn
    assert NEW not in drawn


def test_all_tabs_have_one_stream_and_another_one_takes_it_over(visit: Visits, tmp_path: Path) -> None:
    with Served(graph_of([node(0)]), tmp_path).serving() as served:
        one = visit(served)
        one.has("1 declared")
        tabs = [one.tab("/") for _ in range(3)]
        for tab in tabs:
            tab.get_by_role("button", name="1 declared").wait_for()
        assert served.feed.listeners == 1
        one.page.close()
        served.push("c1", 0)
        for tab in tabs:
            tab.get_by_role("button", name="1 deploying").wait_for()
        assert served.feed.listeners == 1
