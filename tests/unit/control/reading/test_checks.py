"""What a look says when it cannot look."""

from __future__ import annotations

from pathlib import Path

from odmd.control.reading.checks import Found, check


def test_a_file_that_the_machine_refuses_is_no_mistake_of_odmd(tmp_path: Path) -> None:
    def look() -> Found:
        return Found((tmp_path / "state.db").read_text())

    found = check("state", look)
    assert (found.state, found.fact) == ("wrong", f"{tmp_path / 'state.db'}: No such file or directory")
    assert "whose it is" in found.next_step
