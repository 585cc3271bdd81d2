"""What came of each variant: read from what is recorded of its clones, be they gone by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.cli.experiment.design import DEPLOYMENT, SUITE, Experiment, Variant, clone_name
from odmd.control.reading.clones import CloneSetView
from odmd.control.reading.past import Past
from odmd.control.reading.verified import CheckView
from odmd.control.reading.views import RunView
from odmd.control.running.verifying import CheckVerdict, TestResult
from odmd.errors import EnverUnknown

PASSED, FLAKY, FAILED, OPEN = "passed", "flaky", "failed", "not done"
_VERIFY: Final = "verify"
_MOST: Final = 20
"""Runs of a clone that are looked at."""
_WORST: Final = (CheckVerdict.RED, CheckVerdict.FLAKY, CheckVerdict.GREEN)
_WORDS: Final = {CheckVerdict.RED: FAILED, CheckVerdict.FLAKY: FLAKY, CheckVerdict.GREEN: PASSED}


@dataclass(frozen=True, slots=True)
class VariantResult:
    """How one variant did."""

    variant: str
    clone: str
    """By which the results are found when it is gone: `odmd checks CLONE`."""
    branch: str
    commit: str
    config: Mapping[str, str | None]
    """Path → what its own layer says there."""
    result: str
    """passed, flaky, failed, or not done."""
    said: str
    """What was found, or why nothing was."""
    tests: int
    seconds: Mapping[str, float]
    """Of its deployment, and of its suite, as far as they were made."""
    metrics: Mapping[str, float]
    """Those that were wanted and are there."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be made of it any more."""
        return self.result != OPEN

    @property
    def figures(self) -> Mapping[str, float]:
        """All that can be compared."""
        return {**self.seconds, **self.metrics}


@dataclass(frozen=True, slots=True)
class Looked:
    """Reads results of an experiment that began at a time."""

    past: Past
    experiment: Experiment
    origin: str
    """By its label."""
    begun: float
    sets: Mapping[str, CloneSetView]
    """Those of its clones that are there, or are going, by the label of the first."""

    def results(self) -> list[VariantResult]:
        """In the order of the variants."""
        return [self.of(one) for one in self.experiment.variants]

    def of(self, variant: Variant) -> VariantResult:
        """Of one."""
        clone = f"{self.origin}+{clone_name(self.experiment.name, variant.name)}"
        there = self.sets.get(clone)
        runs = {one: self._runs(one) for one in (one.enver for one in there.clones)} if there else {}
        own = runs.get(clone) or self._runs(clone)
        checks = self._checks(clone)
        result, said = self._verdict({**runs, clone: own}, own, checks)
        tests = tuple(test for check in checks for test in check.tests)
        return VariantResult(
            variant.name,
            clone,
            variant.on or (there.clones[0].branch if there else ""),
            next((one.fingerprint.commit for one in own if one.mode != _VERIFY), ""),
            {one.path: one.text for one in variant.config},
            result,
            said,
            len(tests),
            dict(_seconds([run for each in (*runs.values(), own) for run in each], checks)),
            dict(measured(self.experiment.metrics, tests)),
        )

    def is_tried(self, variant: Variant) -> bool:
        """Whether its tests were made, or could not be, since it was deployed last."""
        return _is_tried(self._runs(f"{self.origin}+{clone_name(self.experiment.name, variant.name)}"))

    def _runs(self, enver: str) -> Sequence[RunView]:
        """Newest first, of this time."""
        try:
            return [one for one in self.past.runs(enver, _MOST) if one.started_at >= self.begun]
        except EnverUnknown:
            return ()

    def _checks(self, clone: str) -> Sequence[CheckView]:
        """Those that count, as they were made last."""
        wanted = self.experiment.suite
        try:
            found = [one for one in self.past.checks(clone, 1) if one.made[0].at >= self.begun]
        except EnverUnknown:
            return ()
        return [one for one in found if wanted is None or one.name == wanted.label]

    def _verdict(
        self, runs: Mapping[str, Sequence[RunView]], own: Sequence[RunView], checks: Sequence[CheckView]
    ) -> tuple[str, str]:
        """What it comes to, and why."""
        for enver, of_it in runs.items():
            made = [one for one in of_it if one.mode != _VERIFY]
            if not made or any(one.finished_at is None for one in of_it):
                return (
                    OPEN,
                    f"{enver} is not deployed yet" if not made else f"run {of_it[0].id} of {enver} is under way",
                )
            if made[0].status == FAILED and not checks:
                return FAILED, f"{enver}: {_line(made[0].error)}"
        if self.experiment.suite and not _is_tried(own):
            return OPEN, "its tests were not made yet"
        if checks:
            worst = min((one.made[0] for one in checks), key=lambda one: _WORST.index(one.verdict))
            return _WORDS[worst.verdict], worst.said
        if own[0].status == FAILED:
            return FAILED, _line(own[0].error)
        return OPEN, "nothing proved anything of it"


def _is_tried(runs: Sequence[RunView]) -> bool:
    return bool(runs) and runs[0].mode == _VERIFY and runs[0].finished_at is not None


def _line(error: str) -> str:
    return error.partition("\n")[0]


def _seconds(runs: Iterable[RunView], checks: Iterable[CheckView]) -> Iterator[tuple[str, float]]:
    made = [one for one in runs if one.mode != _VERIFY and one.finished_at is not None]
    if made:
        first = min(one.started_at for one in made)
        yield DEPLOYMENT, round(max(one.finished_at or 0.0 for one in made) - first, 3)
    if took := [one.made[0].seconds for one in checks]:
        yield SUITE, round(sum(took), 3)


def measured(wanted: Iterable[str], tests: Sequence[TestResult]) -> Iterator[tuple[str, float]]:
    """Each metric that is there: a number that a test recorded, or how long the test of that name took."""
    for metric in wanted:
        found = next(_values(metric, tests), None)
        if found is not None:
            yield metric, found


def _values(metric: str, tests: Sequence[TestResult]) -> Iterator[float]:
    yield from (value for test in tests for name, value in test.numbers if name == metric)
    yield from (one.seconds for one in tests if one.name == metric or one.name.endswith(f"::{metric}"))
