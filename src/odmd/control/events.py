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
    run: int
    enver: str
    assembly: str
    at: float


@dataclass(frozen=True, slots=True)
class RunFailed:
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
    product: str
    version: int
    at: float


@dataclass(frozen=True, slots=True)
class ValueRetired:
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
