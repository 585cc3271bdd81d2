"""Checks that are programs of the build's repository: caged as all that its author names, and without credentials."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.control.running.verifying import CheckResult, CheckVerdict
from odmd.errors import AppFailed, AppNotStarted, ToolMissing
from odmd.model import CommandCheck, SuiteCheck, naming
from odmd.private import private_folder
from odmd.providers.app_process import AppProcess
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.leash import ProgramLimits
from odmd.providers.verification.reports import ReportUnfit, SuiteReport, read_report, together
from odmd.providers.workroom import Workroom, document_of, plain_variables

_NO_PYTEST: Final = "No module named pytest"


@dataclass(frozen=True, slots=True)
class Programs:
    """What they are run with."""

    room: Workroom
    environments: Environments | None = None
    """Without it they run in ours."""

    def command(self, check: CommandCheck, job: Job, products: Mapping[str, str]) -> CheckResult:
        """Tried until it ends with 0."""
        with self._opened(check, job, products) as at:
            why = ""
            for again in range(check.retries + 1):
                job.tell(f"runs {check.command}", lasting=True)
                if not (failed := at.run(f"check `{check.command}`", ("/bin/sh", "-c", check.command))):
                    return _passed(f"at try {again + 1}; before: {why}" if again else "it ended with 0", again)
                why = failed
        return CheckResult(CheckVerdict.RED, why)

    def suite(self, check: SuiteCheck, job: Job, products: Mapping[str, str]) -> CheckResult:
        """Tried until each test passed once."""
        if not _is_below(job, check.tests):
            return CheckResult(CheckVerdict.RED, f"{job.enver.repo} has no {check.tests} at {job.commit[:7]}")
        report = SuiteReport(0, ())
        with self._opened(check, job, products) as at:
            for _ in range(check.retries + 1):
                job.tell(f"runs the tests in {check.tests}", lasting=True)
                this = _tried(check, at)
                if isinstance(this, str):
                    return CheckResult(CheckVerdict.RED, this)
                report = together(report, this)
                if not report.red:
                    break
        return CheckResult(report.verdict, report.in_words, report.kept)

    @contextmanager
    def _opened(self, check: SuiteCheck | CommandCheck, job: Job, products: Mapping[str, str]) -> Generator[_Opened]:
        folder, into = job.checked_out() / job.enver.folder, private_folder(job.place.root / "verified")
        with (
            self._environment(folder, job) as own,
            self.room.open(job, into, (*own.reads, document_of(job)), check.network) as process,
        ):
            bounded = replace(process, limits=_within(process.limits, check.minutes))
            yield _Opened(bounded, _variables(job, products, own), into)

    def _environment(self, folder: Path, job: Job) -> AbstractContextManager[AppEnvironment]:
        if self.environments is None:
            return nullcontext(AppEnvironment())
        return self.environments.of(folder, job.place.source, job.place.log, job.tell, uses_jsii=False)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Where a check's programs run."""

    process: AppProcess
    variables: Mapping[str, str]
    into: Path

    def run(self, what: str, command: tuple[str, ...]) -> str:
        """Why it did not end well; nothing where it did. All that it takes too much of is its own fault."""
        try:
            self.process.run(what, command, self.variables)
        except (AppFailed, AppNotStarted, ToolMissing) as failed:
            return failed.fact
        return ""


def _tried(check: SuiteCheck, at: _Opened) -> SuiteReport | str:
    """What the tests said, or why nobody knows."""
    file = at.into / "report.xml"
    file.unlink(missing_ok=True)
    said = ("python", "-m", "pytest", check.tests, f"--junit-xml={file}", "-p", "no:cacheprovider")
    failed = at.run("tests", said)
    if _NO_PYTEST in failed:
        return "pytest is not in the environment of its tests: add it to the lock file"
    try:
        report = read_report(file)
    except ReportUnfit as unfit:
        return failed or str(unfit)
    if not report.ran:
        return f"{check.tests} has no test that ran" + (f": {failed}" if failed and not report.tests else "")
    if failed and not report.red:
        return failed
    return report


def _is_below(job: Job, path: str) -> bool:
    """Whether a path is there, within the checkout."""
    source = job.checked_out().resolve()
    found = Path(os.path.normpath(source / job.enver.folder / path))
    return found.exists() and found.resolve().is_relative_to(source)


def _passed(said: str, again: int) -> CheckResult:
    return CheckResult(CheckVerdict.FLAKY if again else CheckVerdict.GREEN, said)


def _within(limits: ProgramLimits, minutes: float) -> ProgramLimits:
    return replace(limits, seconds=max(1, min(limits.seconds, round(minutes * 60))))


def _variables(job: Job, products: Mapping[str, str], own: AppEnvironment) -> Mapping[str, str]:
    """With what it consumes and what it gives; no secret, and no private config."""
    inputs = {wire.variable: job.texts[wire.name] for wire in job.enver.wires if wire.name in job.texts}
    given = {naming.product_variable(name): text for name, text in products.items()}
    return {**inputs, **given, **plain_variables(job, own), "PYTHONDONTWRITEBYTECODE": "1"}
