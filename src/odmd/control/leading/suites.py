"""Tests that somebody wants to be made of an enver, beside those of its contract: which can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from odmd.errors import SuiteUnfit
from odmd.graph import EnverNode, Graph
from odmd.model import SuiteCheck

LONGEST_PATH: Final = 200
MOST_MINUTES: Final = 24 * 60
MOST_RETRIES: Final = 10
SUITE_FIELDS: Final = ("tests", "minutes", "retries", "network")
"""What somebody says of them; they are called by their path."""


def refuse_unfit(suite: SuiteCheck) -> None:
    """Whatever it is made of.

    Raises:
        SuiteUnfit
    """
    if wrong := next(_wrong(suite), None):
        raise SuiteUnfit(f"{suite.tests!r} {wrong}", next_step="give a path from the build's folder: tests/smoke")


def refuse_unfit_suite(suite: SuiteCheck, enver: EnverNode, graph: Graph) -> None:
    """Raises:
    SuiteUnfit
    """
    refuse_unfit(suite)
    build = graph.builds.get(enver.build)
    if build is not None and build.runs_on is not None:
        raise SuiteUnfit(
            f"{enver.label} runs on Actions, and tests run code of its repository where it deploys",
            next_step="leave its runs to workers: say no runs_on",
        )


def _wrong(suite: SuiteCheck) -> Iterator[str]:
    path = PurePosixPath(suite.tests)
    if not suite.tests.strip() or not suite.tests.isprintable() or len(suite.tests) > LONGEST_PATH:
        yield f"is no path of 1 to {LONGEST_PATH} characters"
    if path.is_absolute() or ".." in path.parts or "\\" in suite.tests:
        yield "leads out of the repository"
    if suite.tests.startswith("-") or "::" in suite.tests:
        yield "is no folder and no file"
    if suite.may:
        yield "has rights, which contracts alone give"
    if not (0 < suite.minutes <= MOST_MINUTES and 0 <= suite.retries <= MOST_RETRIES):
        yield f"cannot have {suite.minutes:g} minutes and {suite.retries} retries"
