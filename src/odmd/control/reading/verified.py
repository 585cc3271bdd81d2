"""What verified an enver so far: the checks of its runs, as their journals have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import History
from odmd.control.running.steps import checked
from odmd.control.running.verifying import CheckVerdict, TestResult, from_json

_MOST_RUNS: Final = 200
"""That are looked at."""


@dataclass(frozen=True, slots=True)
class CheckMade:
    """One check, made once."""

    run: int
    at: float
    """When it ended."""
    seconds: float
    verdict: CheckVerdict
    said: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check with what it found, newest first."""

    name: str
    made: tuple[CheckMade, ...]
    flaky: float
    """The share of these that passed at a second try only."""
    tests: tuple[TestResult, ...]
    """Of the newest."""


def checks_of_enver(reads: History, enver: str, limit: int) -> Iterator[CheckView]:
    """Those that its last runs made, by name; of each at most so many."""
    made, tests = dict[str, list[CheckMade]](), dict[str, tuple[TestResult, ...]]()
    for run in reads.runs(enver, _MOST_RUNS):
        for step in reads.steps(run.id):
            name = checked(step.name)
            if not name or (found := from_json(step.result)) is None or len(made.setdefault(name, [])) >= limit:
                continue
            made[name].append(CheckMade(run.id, step.at, step.seconds, found.verdict, found.said))
            tests.setdefault(name, found.tests)
    for name in sorted(made):
        yield CheckView(name, tuple(made[name]), _flaky(made[name]), tests[name])


def _flaky(made: Sequence[CheckMade]) -> float:
    return sum(one.verdict is CheckVerdict.FLAKY for one in made) / len(made)
