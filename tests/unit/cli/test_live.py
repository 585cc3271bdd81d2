"""While things move, what a service's own program prints stands beside what odmd does, never in its place."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from odmd.cli.live import Live
from odmd.plan import build_plan
from support.planned import NOTHING
from support.worlds import address, graph_of, node


def shown(live: Live) -> str:
    screen = Console(file=io.StringIO(), width=200)
    screen.print(live._tree())
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_a_flood_of_an_app_hides_no_step(capsys: pytest.CaptureFixture[str]) -> None:
    live = Live()
    live.resumed(1, "orders/b..main")
    live.report(1, "synth")
    for number in range(1000):
        live.report(1, f"app: flood {number}\x1b[2J [/red]")
    assert "synth app: flood 999" in shown(live)
    live.report(1, "upload 3 assets")
    assert "upload 3 assets" in shown(live)
    assert "flood" not in shown(live)
    said = capsys.readouterr().out
    assert [line.split("orders@main: ")[1] for line in said.splitlines()] == ["synth", "upload 3 assets"]


def test_a_run_that_began_before_its_plan_is_shown_stands_in_its_stage() -> None:
    plan = build_plan(graph_of([node(0), node(1)]), NOTHING, {address(0): "c1", address(1): "c1"})
    live = Live()
    live._line(address(0))
    with live.shown(plan):
        told = [line.split() for line in shown(live).splitlines()]
    assert ["└──", "Stage", "1"] in told
    assert not any(line[-1] == "Stage" for line in told)
    assert sum("e0@main" in line for line in told) == 1
