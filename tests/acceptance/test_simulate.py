"""`odmd simulate` as users run it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from support.forked import forge
from support.workbench import CONTRACTS, Workbench, bus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Workbench:
    """Contracts of foundation, reader and writer; nothing deployed, no cloud."""
    return Workbench(tmp_path)


def said(desk: Workbench, *words: str) -> str:
    done = desk.odmd("simulate", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ran(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(run["enver"].partition("/")[0], run["mode"]) for run in data["runs"]]


def test_the_coffee_shop_as_people_read_it(tmp_path: Path) -> None:
    words = ("--contracts", "coffee_shop:organisation", "--state", str(tmp_path), "--push", "foundation@main")
    done = forge().run(["simulate", *words], ROOT, os.environ, 60)
    assert done.returncode == 0, done.stderr
    lines = [re.sub(r"[━·╌]+", "…", line) for line in done.stdout.splitlines()]
    assert lines[:2] == [
        "coffee-shop: push of foundation@main, as if everything were deployed",
        "takes 4 min 20 s: 3 runs of 3 envers",
    ]
    assert [" ".join(line.split()) for line in lines[3:6]] == [
        "foundation@main … 3 min full ◆",
        "order-processor@main … 40 s values only ◆",
        "order-manager@main … 40 s values only ◆",
    ]
    assert "  order-manager@main waits 3 min 40 s for order-processor@main" in lines
    assert "  foundation@main in half the time: 2 min 50 s, saves 1 min 30 s" in lines
    assert "  durations: 2 runs as assumed (40 s values only), 1 run as assumed (3 min full)" in lines


def test_the_same_words_say_the_same(desk: Workbench) -> None:
    words = ("--everything", "--takes", "2m..9m", "--ripple", "0.5", "--runs", "10", "--json")
    assert said(desk, *words) == said(desk, *words)
    assert said(desk, *words) != said(desk, *words, "--seed", "2")


def test_with_nothing_said_everything_is_pushed(desk: Workbench) -> None:
    data = desk.data("simulate")
    assert data["title"] == "push of everything"
    assert {enver for enver, _ in ran(data)} == {"foundation", "reader", "writer"}


def test_from_nothing_is_a_first_deployment(desk: Workbench) -> None:
    data = desk.data("simulate", "--from", "nothing", "--at-once", "0")
    assert (data["title"], data["begins_with"], data["at_once"]) == ("first deployment", "from nothing", None)
    assert {mode for _, mode in ran(data)} == {"full"}


def test_limits_and_pauses_are_said(desk: Workbench) -> None:
    data = desk.data(
        "simulate", "--everything", "--at-once", "0", "--at-once", "place=1", "--pause", "foundation@main=1m"
    )
    assert (data["at_once"], data["limits"]) == (None, {"place": 1})
    assert data["runs"][0]["began"] == 60
    text = said(desk, "--everything", "--at-once", "0", "--at-once", "place=1", "--pause", "everything=0s..1m")
    assert "any number of runs at once, 1 in each place, seed 1" in text
    assert "for the end of a pause" in text
    data = desk.data("simulate", "--push", "writer", "--pause", "team:platform")
    assert data["runs"] == []
    assert "team platform is paused" in data["breaks"][0]
    for wrong in (("--at-once", "moon=2"), ("--pause", "team:nobody"), ("--pause", "writer@main=soon")):
        assert desk.odmd("simulate", *wrong).returncode == 1


def test_who_fails_holds_others(desk: Workbench) -> None:
    data = desk.data("simulate", "--push", "foundation", "--fail", "reader@main")
    assert ran(data) == [("foundation", "full"), ("reader", "values only")]
    assert data["breaks"] == [
        "reader@main fails; what ran before runs on",
        "writer@main is held: waits for reader@main",
    ]


def test_a_dropped_wire_leads_nowhere(desk: Workbench) -> None:
    data = desk.data("simulate", "--push", "foundation@main", "--drop", "reader@main.bus")
    assert ran(data) == [("foundation", "full"), ("writer", "values only")]
    assert data["breaks"] == ["reader@main does without bus: its code must not ask for it"]


def test_a_new_value_is_a_run_that_publishes_only_this(desk: Workbench) -> None:
    data = desk.data("simulate", "--value", "foundation@main/bus")
    assert data["runs"][0]["published"] == ["foundation/b..main/bus"]
    assert len(data["runs"]) == 3


def test_other_contracts_move_whom_they_change(desk: Workbench) -> None:
    renamed = CONTRACTS.replace('consumed("where to write"', 'consumed("where to write", name="orders"')
    desk.write("new/contracts.py", renamed)
    data = desk.data("simulate", "--contracts", "new/contracts.py:acme")
    assert data["title"] == "new contracts"
    assert ran(data) == [("writer", "full")]


def test_durations_are_what_is_said(desk: Workbench) -> None:
    words = ("--takes", "10m", "--takes", "foundation=1m", "--takes", "cdk:values=10s")
    data = desk.data("simulate", "--push", "foundation", *words)
    assert [run["ended"] - run["began"] for run in data["runs"]] == [60, 10, 10]


def test_pushes_apart_are_waves_of_their_own(desk: Workbench) -> None:
    data = desk.data("simulate", "--push", "foundation", "--push", "writer", "--apart", "10m")
    assert [(wave["at"], wave["runs"]) for wave in data["waves"]] == [(0, 3), (600, 1)]


def test_the_picture_is_one_page_without_network(desk: Workbench) -> None:
    assert "wrote sim.html" in said(desk, "--push", "foundation", "--html", "sim.html")
    page = (desk.root / "sim.html").read_text()
    assert page.count('class="bar') == 3
    assert "foundation@main" in page
    assert not re.search(r"(src|href)=|url\(|https?://", page)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("--push", "fundation@main"), "ODMD101", "did you mean foundation@main"),
        (("--fail", "raeder"), "ODMD101", "did you mean reader@main"),
        (("--value", "foundation@main/bass"), "ODMD101", "did you mean foundation@main/bus"),
        (("--drop", "reader@main.bass"), "ODMD101", "did you mean reader@main.bus"),
        (("--takes", "soon"), "ODMD003", "3m..8m"),
        (("--from", "recorded"), "ODMD003", "--from deployed"),
        (("--html", "nowhere/sim.html"), "ODMD003", "a folder that exists"),
    ],
)
def test_what_cannot_be_is_said_so(desk: Workbench, words: tuple[str, ...], code: str, hint: str) -> None:
    done = desk.odmd("simulate", *words)
    assert done.returncode == 1
    assert code in done.stderr
    assert hint in done.stderr
    assert json.loads(desk.odmd("simulate", *words, "--json").stdout)["diagnostics"][0]["code"] == code


def test_what_is_recorded_is_begun_with_and_its_times_are_used(bench: Workbench) -> None:
    assert bench.apply().returncode == 0
    bench.commit("foundation", {"": bus("two")})
    data = bench.data("simulate", "--push", "foundation@main", "--takes", ":values=2s")
    assert data["begins_with"] == "from what is recorded"
    assert ran(data)[0] == ("foundation", "full")
    assert "as recorded" in data["assumptions"][0]
    assert bench.apply().returncode == 0
    real = {run["enver"]: run["mode"] for run in bench.data("runs")[:3]}
    assert real == {run["enver"]: run["mode"] for run in data["runs"]}
