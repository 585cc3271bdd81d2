"""What was decided, in the past tense: the log, in order, is the truth."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.scheduler.actor import AccessChange, Actor
from odmd.control.scheduler.approvals import Delegation
from odmd.control.scheduler.drift import Deviation, DeviationSort
from odmd.control.scheduler.envers import Consent, OpenQuestion, Pin
from odmd.control.scheduler.may import Action
from odmd.control.scheduler.messages import Head, Publication
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.questions import Question
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.state import Hold, Pause
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.control.scheduler.values import RunInput
from odmd.graph.nodes import CloneSetNode
from odmd.model import SuiteCheck
from odmd.model.targets import Target
from odmd.plan.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class ContractsChanged:
    """Other contracts are in force; what no enver declares any more waits for nothing."""

    contracts: str
    observed: int
    at: float
    freezes: tuple[float, ...] = ()
    """When those that they declare begin."""


@dataclass(frozen=True, slots=True)
class PoliciesChanged:
    """Somebody may put contracts in force whose policies are others, and does."""

    contracts: str
    """Digest."""
    by: Actor
    gains: tuple[str, ...]
    """Who may do more then, and who less, in words."""
    at: float


@dataclass(frozen=True, slots=True)
class Denied:
    """Somebody asked for what he may not have; nothing else came of it."""

    by: Actor
    action: Action
    enver: str
    """The one that it was about, if it was about one."""
    reason: str
    next_step: str
    at: float


@dataclass(frozen=True, slots=True)
class ChangeAccepted:
    """A root cause opened a wave over everything that its envers reach."""

    wave: int
    cause: str
    by: Actor
    plan: str
    heads: tuple[Head, ...]
    retried: tuple[str, ...]
    at: float
    interactive: bool = True
    overdue: float = 0.0
    """When whoever it reached and still waits starts anyway."""
    follow: tuple[Head, ...] = ()
    """Promoted envers that take over these commits once their origins run them."""
    root: int = 0
    """The wave of the same change that it goes with; 0: it is that itself."""
    look_up: tuple[str, ...] = ()
    """Envers whose apps look up again what they looked up before."""


@dataclass(frozen=True, slots=True)
class ChangesEnded:
    """What earlier changes still owed ends here: a plan that somebody looked at takes its place."""

    by: Actor
    at: float


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody is asked whether a value may in."""

    enver: str
    input: Question
    offer: OpenQuestion
    at: float


@dataclass(frozen=True, slots=True)
class Consented:
    """Somebody of those who have to said yes; others have to, too."""

    enver: str
    input: Question
    consent: Consent
    lacking: int
    """How many."""
    at: float


@dataclass(frozen=True, slots=True)
class Approved:
    """What was asked about is let in, which opens a wave at its enver."""

    wave: int
    enver: str
    input: Question
    by: Actor
    """The last one who had to say so."""
    why: str
    at: float
    delegated: str = ""
    """Where he answers for another team: for which, and who let him; in words."""
    given: tuple[Consent, ...] = ()
    """Those before him."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time: what was asked about stays out, until it is asked about again."""

    enver: str
    input: Question
    offer: OpenQuestion
    at: float


@dataclass(frozen=True, slots=True)
class Reminded:
    """A question is open for a while: whoever has to answer it is to be told again."""

    enver: str
    input: Question
    at: float
    due: float
    """When something is to happen to it by itself, again."""


@dataclass(frozen=True, slots=True)
class Escalated:
    """A question is open for so long that another team may answer it, too."""

    enver: str
    input: Question
    team: str
    at: float
    due: float
    """When something is to happen to it by itself, again; 0: nothing is."""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What was turned down, or expired, is to be asked about once more."""

    enver: str
    input: Question
    by: Actor
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Delegated:
    """Somebody answers for a team for a while."""

    delegation: Delegation
    at: float


@dataclass(frozen=True, slots=True)
class DelegationEnded:
    """Somebody answers for a team no more."""

    to: str
    team: str
    by: Actor
    at: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was asked about stays out; the next value is asked about again."""

    enver: str
    input: Question
    by: Actor
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Promoted:
    """A promoted enver without an approver takes its origin's source over, as a change said; a wave opens at it."""

    wave: int
    enver: str
    content: RunInput
    root: int
    at: float


