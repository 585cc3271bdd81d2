"""The demo as a newcomer runs it: real CDK apps, real orders, and the proof that none is lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from support.forked import forge

ROOT = Path(__file__).parents[2]


def odmd(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "ODMD_"))}
    return forge().run(words, cwd, kept, 600)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "state"


def test_the_demo_ends_well_and_loses_no_order(state: Path) -> None:
    done = odmd("demo", "--state", str(state))
    assert done.returncode == 0, done.stdout + done.stderr
    (placed, made, lost) = re.findall(r"orders: (\d+) placed, (\d+) made, (\d+) lost", done.stdout)[-1]
    assert int(placed) == int(made) > 20
    assert int(lost) == 0
    assert "not deployed: its inputs are what it runs with: bus #1" in done.stdout
    assert "bridge foundation-main-orders → foundation-main-orders-v2" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

    for command in ("status", "values", "runs"):
        assert json.loads(odmd(command, "--json", "--state", str(state)).stdout)
    assert "bus moved from #1 to #2" in odmd("why", "order-manager@main", "--state", str(state)).stdout
    runs = json.loads(odmd("runs", "--json", "--state", str(state)).stdout)
    assert [run["mode"] for run in runs] == ["values only"] * 2 + ["full"] * 5


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
