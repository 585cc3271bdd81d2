"""What was decided, in the past tense: the log, in order, is the truth."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.messages import Head, Publication
from odmd.control.state import RunInput, RunMode
from odmd.plan.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class ChangeAccepted:
    """A root cause opened a wave over everything that its envers reach."""

    wave: int
    cause: str
    by: str
    plan: str
    heads: tuple[Head, ...]
    retried: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """An enver is to be brought to these inputs."""

    run: int
    enver: str
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    mode: RunMode
    assembly: str | None
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class RunClaimed:
    """A worker took the run; older attempts are refused from here on."""

    run: int
    attempt: int
    worker: str
    at: float


@dataclass(frozen=True, slots=True)
class ValuePublished:
    """A product has a new current value; the one before is superseded."""

    product: str
    version: int
    publication: Publication
    run: int
    at: float


@dataclass(frozen=True, slots=True)
class RunSucceeded:
    """The enver runs with the run's inputs."""

    run: int
    enver: str
    assembly: str
    at: float


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run ended short of its inputs; `clean` when what ran before surely still runs."""

    run: int
    enver: str
    error: str
    clean: bool
    at: float


@dataclass(frozen=True, slots=True)
class Settled:
    """Early cut-off: a wave reached an enver whose inputs it left as they are; it ends there without a run."""

    enver: str
    waves: tuple[int, ...]
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class RetirementScheduled:
    """Nobody runs with a superseded value any more; it is retired after a grace."""

    product: str
    version: int
    due: float
    at: float


@dataclass(frozen=True, slots=True)
class RetirementStarted:
    """The grace is over and still nobody runs with the value: its resource is being removed."""

    product: str
    version: int
    at: float


@dataclass(frozen=True, slots=True)
class ValueRetired:
    """The value's life is over; `leftover` says why its resource stays, if it does."""

    product: str
    version: int
    leftover: str
    at: float


Event = (
    ChangeAccepted
    | RunStarted
    | RunClaimed
    | ValuePublished
    | RunSucceeded
    | RunFailed
    | Settled
    | RetirementScheduled
    | RetirementStarted
    | ValueRetired
)