@dataclass(frozen=True, slots=True)
class PassStarted:
    """A cycle is quiet and what its placeholders stood for has moved: once more around."""

    wave: int
    cycle: str
    number: int
    moved: tuple[tuple[str, RunInput], ...]
    """(consumer, what it is handed now)."""
    at: float


@dataclass(frozen=True, slots=True)
class DidNotSettle:
    """A cycle still moves after as many passes as it has placeholders; it is left as it is."""

    cycle: str
    moved: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """An enver is to be brought to these inputs."""

    run: int
    enver: str
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    mode: RunMode
    recipe: str | None
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
    at: float
    overdue: bool = False
    """It waited too long for others that move, and starts with what is there."""
    allowed: str = ""
    """Digest of the loss of data that people let happen."""
    suite: SuiteCheck | None = None
    """Which it makes in the place of the checks of the contract."""


@dataclass(frozen=True, slots=True)
class RunClaimed:
    """A worker took the run; older attempts are refused from here on."""

    run: int
    attempt: AttemptNumber
    worker: str
    at: float
    prepares: bool = False
    """It makes the recipe, and moves nothing."""


@dataclass(frozen=True, slots=True)
class RunDispatched:
    """A job is to be started that claims the run, or it fails when that is due."""

    run: int
    enver: str
    attempt: AttemptNumber
    """The newest before: who starts a job for an older one comes late."""
    due: float
    at: float


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The host of the repository says which job was started for the run."""

    run: int
    job: str
    at: float


@dataclass(frozen=True, slots=True)
class RunPrepared:
    """Its recipe is made and kept; it waits for who carries that out, or fails when that is due."""

    run: int
    recipe: str
    """Digest; empty where the run needs none."""
    due: float | None
    """None: any worker may take it, and is not waited for."""
    at: float


@dataclass(frozen=True, slots=True)
class RunLost:
    """The run waits for another worker. Should its last one come back before, its word still counts."""

    run: int
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """The run is to end before it moves anything."""

    run: int
    by: Actor
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class ValuePublished:
    """A product has a new current value; the one before is superseded."""

    product: str
    version: int
    publication: Publication
    run: int
    at: float


@dataclass(frozen=True, slots=True)
class ValueWithdrawn:
    """The product left the contracts and its enver runs without it: its last value lives until nobody runs with it."""

    product: str
    version: int
    at: float


@dataclass(frozen=True, slots=True)
class RunSucceeded:
    """The enver runs with the run's inputs."""

    run: int
    enver: str
    recipe: str
    at: float
    units: tuple[str, ...] = ()
    """Names of all units of its app; none where an older release did not say."""
    lookups: tuple[tuple[str, str], ...] = ()
    """What its app looked up, and what was answered."""
    unit: str = ""
    """What people call one of its units; empty: nothing was said of them."""
    verify_at: float | None = None
    """When what it brought about is verified once more; nobody takes it over before."""


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run ended short of its inputs; `clean` when what ran before surely still runs."""

    run: int
    enver: str
    error: str
    clean: bool
    at: float
    retry_at: float | None = None
    """When it is tried again by itself."""
    units: tuple[str, ...] = ()
    """Names of the units that it may have made or changed."""
    unit: str = ""
    """What people call one of them."""
    verify_at: float | None = None
    """When what runs is verified again, as that run was to do."""


@dataclass(frozen=True, slots=True)
class VerificationAsked:
    """Somebody wants what an enver runs to be verified again."""

    enver: str
    by: Actor
    why: str
    at: float
    suite: SuiteCheck | None = None
    """By this alone, which changes nothing of what counts as running; None: by what its contract says."""


@dataclass(frozen=True, slots=True)
class Retried:
    """The time to try a failed run again has come."""

    enver: str
    at: float


@dataclass(frozen=True, slots=True)
class Settled:
    """Early cut-off: waves reached these envers and left their inputs as they are. They end there without a run, and so
    they do at every enver behind these that has nothing new either."""

    envers: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing new starts in the scope."""

    scope: str
    pause: Pause
    at: float
    freeze: str = ""
    """The declared one that this is."""
    freeze_ends: float = 0.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause is over."""

    scope: str
    by: Actor
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class AnswerHeld:
    """Somebody may bring an enver there: who asks what fits is answered accordingly, until it is over or deployed."""

    enver: str
    hold: Hold
    at: float


@dataclass(frozen=True, slots=True)
class HoldDropped:
    """An answer is held no longer."""

    enver: str
    by: Actor
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pinned:
    """An enver is held at an earlier run's inputs, which opens a wave at it."""

    wave: int
    enver: str
    pin: Pin
    at: float


