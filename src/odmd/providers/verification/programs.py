"""Checks that are programs of the build's repository: caged as all that its author names, and without credentials, but
those of a role of their own where the contracts give them rights."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from odmd.control.running.acting import verifying_target
from odmd.control.running.procedures import Job
from odmd.control.running.verifying import CheckResult, CheckVerdict, KeptReports
from odmd.errors import AppFailed, AppNotStarted, ToolMissing
from odmd.model import CommandCheck, SuiteCheck, naming
from odmd.model.targets import Target
from odmd.private import private_folder
from odmd.providers.app_process import AppProcess
from odmd.providers.environments import AppEnvironment, Environments
from odmd.providers.leash import ProgramLimits
from odmd.providers.verification.left import VARIABLE, FilesLeft, Keep, fresh_folder, has_features
from odmd.providers.verification.reports import ReportUnfit, SuiteReport, read_report, together
from odmd.providers.verification.scenarios import with_scenarios
from odmd.providers.workroom import Workroom, document_of, plain_variables
from odmd.trees import remove_tree

C = TypeVar("C", SuiteCheck, CommandCheck)
Rights = Callable[[Target], Mapping[str, str] | None]
"""The environment variables that give a program the role with which one acts in a place; None: it has no roles."""
_OPEN: Final = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL")
_NO_PYTEST: Final = "No module named pytest"
_HAS_BDD: Final = ("python", "-c", "import importlib.util as u; raise SystemExit(u.find_spec('pytest_bdd') is None)")


class _NoRole(Exception):
    """There is none that could be handed to a check."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What they are run with."""

    room: Workroom
    environments: Environments | None = None
    """Without it they run in ours."""
    keep: Keep | None = None
    """What they leave; without it nothing is kept."""
    rights: Rights | None = None
    """What hands out the role of those that may do something in AWS."""

    def command(self, check: CommandCheck, job: Job, products: Mapping[str, str]) -> CheckResult:
        """Tried until it ends with 0."""
        return self._made(check, job, products, _ended_well)

    def suite(self, check: SuiteCheck, job: Job, products: Mapping[str, str]) -> CheckResult:
        """Tried until each test passed once."""
        if not _is_below(job, check.tests):
            where = f"{job.enver.repo} has no {check.tests} at {naming.short_commit(job.commit)}"
            return CheckResult(CheckVerdict.RED, where)
        return self._made(check, job, products, _tests_passed)

    def _made(
        self, check: C, job: Job, products: Mapping[str, str], do: Callable[[C, Job, _Opened], CheckResult]
    ) -> CheckResult:
        """What it found, with what its last try left."""
        try:
            with self._opened(check, job, products) as at:
                return replace(do(check, at.job, at), reports=self._left_behind(at))
        except _NoRole as lacking:
            return CheckResult(CheckVerdict.RED, str(lacking))

    def _left_behind(self, at: _Opened) -> KeptReports | None:
        """What its last try left."""
        if self.keep is None:
            return None
        return FilesLeft(at.reports, self.room.discreet).kept(at.job, (at.junit, at.cucumber), self.keep)

    @contextmanager
    def _opened(self, check: SuiteCheck | CommandCheck, job: Job, products: Mapping[str, str]) -> Generator[_Opened]:
        folder, into = job.checked_out() / job.enver.folder, private_folder(job.place.root / "verified")
        role = self._role(check, job)
        discreet = _hiding(job, role)
        with (
            self._environment(folder, job) as own,
            self.room.open(discreet, into, (*own.reads, document_of(job)), check.network) as process,
        ):
            bounded = replace(process, limits=_within(process.limits, check.minutes))
            yield _Opened(bounded, {**_variables(job, products, own), **role}, into, discreet)

    def _role(self, check: SuiteCheck | CommandCheck, job: Job) -> Mapping[str, str]:
        """The environment variables that hand it over; none, where the check may do nothing.

        Raises:
            _NoRole: nobody's credentials but those of the role are handed to foreign code.
        """
        if not check.may:
            return {}
        target = verifying_target(job.enver, job.run)
        if self.rights is None or (role := self.rights(target)) is None:
            raise _NoRole(
                f"it may do something in AWS by a role of its own, and {job.target} has no roles: "
                f"`odmd bootstrap {job.target}` makes them"
            )
        job.tell(f"hands it a role that may {', '.join(check.may)}")
        return role

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
    job: Job
    """Which hides what they were given."""

    @property
    def reports(self) -> Path:
        """Where they leave what they want kept."""
        return self.into / "reports"

    @property
    def junit(self) -> Path:
        return self.into / "junit.xml"

    @property
    def cucumber(self) -> Path:
        return self.into / "cucumber.json"

    def begin(self) -> None:
        """Nothing of a try before counts as one of the next."""
        for file in (self.junit, self.cucumber):
            remove_tree(file)
            file.unlink(missing_ok=True)
        fresh_folder(self.reports)

    def run(self, what: str, command: tuple[str, ...]) -> str:
        """Why it did not end well; nothing where it did. All that it takes too much of is its own fault."""
        try:
            self.process.run(what, command, {**self.variables, VARIABLE: str(self.reports)})
        except (AppFailed, AppNotStarted, ToolMissing) as failed:
            return failed.fact
        return ""


