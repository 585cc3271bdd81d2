"""Variants of an enver are tried side by side: held against the same tests, told in a table, gone without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any

import pytest

from support.until import until
from support.workbench import Workbench

CONTRACTS = """
from dataclasses import dataclass
from odmd.model import *
from odmd.model.kinds import Text

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

@dataclass
class Prices:
    tea: int = 250

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what tea costs")
    prices: Config[Prices] = configured("the price list")
    commands = ("./fill",)
    remove = "true"

menu = Menu(on=Branch("main"), at=dev)
acme = Organisation("acme", central=dev.account, envers=[menu], clones_per_enver=4)
"""
FILL = """#!/bin/sh
echo "made $ODMD_CONFIG_PRICES"
printf '{"items": "%s"}' "$(echo "$ODMD_CONFIG_PRICES" | tr -dc 0-9)" > "$ODMD_PRODUCTS"
"""
TESTS = """
import json
import os
import re

def test_somebody_buys_it(record_property):
    cents = int(os.environ["ODMD_OUT_ITEMS"])
    record_property("sold", 1000 - cents)
    assert cents < 300
"""
FILE = """
origin = "menu@main"
suite = "tests"
metrics = ["sold", "test_somebody_buys_it"]
best = ["max:sold"]

[variants.cheap]
config.prices.tea = 200

[variants.dear]
config.prices.tea = 390

[variants.as-it-is]
"""


@pytest.fixture
def menu(bench: Workbench) -> Workbench:
    """Deployed, with tests that no contract names."""
    bench.write("contracts.py", CONTRACTS)
    bench.write("prices.toml", FILE)
    bench.commit_programs("menu", {"fill": FILL, "tests/test_menu.py": TESTS})
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    return bench


def stands(bench: Workbench) -> tuple[Any, ...]:
    """All of it that lasts."""
    envers = [(one["enver"], one["commit"]) for one in bench.data("status")]
    layers = [one["layer"] for one in bench.data("config", "list")]
    values = [one["value"]["product"] for one in bench.data("values") if one["value"]["status"] == "current"]
    return envers, layers, values, bench.data("clone", "list")


def test_variants_are_tried_told_and_removed(menu: Workbench) -> None:
    before = stands(menu)
    asked = menu.odmd("experiment", "run", "prices.toml")
    assert asked.returncode == 1
    assert "menu@main+prices-cheap of menu@main, following branch main" in asked.stdout
    assert "give --yes" in asked.stderr
    assert stands(menu) == before, "nothing is made before somebody said yes"

    done = menu.odmd("experiment", "run", "prices.toml", "--yes", "--at", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "cheap" in rows, done.stdout + done.stderr
    assert "✓ passed" in rows["cheap"], done.stdout
    assert "✗ failed" in rows["dear"]
    assert "1 of 1 tests fail" in rows["dear"]
    assert "✓ passed" in rows["as-it-is"]
    assert "800 ★" in rows["cheap"], "of those that passed it sold most"
    assert " 610 " in rows["dear"]
    assert "nothing is left" in done.stdout
    assert stands(menu) == before
    assert [one["verdict"] for one in menu.data("checks", "menu@main+prices-dear")[0]["made"]] == ["red"], "it is kept"


def test_who_was_killed_goes_on_and_makes_nothing_twice(menu: Workbench) -> None:
    before = stands(menu)
    begun = menu.start("experiment", "run", "prices.toml", "--yes", "--at", "1")
    until(lambda: len(menu.data("clone", "list")) == 2)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    (known,) = menu.data("experiment", "list")
    assert known["name"] == "prices"
    done = menu.odmd("experiment", "run", "prices.toml", "--yes", "--keep", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    shown = menu.data("experiment", "show", "prices")["variants"]
    assert {one["variant"]: one["result"] for one in shown} == {
        "cheap": "passed",
        "dear": "failed",
        "as-it-is": "passed",
    }
    for name in ("cheap", "dear", "as-it-is"):
        modes = [one["mode"] for one in menu.data("runs", f"menu@main+prices-{name}")]
        assert modes == ["verify", "full"], f"{name} was deployed once, and tested once"
    gone = menu.odmd("experiment", "delete", "prices", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert stands(menu) == before


def test_what_cannot_be_tried_is_refused_before_anything_is_made(menu: Workbench) -> None:
    before = stands(menu)
    too_many = "config.prices.tea=" + ",".join(map(str, range(5)))
    for words, said in (
        (("menu@main", "--matrix", too_many, "--suite", "tests"), "is one clone too many: menu@main may have 4"),
        (("menu@main", "--matrix", "config.prices.tea=1,2"), "ODMD358"),
        (("menu@main", "--matrix", "config.prices.tea=1,much", "--suite", "tests"), "would not be right"),
        (("menu@main", "--matrix", "revision=main,nowhere", "--suite", "tests"), "nowhere"),
        (("menu@main", "--matrix", "config.prices.tea=1,2", "--suite", "../../etc"), "ODMD356"),
        (("menu@main", "--matrix", "size=1,2", "--suite", "tests"), "write config.size, or revision"),
        (("nobody.toml",), "ODMD357"),
        (("teas@main", "--matrix", "revision=main", "--suite", "tests"), "teas@main"),
    ):
        done = menu.odmd("experiment", "run", *words, "--yes")
        assert done.returncode == 1, done.stdout + done.stderr
        assert said in " ".join(done.stderr.split()), done.stderr
        assert stands(menu) == before, words


def test_at_a_server_it_is_the_same(menu: Workbench) -> None:
    serving = menu.start("serve", "--port", "0")
    try:
        lines = iter(serving.stdout or ())
        found = next(one for line in lines if (one := re.search(r"(https?://[^\s/]+)", line)))
        server = found[1]
        done = menu.odmd("experiment", "run", "prices.toml", "--yes", "--json", ODMD_SERVER=server)
        assert done.returncode == 1, done.stdout + done.stderr
        told = json.loads(done.stdout)
        assert {one["variant"]: one["result"] for one in told["variants"]} == {
            "cheap": "passed",
            "dear": "failed",
            "as-it-is": "passed",
        }
        assert (told["best"], told["removed"], told["left"]) == ({"sold": ["cheap"]}, True, [])
    finally:
        serving.terminate()
        serving.wait()
