"""Mutants follow the code: one whose line is gone proves nothing, and says so only where all are run."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "mutants.py"))
CORE = SCRIPT["ROOT"] / SCRIPT["CORE"]


@pytest.mark.parametrize(("file", "line", "_broken"), SCRIPT["MUTANTS"])
def test_the_line_of_each_mutant_is_there_once(file: str, line: str, _broken: str) -> None:
    assert (CORE / file).read_text().count(line) == 1
