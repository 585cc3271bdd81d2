"""What is told of the control plane, to people and over HTTP: stable names, nothing of the scheduler's own."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.reading.drift import EnverDrift
from odmd.control.reading.lag import LagView
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.control.scheduler.values import RunInput, Value, ValueRef
from odmd.plan import Unreadable
from odmd.plan.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class InputView:
    """An input that an enver runs with."""

    name: str
    product: str
    version: int
    """0: the wire's placeholder."""
    value: str
    lag: int
    """How many newer versions there are."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What an enver asks people."""

    input: str
    """`commit` for a promotion."""
    about: str
    """In words."""
    gate: str | None
    """The team that approves; null: whoever deploys the enver."""
    identity: str
    at: float
    needs: str = ""
    """What has to be said, where a team's word is not all: `2 of payments, not the author`."""
    lacks: int = 1
    """How many people have to say yes still."""
    given: tuple[str, ...] = ()
    """Who said so already."""
    expires: float | None = None
    """When nobody can answer any more; seconds since the epoch."""
    escalated: str = ""
    """Another team that may answer by now."""
    value: str = ""
    """That an input would have."""


@dataclass(frozen=True, slots=True)
class HeldAnswerView:
    """Somebody was told that the enver can be deployed, and that is so for him until then."""

    by: str
    until: float
    """Seconds since the epoch."""
    commit: str
    """Empty: as the contracts say."""


@dataclass(frozen=True, slots=True)
class EnverView:
    """One enver as recorded."""

    enver: str
    """Its address."""
    state: str
    """deployed, deploying, drifted, failed, asks, waiting, held, interrupted, unknown or unreadable (never deployed,
    as its source cannot be read)."""
    commit: str | None
    """What surely runs."""
    last_run: int | None
    failure: str | None
    inputs: tuple[InputView, ...]
    run: int | None = None
    """The run under way."""
    waves: tuple[int, ...] = ()
    """Those that it owes."""
    asks: tuple[QuestionView, ...] = ()
    held_at: int | None = None
    """The run that it is held at."""
    settled: str = ""
    """Why the last wave that reached it ended without a run, if it did."""
    subject: str = ""
    """What the commit says of itself."""
    troubles: tuple[str, ...] = ()
    """What could not be done for it in the world so far, and why; it is tried again."""
    unreadable: Unreadable | None = None
    """Its repository, branch or tag cannot be read: it stays as it is."""
    units: tuple[DeployedUnit, ...] = ()
    """All that its runs made, or may have made, and that were not removed."""
    left: tuple[Leftover, ...] = ()
    """Those of them that its app has no more."""
    stage: str = ""
    """Where its last run deployed it; empty before the first."""
    rank: int = 0
    """The place of its stage in the order in which the contracts declare stages."""
    answer: HeldAnswerView | None = None
    """To whether it can be deployed, that is held."""
    seen: float | None = None
    """When somebody last found that what it says runs: its run, or a look since. Seconds since the epoch."""
    head_read: float | None = None
    """When its branch or tag was last read; null: never, or it follows none."""
    overdue: tuple[LagView, ...] = ()
    """Where it is further behind than the objective of its stage allows."""
    drift: EnverDrift | None = None
    """Whether it is as it was deployed, as far as somebody looked; null: nobody did since its last run."""

    @property
    def in_order(self) -> tuple[str, int, str]:
        """By build, then in the declared order of stages."""
        return self.enver.partition("/")[0], self.rank, self.enver


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run."""

    step: str
    """`carry out orders--main`."""
    seconds: float | None
    """How long it took; null: it is not done, or takes no time of its own."""
    done: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """One attempt to bring one enver to one exact set of inputs."""

    id: int
    enver: str
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    mode: str
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
    started_at: float
    status: str
    """started, dispatched, running, succeeded, failed, or interrupted: a process that is gone left it."""
    attempt: AttemptNumber
    worker: str
    finished_at: float | None
    error: str
    recipe: str | None
    published: tuple[ValueRef, ...]
    root: int
    cancelled: str
    """Who wants it to end before it moves anything."""
    steps: tuple[StepView, ...] = ()
    """All that are known, in their order; where one run is asked for."""
    job: str = ""
    """Where the job of GitHub is seen that it was given to."""


@dataclass(frozen=True, slots=True)
class ValueView:
    """A published value, and the envers that run with it."""

    value: Value
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PauseView:
    """Nothing new starts in the scope: an enver's address, `team:<name>`, `stage:<name>`, or `*`."""

    scope: str
    by: str
    why: str
    until: float | None
    """Seconds since the epoch; null: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class DelegationView:
    """Somebody answers for a team that is not his own."""

    to: str
    team: str
    by: str
    until: float
    """Seconds since the epoch."""
    why: str


@dataclass(frozen=True, slots=True)
class ContractsView:
    """The contracts in force."""

    organisation: str
    digest: str
    version: str
    """Of the contracts package; empty where it says none."""
    envers: int


@dataclass(frozen=True, slots=True)
class Cause:
    """One link of the chain behind what an enver runs; deeper ones are causes of those above."""

    depth: int
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a rollback would bring an enver back to."""

    enver: EnverView
    run: RunView


@dataclass(frozen=True, slots=True)
class Happened:
    """A committed event at its place in the log."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True)
class ChangeView:
    """How far a change has come."""

    position: int
    """The end of the log that this was told at."""
    wave: int
    cause: str
    by: str
    plan: str
    moving: bool
    """Something of it is deployed, or will be without anybody's help."""
    retiring: int
    """Values that it superseded and that are about to be removed."""
    failed: dict[str, str]
    """Enver → why."""
    held: dict[str, tuple[str, ...]]
    """Enver → what it waits for."""
    unmirrored: int
    """Values that are not in the parameter store yet."""