@dataclass(frozen=True, slots=True)
class Released:
    """A pinned enver follows its inputs again, which opens a wave at it."""

    wave: int
    enver: str
    by: Actor
    at: float
    head: Head | None = None
    """What it goes on with; None: with what it was told before."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drifted:
    """Nobody knows any more what runs, which opens a wave at the enver."""

    wave: int
    enver: str
    what: str
    by: Actor
    at: float


@dataclass(frozen=True, slots=True)
class DriftSeen:
    """A look found that what runs differs from what was deployed otherwise than was known; it lets nothing begin."""

    enver: str
    found: tuple[Deviation, ...]
    """New, changed, or accepted for a time that is over."""
    ended: tuple[Deviation, ...]
    """So no more, whoever put it right."""
    by: Actor
    at: float
    sorts: tuple[DeviationSort, ...] = ()
    """What was looked at."""
    looked: float = 0.0
    """When that was."""


@dataclass(frozen=True, slots=True)
class DriftAccepted:
    """Somebody says that it may be so."""

    enver: str
    what: tuple[Deviation, ...]
    by: Actor
    why: str
    until: float | None
    at: float


@dataclass(frozen=True, slots=True)
class RemovalAsked:
    """An enver that left the contracts is to be removed."""

    enver: str
    by: Actor
    at: float
    shown: tuple[str, ...] | None = None
    """What people were shown that goes with it; None: nobody looked."""


@dataclass(frozen=True, slots=True)
class RemovalStarted:
    """Nobody else runs with what it publishes: its units are being removed."""

    enver: str
    target: Target | None
    """Where its last run deployed it; None: nobody noted it."""
    recipe: str | None
    allowed: str
    """Digest of the loss of data that people let happen."""
    at: float
    units: tuple[DeployedUnit, ...] = ()
    """All that are recorded."""
    shown: tuple[str, ...] | None = None
    config: tuple[str, ...] = ()
    """Names of what may be there to be read live."""


@dataclass(frozen=True, slots=True)
class RemovalFailed:
    """Not all of its units could be removed."""

    enver: str
    error: str
    at: float


@dataclass(frozen=True, slots=True)
class EnverRemoved:
    """Its units are gone."""

    enver: str
    region: str
    at: float
    replicated: tuple[str, ...] = ()
    """Other regions that its values were written to."""
    left: tuple[str, ...] = ()
    """What may still be there, as people let go of it where nobody can look any more."""


@dataclass(frozen=True, slots=True)
class ClearanceAsked:
    """Units that left an enver's app and could not be removed are to be tried again."""

    enver: str
    by: Actor
    at: float


@dataclass(frozen=True, slots=True)
class ClearanceStarted:
    """Units that left an enver's app are being removed: its others are deployed, and nobody needs what these made."""

    enver: str
    units: tuple[DeployedUnit, ...]
    allowed: str
    """Digest of the loss of data that people let happen."""
    at: float


