"""What waits for people is answered as it was shown, once, and nothing that somebody typed is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from odmd.control.scheduler.actor import Scope
from support.actors import somebody
from support.browser import Visit
from support.served import Served
from support.shop import answer_all, finish
from support.until import until
from support.worlds import address, graph_of, node, wire

Visits = Callable[..., Visit]


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Served]:
    """e0 → e1 and e0 → e2, gated: both run with #1, and ask about #2."""
    gated = [node(n, [wire(0, n, mode="gated")]) for n in (1, 2)]
    with Served(graph_of([node(0), *gated]), tmp_path).serving() as made:
        made.deploy()
        answer_all(made)
        finish(made, "first")
        made.push("c2", 0)
        finish(made, "second")
        yield made


def reason(one: Visit, enver: int) -> object:
    return one.page.get_by_role("article", name=f"e{enver}@main").get_by_label("Why")


def offers(served: Served, enver: int) -> int:
    """As committed: what a page is told."""
    recorded = served.store.enver(address(enver))
    return len(recorded.offers) if recorded else 0


def test_eight_keys_approve_and_the_log_says_why(visit: Visits, asking: Served) -> None:
    one = visit(asking)
    one.has("2 asks")
    for key in ("g", "i"):
        one.page.keyboard.press(key)
    one.sees("in0 #2?")
    for key in ("a", "o", "k", "Control+Enter"):
        one.page.keyboard.press(key)
    until(lambda: offers(asking, 1) + offers(asking, 2) == 1)  # a page that asks again shows none for a moment
    one.page.get_by_role("article").nth(1).wait_for(state="detached")
    with asking.http() as api:
        said = api.get("/audit/entries", params={"action": "Approved"}).json()["items"]
    assert (said[-1]["actor"], said[-1]["why"]) == ("ada", "ok")


def test_of_two_who_answer_one_counts_and_the_other_keeps_his_words(visit: Visits, asking: Served) -> None:
    one, other = visit(asking, "/inbox"), visit(asking, "/inbox")
    reason(other, 1).fill("I would rather wait")
    reason(one, 1).fill("fine")
    one.page.keyboard.press("Enter")
    other.sees("It asks this no more")
    assert reason(other, 1).input_value() == "I would rather wait"
    assert other.page.get_by_role("article", name="e1@main").get_by_role("button", name="Reject").is_disabled()
    other.page.get_by_role("button", name="Put away").click()
    other.page.get_by_role("article").nth(1).wait_for(state="detached")


def test_what_moved_meanwhile_is_not_answered_unseen(visit: Visits, asking: Served) -> None:
    one = visit(asking, "/inbox")
    reason(one, 1).fill("seen in dev")
    asking.push("c3", 0)
    finish(asking, "third")
    answer_all(asking)  # somebody else says yes to #2, and it asks about #3
    finish(asking, "first")
    one.sees("This moved while you typed: it asks about in0 #3 now.")
    one.page.keyboard.press("Control+Enter")
    one.page.get_by_role("button", name="Show that").click()
    one.sees("in0 #3?")
    assert offers(asking, 1) == 1
    assert reason(one, 1).input_value() == "seen in dev"
    reason(one, 1).press("Enter")
    one.page.get_by_role("article").nth(1).wait_for(state="detached")
    assert offers(asking, 1) == 0


def test_who_may_not_is_told_and_keeps_his_words(visit: Visits, asking: Served) -> None:
    one = visit(asking, "/inbox", asking.token(Scope.READ).text)
    reason(one, 2).fill("please")
    one.page.keyboard.press("Enter")
    one.sees("is good for read, and this needs write")
    assert reason(one, 2).input_value() == "please"
    assert one.accessible() == []
    assert offers(asking, 2) == 1


def test_a_session_that_ends_takes_nothing_along(visit: Visits, asking: Served) -> None:
    token = asking.token(Scope.ADMIN)
    one = visit(asking, "/inbox", token.text)
    reason(one, 1).fill("long thought about")
    asking.tokens.revoke(token.token.id, time.time(), somebody("ada"))
    one.page.keyboard.press("Enter")
    one.sees("Sign in")
    one.page.get_by_label("Token").fill(asking.own)
    one.page.keyboard.press("Enter")
    one.sees("ada")
    assert reason(one, 1).input_value() == "long thought about"
    reason(one, 1).press("Enter")
    one.page.get_by_role("article").nth(1).wait_for(state="detached")


def test_many_are_answered_at_once(visit: Visits, asking: Served) -> None:
    one = visit(asking, "/inbox")
    for enver in (1, 2):
        one.page.get_by_label(f"choose e{enver}@main").check()
    assert one.accessible() == []
    one.page.get_by_role("button", name="Reject all").click()
    one.sees("Nothing waits for an answer.")
    assert offers(asking, 1) == offers(asking, 2) == 0