def _ended_well(check: CommandCheck, job: Job, at: _Opened) -> CheckResult:
    why = ""
    for again in range(check.retries + 1):
        job.tell(f"runs {check.command}", lasting=True)
        at.begin()
        if not (failed := at.run(f"check `{check.command}`", ("/bin/sh", "-c", check.command))):
            return _passed(f"at try {again + 1}; before: {why}" if again else "it ended with 0", again)
        why = failed
    return CheckResult(CheckVerdict.RED, why)


def _tests_passed(check: SuiteCheck, job: Job, at: _Opened) -> CheckResult:
    report = SuiteReport(0, ())
    cucumber = _wants_scenarios(job, at)
    for _ in range(check.retries + 1):
        job.tell(f"runs the tests in {check.tests}", lasting=True)
        at.begin()
        this = _tried(check, at, cucumber)
        if isinstance(this, str):
            return CheckResult(CheckVerdict.RED, this)
        report = together(report, this)
        if not report.red:
            break
    kept = with_scenarios(report.kept, at.cucumber) if cucumber else report.kept
    return CheckResult(report.verdict, report.in_words, kept)


def _wants_scenarios(job: Job, at: _Opened) -> bool:
    """Only where pytest-bdd is there pytest knows how to write them."""
    return has_features(job.place.source / job.enver.folder) and not at.run("look for pytest-bdd", _HAS_BDD)


def _tried(check: SuiteCheck, at: _Opened, cucumber: bool) -> SuiteReport | str:
    """What the tests said, or why nobody knows."""
    scenarios = (f"--cucumberjson={at.cucumber}",) if cucumber else ()
    said = ("python", "-m", "pytest", check.tests, f"--junit-xml={at.junit}", *scenarios, "-p", "no:cacheprovider")
    failed = at.run("tests", said)
    if _NO_PYTEST in failed:
        return "pytest is not in the environment of its tests: add it to the lock file"
    try:
        report = read_report(at.junit)
    except ReportUnfit as unfit:
        return failed or str(unfit)
    if not report.ran:
        return f"{check.tests} has no test that ran" + (f": {failed}" if failed and not report.tests else "")
    if failed and not report.red:
        return failed
    return report


def _hiding(job: Job, role: Mapping[str, str]) -> Job:
    """The same, that shows nobody the credentials either."""
    own = {name: text for name, text in role.items() if name not in _OPEN}

    def shows(text: str) -> bool:
        return job.shows(text) or any(one in text for one in own.values())

    return replace(job, secret_texts={**job.secret_texts, **own}, shows=shows) if own else job


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
