"""What happened on virtual time, in order: all that the rest of this package knows of the scheduler's answers.

Times are seconds since the simulation began.
"""

from __future__ import annotations

from dataclasses import dataclass

from odmd.plan import Fingerprint
from odmd.plan.run_steps import RunStep


@dataclass(frozen=True, slots=True)
class Arrived:
    """A change opened a wave."""

    at: float
    wave: int
    cause: str
    roots: tuple[str, ...]
    approval: int | None = None
    """The approval that opened it."""


@dataclass(frozen=True, slots=True)
class Began:
    """A run started."""

    at: float
    run: int
    enver: str
    mode: str
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
    fingerprint: Fingerprint
    steps: tuple[RunStep, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A run published a new value."""

    at: float
    run: int
    product: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A run ended; with an error, if it failed."""

    at: float
    run: int
    enver: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """A wave ended at an enver without a run."""

    at: float
    enver: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """Somebody's approval was asked for."""

    at: float
    approval: int
    enver: str
    input: str
    by: str
    run: int
    """The run that published what is to be approved."""


@dataclass(frozen=True, slots=True)
class PauseBegan:
    """Nothing new starts in a scope: an enver, `team:<name>` or `*`."""

    at: float
    scope: str
    until: float | None
    """None: for as long as it is simulated."""


Fact = Arrived | Began | Published | Ended | CutOff | ApprovalAsked | PauseBegan


@dataclass(frozen=True, slots=True)
class HeldUp:
    """An enver that still owes a wave when everything has come to rest, and why."""

    enver: str
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
