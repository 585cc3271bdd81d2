"""The guide to what is looked at before anything moves says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from odmd.cli.preflight import _COLUMNS  # pyright: ignore[reportPrivateUsage]  # what people see
from odmd.control.running.needs import NeedSort, Quota
from odmd.control.running.proving import AT_ONCE, SECONDS
from odmd.errors import NeedsMissing, NotThere

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "preflight.md").read_text()


def test_it_has_a_line_for_every_sort_of_need_and_for_no_other() -> None:
    _, table = GUIDE.split("## What is looked at")
    assert set(re.findall(r"^\| ([a-z]+) \|", table.split("##")[0], re.MULTILINE)) - {"need"} == {
        sort.value for sort in NeedSort
    }


def test_its_example_looks_as_the_table_does() -> None:
    head = next(line for line in GUIDE.splitlines() if line.lstrip().startswith("need "))
    assert re.split(r" {2,}", head.strip()) == [column for column in _COLUMNS if column]
    assert {NeedsMissing.code, NotThere.code} <= set(re.findall(r"ODMD\d{3}", GUIDE))


def test_its_figures_are_ours() -> None:
    assert (AT_ONCE, SECONDS) == (16, 15.0)
    assert "sixteen at a time" in GUIDE
    assert "for 15 seconds at most" in GUIDE
    assert len(Quota) == GUIDE.split("room for the ")[1].split(" that come")[0].count(",") + 2
