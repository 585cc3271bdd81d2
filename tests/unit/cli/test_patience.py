"""Whoever waits for a slow command sees that it is at it: on a terminal, and nothing of it stays behind."""

from __future__ import annotations

import io
import threading

import pytest

from odmd.cli.patience import patience
from support.until import TOO_LONG


class Terminal(io.StringIO):
    """Says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.told.set()


def test_it_shows_what_is_at_it_until_the_first_word() -> None:
    out, err = Terminal(), Terminal()
    with patience(["plan", "--target", "x"], out, err, after=0.0):
        assert err.told.wait(TOO_LONG)
        out.write("Plan\n")
        said = err.getvalue()
    assert "odmd plan is at it, 0 s" in said
    assert said.endswith("\r\x1b[K"), "erased before anything else is written"
    assert err.getvalue() == said, "and not shown again"


def test_it_goes_with_the_command() -> None:
    err = Terminal()
    with patience(["plan"], Terminal(), err, after=0.0):
        assert err.told.wait(TOO_LONG)
    assert err.getvalue().endswith("\r\x1b[K")


def test_who_is_quick_needs_no_sign() -> None:
    out, err = Terminal(), Terminal()
    with patience(["status"], out, err, after=60.0):
        out.write("all is well\n")
    assert (out.getvalue(), err.getvalue()) == ("all is well\n", "")


@pytest.mark.parametrize("words", [["plan", "--json"], ["plan"]])
def test_data_and_pipes_stay_clean(words: list[str]) -> None:
    err = Terminal() if "--json" in words else io.StringIO()
    with patience(words, io.StringIO(), err, after=0.0):
        pass
    assert err.getvalue() == ""
