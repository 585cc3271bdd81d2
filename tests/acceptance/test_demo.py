"""The demo as a newcomer runs it: real CDK apps, real orders, and the proof that none is lost."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.forked import forge

ROOT = Path(__file__).parents[2]


def odmd(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "ODMD_"))}
    return forge().run(words, cwd, kept, 600)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "state"


@pytest.fixture(scope="module")
def done(state: Path) -> subprocess.CompletedProcess[str]:
    return odmd("demo", "--state", str(state))


def test_the_demo_ends_well_and_loses_no_order(done: subprocess.CompletedProcess[str], state: Path) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    (placed, made, lost) = re.findall(r"orders: (\d+) placed, (\d+) made, (\d+) lost", done.stdout)[-1]
    assert int(placed) == int(made) > 20
    assert int(lost) == 0
    assert re.findall(r"an espresso costs (\S+), receipt [0-9a-f]{8}…", done.stdout) == ["2.60", "2.80", "3.20"]
    assert "not deployed: its inputs are what it runs with: bus #1" in done.stdout
    assert "bus moved from #1 to #2" in done.stdout
    assert "bridge foundation-main-orders → foundation-main-orders-v2" in done.stdout
    assert "ODMD322 changes: order-manager--main: Modify PlaceOrder" in done.stderr
    assert "of order-manager@main waits for team owners" in done.stderr
    assert "was approved by 111122223333:ShopOwner: still cheaper than next door" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

    assert odmd_data("status", state)
    assert odmd_data("values", state)
    runs = [(run["enver"].partition("/")[0], run["mode"]) for run in reversed(odmd_data("runs", state))]
    assert runs[3:] == [
        ("foundation", "full"),
        ("order-manager", "values only"),
        ("foundation", "full"),
        ("order-processor", "values only"),
        ("order-manager", "values only"),
        ("order-manager", "values only"),
        ("order-manager", "values only"),
    ]
    assert "approved by 111122223333:ShopOwner" in odmd_data("runs", state)[0]["reasons"][-1]


def odmd_data(command: str, state: Path) -> Any:
    return json.loads(odmd(command, "--json", "--state", str(state)).stdout)


def lines(text: str) -> list[str]:
    """As printed, but for digests, times and how wide a column is."""
    told = re.sub(r"\b[0-9a-f]{7}\b", "DIGEST", re.sub(r"\d+\.\d s", "SECONDS", text))
    return [" ".join(line.split()) for line in told.splitlines()]


@pytest.mark.parametrize("guide", ["config", "secrets", "schemas"])
def test_what_the_guides_show_of_it_is_what_it_prints(done: subprocess.CompletedProcess[str], guide: str) -> None:
    text = (ROOT / "docs" / "guides" / f"{guide}.md").read_text()
    blocks = re.findall(r"```text\n(\$ odmd .*?order-manager@main.*?)```", text, re.DOTALL)
    said = lines(done.stdout + done.stderr)
    assert blocks
    for line in (line for block in blocks for line in lines(block) if not line.endswith("…")):
        assert line in said, line


@pytest.fixture(scope="module")
def edited(done: subprocess.CompletedProcess[str], state: Path) -> Path:
    """The state, after somebody edited config."""
    assert done.returncode == 0
    assert odmd("config", "set", "foundation@main", "tables.reads=9", "--state", str(state)).returncode == 0
    return state


@pytest.mark.parametrize(
    "words", [("plan",), ("plan", "--format", "markdown"), ("plan", "--format", "html"), ("plan", "--json"), ("apply",)]
)
def test_wherever_a_plan_is_shown_config_is_from_what_to_what(edited: Path, words: tuple[str, ...]) -> None:
    shown = odmd(*words, "--no-refresh", "--target", "foundation@main", "--state", str(edited))
    if "--json" in words:
        (moved,) = json.loads(shown.stdout)["config"]["foundation/b..main"]
        assert (moved["path"], moved["before"], moved["after"]) == ("reads", 5, 9)
    else:
        told = html.unescape(shown.stdout).replace("\\", "")
        assert "config tables: reads (from foundation@main): 5 → 9" in told, told + shown.stderr
    assert "nobody is there to say yes" in shown.stderr or words != ("apply",)


def test_the_demo_removes_nothing_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "mine").touch()
    done = odmd("demo", "--state", str(tmp_path / "state"))
    assert done.returncode == 1
    assert "ODMD108" in done.stderr
    assert (tmp_path / "state" / "mine").exists()


def test_the_demo_elsewhere_says_where_it_belongs(tmp_path: Path) -> None:
    done = odmd("demo", cwd=tmp_path)
    assert done.returncode == 1
    assert "--example" in done.stderr
