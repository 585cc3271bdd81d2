"""Runs: attempts to bring an enver to one exact set of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from odmd.control.scheduler.numbers import NO_ATTEMPT, AttemptNumber
from odmd.control.scheduler.values import RunInput, ValueRef
from odmd.model import SuiteCheck
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.run_steps import RunMode, RunStep


class RunStatus(StrEnum):
    """The life of a run."""

    STARTED = "started"
    DISPATCHED = "dispatched"
    """It waits for the job that it was given to."""
    CLAIMED = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """One attempt to bring one enver to one exact set of inputs."""

    id: int
    enver: str
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    mode: RunMode
    waves: tuple[int, ...]
    """The waves it was ready for, and is credited with."""
    reasons: tuple[str, ...]
    started_at: float
    status: RunStatus = RunStatus.STARTED
    attempt: AttemptNumber = NO_ATTEMPT
    """Grows with every claim; whoever acts under an older one is refused."""
    worker: str = ""
    """Who carries it out; nobody while it waits for a worker."""
    finished_at: float | None = None
    error: str = ""
    recipe: str | None = None
    """Digest of the stored recipe: the one to reuse at the start, the one deployed at the end."""
    published: tuple[ValueRef, ...] = ()
    root: int = 0
    """The newest wave from outside that it goes back to."""
    cancelled: str = ""
    """Who wants it to end before it moves anything."""
    allowed: str = ""
    """Digest of the loss of data that people let happen."""
    steps: tuple[RunStep, ...] = ()
    """What it begins with; of a run that an older release began, nobody noted it."""
    given_under: AttemptNumber | None = None
    """The newest attempt when it was given to its job."""
    job: str = ""
    """Where the job is seen that it was given to, once its host says so."""
    lost_jobs: tuple[str, ...] = ()
    """Those that had it before."""
    claim_by: float | None = None
    """When it fails, while it waits for a job."""
    begun: bool = True
    """Whether somebody claimed it who may have moved something; older releases did not say."""
    losses: int = 0
    """How often who had it was lost."""
    suite: SuiteCheck | None = None
    """Which it makes in the place of the checks of the contract, for who asked for it."""