@dataclass(frozen=True, slots=True)
class ClearanceEnded:
    """They are gone, or stay for a reason."""

    enver: str
    removed: tuple[DeployedUnit, ...]
    kept: tuple[Leftover, ...]
    at: float
    left: tuple[str, ...] = ()
    """Those of the removed that may still be there, as people let go of them where nobody can look."""


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


@dataclass(frozen=True, slots=True)
class SettingsEdited:
    """Somebody edited private settings: which layer, and where in it. Nothing begins by that alone."""

    layer: str
    version: int
    by: Actor
    why: str
    paths: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """Who gets in is another one: a token, a session or a key came or went."""

    change: AccessChange
    id: str
    """Of the token, session or key."""
    what: str
    """In words: what happened, whose it is, and what for. Nothing of it is secret."""
    by: Actor
    at: float


@dataclass(frozen=True, slots=True)
class ClonesDeclared:
    """Clones are to be there, as if the contracts' text declared them."""

    set: CloneSetNode
    by: Actor
    ttl: float
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    until: float | None
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClonesKept:
    """Clones were used, or are to stay longer."""

    clones: str
    """The address of the first of them."""
    by: Actor
    ttl: float
    until: float | None
    at: float
    why: str = ""
    others: tuple[str, ...] = ()
    """Those that were made with it."""


@dataclass(frozen=True, slots=True)
class ClonesEndSoon:
    """Nobody used them for long: they end unless somebody does."""

    clones: str
    until: float
    at: float
    others: tuple[str, ...] = ()
    """Those that were made with it."""


@dataclass(frozen=True, slots=True)
class ClonesEnded:
    """They are not to be there any more: somebody said so, or nobody used them."""

    clones: str
    by: Actor
    at: float
    why: str = ""
    others: tuple[str, ...] = ()
    """Those that were made with it."""


@dataclass(frozen=True, slots=True)
class ClonesLeft:
    """Some of a set are the contracts' text's by now, which declares them."""

    clones: str
    envers: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class ClonesGone:
    """Nothing of them is left."""

    clones: str
    at: float
    left: tuple[str, ...] = ()
    """What may be there still, as people let go of it where nobody can look any more."""
    others: tuple[str, ...] = ()
    """Those that were made with it."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The state is that of a backup: nobody knows any more what runs, nothing moves by itself, everything is paused."""

    first: int
    """Numbers of runs, waves and versions go on from here."""
    by: Actor
    why: str
    at: float


Event = (
    ContractsChanged
    | Denied
    | PoliciesChanged
    | ChangeAccepted
    | ChangesEnded
    | Offered
    | Consented
    | Approved
    | Rejected
    | Expired
    | Reminded
    | Escalated
    | AskedAgain
    | Delegated
    | DelegationEnded
    | Promoted
    | PassStarted
    | DidNotSettle
    | RunStarted
    | RunClaimed
    | RunDispatched
    | JobStarted
    | RunPrepared
    | RunLost
    | CancelAsked
    | ValuePublished
    | ValueWithdrawn
    | RunSucceeded
    | RunFailed
    | VerificationAsked
    | Retried
    | Settled
    | Paused
    | Resumed
    | AnswerHeld
    | HoldDropped
    | Pinned
    | Released
    | Drifted
    | DriftSeen
    | DriftAccepted
    | RemovalAsked
    | RemovalStarted
    | RemovalFailed
    | EnverRemoved
    | ClearanceAsked
    | ClearanceStarted
    | ClearanceEnded
    | RetirementScheduled
    | RetirementStarted
    | ValueRetired
    | SettingsEdited
    | AccessChanged
    | ClonesDeclared
    | ClonesKept
    | ClonesEndSoon
    | ClonesEnded
    | ClonesLeft
    | ClonesGone
    | Recovered
)
