"""The guide to what differs, where things are and how far behind says what is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest

from odmd.cli.diff import diff
from odmd.cli.lag import lag
from odmd.cli.where import where
from odmd.compare.comparison import Because, Section
from odmd.compare.locks import LOCKS
from odmd.control.leading.where import Whether

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "compare.md").read_text()


def rows_after(head: str) -> list[str]:
    table = GUIDE.split(head)[1].split("\n\n")[0]
    return re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)


def test_it_has_a_row_for_every_section_and_every_reason() -> None:
    told = ", ".join(rows_after("| section | is compared by |\n"))
    assert told.split(", ") == [one.value for one in Section]
    assert rows_after("| | is |\n") == [one.value for one in (Because.UNEXPLAINED, Because.AGE, Because.INTENT)]


def test_it_names_the_lock_files_and_the_words_of_where() -> None:
    assert all(f"`{name}`" in GUIDE for name in LOCKS)
    assert all(f"*{one.value}*" in GUIDE for one in (Whether.RUNS, Whether.AHEAD, Whether.BEHIND))


@pytest.mark.parametrize("command", [diff, where, lag])
def test_its_options_are_there(command: Callable[..., object]) -> None:
    told = "".join(re.findall(rf"`odmd {command.__name__}([^`]*)`", GUIDE))
    assert told
    assert set(re.findall(r"--[a-z-]+", told)) <= options(command)


def test_every_option_that_it_names_is_one_of_theirs() -> None:
    known = options(diff) | options(where) | options(lag)
    named = set(re.findall(r"(?<=`)--[a-z-]+", GUIDE))
    assert {"--side-by-side", "--html", "--json"} <= named
    assert named <= known


def options(command: Callable[..., object]) -> set[str]:
    given = [mark for hint in hints(command).values() for mark in getattr(hint, "__metadata__", ())]
    known = {str(text) for mark in given for text in (mark.default, *(mark.param_decls or ()))}
    return known | {f"--{name.replace('_', '-')}" for name in hints(command)}


def hints(command: Callable[..., object]) -> dict[str, object]:
    return get_type_hints(command, include_extras=True)
