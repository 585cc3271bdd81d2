"""`odmd graph` as users run it."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from support.forked import forge
from support.workbench import Workbench, bus

FORMATS = ("text", "mermaid", "dot", "json", "cypher", "graphml", "html")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Workbench:
    """Contracts of foundation, reader and writer; nothing deployed, no cloud."""
    return Workbench(tmp_path)


def shop(*words: str) -> str:
    done = forge().run(["graph", "--contracts", "coffee_shop:organisation", *words], ROOT, os.environ, 60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(desk: Workbench, *words: str) -> tuple[int, str]:
    done = desk.odmd("graph", *words)
    assert "Traceback" not in done.stderr
    return done.returncode, re.sub(r"[\s│]+", " ", done.stderr)


@pytest.mark.parametrize("view", ["dependencies", "network", "iam"])
@pytest.mark.parametrize("format", FORMATS)
def test_the_coffee_shop_in_every_view_and_format(view: str, format: str) -> None:
    written = shop("--view", view, "--format", format)
    if view != "network":
        assert (
            "order-manager@main" in written or "order-manager#64;main" in written or "order-manager/b..main" in written
        )


def test_the_coffee_shop_as_people_read_it() -> None:
    assert shop().splitlines() == [
        "coffee-shop 3 envers, 5 products, 4 wires",
        "",
        "── 1 ── 1 enver, waits for nobody ──" + "─" * 104,
        "  foundation@main  platform · dev",
        "    → bus EventBus: order-manager@main, order-processor@main",
        "    → config Table: order-manager@main",
        "    → counter Table: order-processor@main",
        "",
        "── 2 ── 2 envers, wait for 1 ──" + "─" * 109,
        "  order-manager@main  baristas · dev",
        "    ← bus: foundation@main/bus (writes)",
        "    ← config: foundation@main/config",
        "    → place-order Function: used from outside",
        "  order-processor@main  baristas · dev",
        "    ← bus: foundation@main/bus",
        "    ← counter: foundation@main/counter (reads and writes)",
        "    → processed Table: used from outside",
    ]


def test_json_holds_every_product_and_every_consumption() -> None:
    data = json.loads(shop("--format", "json"))
    assert {one["id"] for node in data["nodes"] for one in node["products"]} == {
        "foundation/b..main/bus",
        "foundation/b..main/config",
        "foundation/b..main/counter",
        "order-manager/b..main/place-order",
        "order-processor/b..main/processed",
    }
    wires = {
        (edge["to"], wire["input"], wire["product"], wire["access"]) for edge in data["edges"] for wire in edge["wires"]
    }
    assert wires == {
        ("order-manager/b..main", "bus", "foundation/b..main/bus", "write"),
        ("order-manager/b..main", "config", "foundation/b..main/config", "read"),
        ("order-processor/b..main", "bus", "foundation/b..main/bus", "read"),
        ("order-processor/b..main", "counter", "foundation/b..main/counter", "read and write"),
    }


def test_focus_and_constellation(desk: Workbench) -> None:
    def ids(*words: str) -> set[str]:
        done = desk.odmd("graph", "--format", "json", *words)
        assert done.returncode == 0, done.stderr
        return {node["label"] for node in json.loads(done.stdout)["nodes"]}

    assert ids("--focus", "reader@main") == {"foundation@main", "reader@main"}
    assert ids("--focus", "reader/b..main", "--up", "0") == {"reader@main"}
    assert ids("--focus", "foundation@main", "--down", "1") == {"foundation@main", "reader@main", "writer@main"}
    assert ids("--constellation", "reader@main") == {"foundation@main", "reader@main", "writer@main"}


def test_a_file_is_written_and_a_word_said(desk: Workbench) -> None:
    done = desk.odmd("graph", "--format", "graphml", "-o", "graph.xml")
    assert done.stdout == "wrote graph.xml: 3 nodes, 2 edges\n"
    assert ET.parse(desk.root / "graph.xml").getroot().tag.endswith("graphml")
    code, said = refused(desk, "-o", "nowhere/graph.txt")
    assert code == 1
    assert "ODMD003" in said


def test_a_misspelt_enver_is_guessed(desk: Workbench) -> None:
    for option in ("--focus", "--constellation"):
        code, said = refused(desk, option, "raeder@main")
        assert code == 1
        assert "ODMD101 the contracts declare no enver raeder@main → did you mean reader@main" in said


@pytest.mark.parametrize(
    "words",
    [
        ("--up", "1"),
        ("--down", "0"),
        ("--focus", "reader@main", "--constellation", "reader@main"),
        ("--focus", "reader@main", "--up", "-1"),
        ("--view", "sideways"),
        ("--format", "png"),
    ],
)
def test_wrong_usage_is_said_so(desk: Workbench, words: tuple[str, ...]) -> None:
    code, said = refused(desk, *words)
    assert code == 2
    assert "Usage" in said


def test_versions_need_something_deployed(desk: Workbench) -> None:
    code, said = refused(desk, "--view", "versions")
    assert code == 1
    assert "ODMD107" in said
    assert "`odmd apply`" in said


def test_versions_of_what_runs(bench: Workbench) -> None:
    assert bench.apply().returncode == 0
    written = bench.odmd("graph", "--view", "versions").stdout
    assert written.startswith("acme 2 wires, none behind\n")
    assert "  writer@main  deployed · " in written
    assert "    ← bus: foundation@main/bus (#1)" in written
    bench.commit("foundation", {"": bus("two")})
    bench.commit("writer", app="raise SystemExit('no beans')")
    bench.apply()
    data = json.loads(bench.odmd("graph", "--view", "versions", "--format", "json").stdout)
    lags = {
        edge["to"]: (wire["runs_with"], wire["current"], wire["lag"])
        for edge in data["edges"]
        for wire in edge["wires"]
    }
    assert lags["reader/b..main"] == (2, 2, 0)
    assert lags["writer/b..main"] == (1, 2, 1)
