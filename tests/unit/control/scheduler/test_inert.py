"""What people write is shown in one inert line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler.inert import LONGEST, inert


@given(st.text())
def test_nothing_in_it_moves_a_cursor_and_it_has_an_end(text: str) -> None:
    shown = inert(text)
    assert shown.isprintable()
    assert len(shown) <= LONGEST
    assert inert(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Add oat milk", "Add oat milk"),
        ("\x1b[31mred\x1b[0m\n", "red"),
        ("fix\u202egnp.exe", "fix gnp.exe"),
        ("Größe über alles: 咖啡 ☕", "Größe über alles: 咖啡 ☕"),
    ],
)
def test_letters_of_any_script_stay(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_what_is_too_long_says_so() -> None:
    assert inert("a" * 500) == "a" * (LONGEST - 1) + "…"
