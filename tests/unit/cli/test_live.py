"""While things move, what a service's own program prints stands beside what odmd does, never in its place."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from odmd.cli.live import Live


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
