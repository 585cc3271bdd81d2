"""What verified an enver so far: the checks of its runs, as their journals have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import History
from odmd.control.running.steps import checked
from odmd.control.running.verifying import CheckVerdict, ReportFile, TestResult, from_json
from odmd.errors import ReportsUnknown
from odmd.model import naming

_MOST_RUNS: Final = 200
"""That are looked at."""
_AGAIN: Final = "`odmd verify %s` makes its checks again"

Reports = Callable[[str], bytes | None]
"""What a check left, by its digest."""


@dataclass(frozen=True, slots=True)
class CheckMade:
    """One check, made once."""

    run: int
    at: float
    """When it ended."""
    seconds: float
    verdict: CheckVerdict
    said: str
    reports: tuple[ReportFile, ...] = ()
    """What it left, and is kept."""


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
            left = found.reports.files if found.reports else ()
            made[name].append(CheckMade(run.id, step.at, step.seconds, found.verdict, found.said, left))
            tests.setdefault(name, found.tests)
    for name in sorted(made):
        yield CheckView(name, tuple(made[name]), _flaky(made[name]), tests[name])


def reports_of(reads: History, enver: str, run: int, check: str, kept: Reports) -> bytes:
    """The archive of what a check left in a run of an enver.

    Raises:
        ReportsUnknown
    """
    label = naming.enver_label(enver)
    if (made := reads.run(run)) is None or made.enver != enver:
        raise ReportsUnknown(f"{label} had no run {run}", next_step=f"`odmd checks {label}` lists those with checks")
    for step in reads.steps(run):
        if checked(step.name) != check or (found := from_json(step.result)) is None or found.reports is None:
            continue
        if (content := kept(found.reports.digest)) is None:
            raise ReportsUnknown(f"what {check} left in run {run} is not kept any more", next_step=_AGAIN % label)
        return content
    raise ReportsUnknown(f"{check or 'no check'} left no reports in run {run}", next_step=_AGAIN % label)


def _flaky(made: Sequence[CheckMade]) -> float:
    return sum(one.verdict is CheckVerdict.FLAKY for one in made) / len(made)
