"""What verifies an enver once it is deployed, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, Protocol

from odmd.control.running.procedures import Job
from odmd.control.scheduler.codec import Body
from odmd.errors import NotYetCarriedOut
from odmd.model import Check


class CheckVerdict(StrEnum):
    """How a check, or one of its tests, ended."""

    GREEN = "green"
    FLAKY = "flaky"
    """It passed, and not at the first try."""
    RED = "red"


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A line of a scenario."""

    text: str
    """`When a guest orders tea`."""
    verdict: str
    """As who ran it says: `passed`, `failed`, `skipped`."""


@dataclass(frozen=True, slots=True)
class PlayedScenario:
    """One of a feature file."""

    feature: str
    name: str
    steps: tuple[PlayedStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that a check left, and that is kept."""

    name: str
    """Its path, in the folder that the check was told."""
    size: int


@dataclass(frozen=True, slots=True)
class KeptReports:
    """What a check left, in one archive."""

    digest: str
    files: tuple[ReportFile, ...]


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of a suite."""

    __test__ = False  # pytest takes it for a class of tests otherwise
    name: str
    verdict: CheckVerdict
    seconds: float
    said: str = ""
    """How it failed, at its last try that did."""
    numbers: tuple[tuple[str, float], ...] = ()
    """What it recorded of itself that is a number, by name: pytest's `record_property`."""
    scenario: PlayedScenario | None = None
    """What it is in a feature file, where it is made of one."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How a check ended."""

    verdict: CheckVerdict
    said: str
    """What it found, in a line."""
    tests: tuple[TestResult, ...] = ()
    reports: KeptReports | None = None


_RESULTS: Final = Body(CheckResult)


def as_json(result: CheckResult) -> Mapping[str, object]:
    """As the journal has it."""
    return asdict(result)


def from_json(said: str) -> CheckResult | None:
    """Back; of what somebody else journalled, nothing."""
    try:
        return _RESULTS.read(said)
    except ValueError:
        return None


class Verifier(Protocol):
    """Makes checks."""

    def verify(self, check: Check, job: Job, products: Mapping[str, str]) -> CheckResult:
        """Whatever a check does, it ends within its time, and with a result.

        Args:
            products: what the enver gives, by product's name; nobody else knows of it yet.

        Raises:
            OdmdError: it could not be made, for reasons that are not the enver's.
        """
        ...


class NobodyVerifies:
    """A `Verifier` for who makes no checks."""

    def verify(self, check: Check, job: Job, products: Mapping[str, str]) -> CheckResult:  # noqa: ARG002
        raise NotYetCarriedOut(
            f"this agent makes no checks, as {check.label} of {job.enver.label}",
            next_step="let an agent of the server's release carry it out",
        )
