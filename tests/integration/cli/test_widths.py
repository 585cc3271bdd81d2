"""How wide a terminal is decides on how rows are shown."""

from __future__ import annotations

import re

import pytest

from support.recording import Desk


class TestWidth:
    LONG = "arn:aws:events:us-west-1:111122223333:event-bus/" + "a-long-name-" * 20

    @pytest.fixture
    def shop(self, desk: Desk) -> Desk:
        return desk.push("foundation", "reader", "writer").finish(1, self.LONG).finish(2).record()

    @pytest.mark.parametrize("command", ["status", "runs", "values"])
    def test_a_narrow_terminal_shows_blocks(self, shop: Desk, command: str) -> None:
        shown = shop.terminal(60, command)
        assert max(map(len, shown.splitlines())) <= 60, shown
        assert re.search(r"^ *(enver|product) +foundation@main", shown, re.MULTILINE), shown

    def test_a_block_says_what_each_line_is(self, shop: Desk) -> None:
        lines = [line.rstrip() for line in shop.terminal(60, "status").splitlines()]
        assert lines[:3] == ["enver foundation@main", "  state     deployed", "  commit    c0ffee1"]
        assert re.fullmatch(r"  last run  1, seen \d+ days ago", lines[3])
        assert not lines[4]

    def test_a_wide_terminal_shows_a_table(self, shop: Desk) -> None:
        assert shop.terminal(120, "status").split()[:4] == ["enver", "state", "commit", "consumes"]

    @pytest.mark.parametrize(("command", "rows"), [("status", 3), ("runs", 3), ("values", 1)])
    def test_in_a_pipe_every_row_is_a_line(self, shop: Desk, command: str, rows: int) -> None:
        shop.monkeypatch.setenv("COLUMNS", "60")
        lines = [line for line in shop.odmd(command).out.splitlines() if "→" not in line]
        assert len(lines) == rows + 2, lines
        if command == "values":
            assert self.LONG in lines[-1]
