"""What the control plane is told, in the imperative. Every message may come twice, late or for nothing."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.scheduler.actor import AccessChange, Actor
from odmd.control.scheduler.approvals import Delegation
from odmd.control.scheduler.drift import Deviation, DeviationSort
from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.questions import Question
from odmd.control.scheduler.state import Hold
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.control.scheduler.values import Resource
from odmd.graph.nodes import CloneSetNode
from odmd.model import SuiteCheck
from odmd.plan.commits import Author
from odmd.plan.settings import NO_SETTINGS, PlannedSettings
from odmd.policy.actions import Action


@dataclass(frozen=True, slots=True)
class UseContracts:
    """From now on the contracts with this digest are in force."""

    contracts: str
    observed: int
    """When they were read (nanoseconds since the epoch, or any number that grows); an older reading changes nothing."""


@dataclass(frozen=True, slots=True)
class Head:
    """The source, the contract and the settings that an enver should run with from now on."""

    enver: str
    commit: str
    """Empty: the one that it was told before."""
    slice: str
    """Of the contracts."""
    observed: int = 0
    """When it was read, as for contracts; 0 when nobody knows."""
    content: str = ""
    """Id of the trees that the build reads at the commit; empty when nobody knows."""
    subject: str = ""
    """What the commit says of itself, in one inert line."""
    settings: PlannedSettings = NO_SETTINGS
    """All that it should have of config and secrets."""
    author: Author | None = None
    """Who wrote the commit, by a name in one inert line."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What people were shown of an enver that is to go: nothing else goes with it unasked."""

    enver: str
    goes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartChange:
    """Carry out a plan: bring these envers to these heads, and everything downstream to what follows."""

    cause: str
    by: Actor
    plan: str
    heads: tuple[Head, ...]
    retry: tuple[str, ...] = ()
    """Envers whose last run failed and that shall be tried again."""
    moved: tuple[str, ...] = ()
    """Envers to be looked at again, as after an unclean end."""
    interactive: bool = True
    """Somebody waits for it: it goes before what happens by itself."""
    remove: tuple[str, ...] = ()
    """Envers that left the contracts: each goes as soon as nobody else runs with what it publishes."""
    follow: tuple[Head, ...] = ()
    """Promoted envers without an approver: each takes its commit over once its origin runs it."""
    instead: bool = False
    """It takes the place of all that earlier changes still owe: nothing else begins."""
    clear: tuple[str, ...] = ()
    """Envers with units that left their app and could not be removed: it is tried again."""
    look_up: tuple[str, ...] = ()
    """Envers whose apps look up again what they looked up before."""
    shown: tuple[Shown, ...] = ()
    """Of those to remove, where somebody looked."""
    for_clones: tuple[str, ...] = ()
    """Envers that make something for clones, as they offer it to whoever asks, and stay as they are otherwise."""
    breaks: tuple[str, ...] = ()
    """Envers that do not understand what they will be given, as who carries the plan out accepts."""


@dataclass(frozen=True, slots=True)
class ClaimRun:
    """A worker wants to carry out a run that nobody carries out; the answer is a new attempt number, its fence."""

    run: int | None
    """None: whichever has waited longest."""
    worker: str
    prepares: bool = False
    """It makes the recipe for another one, and moves nothing."""


@dataclass(frozen=True, slots=True)
class NoteJob:
    """The host of the repository says which job was started for a run that was dispatched under this attempt."""

    run: int
    attempt: AttemptNumber
    job: str


@dataclass(frozen=True, slots=True)
class HandOnRun:
    """Who prepares a run is done: another one carries it out."""

    run: int
    attempt: AttemptNumber
    recipe: str
    """Digest; empty where the run needs none."""


@dataclass(frozen=True, slots=True)
class LoseRun:
    """The worker of an attempt is not heard of any more, or hands it back: another one may take the run."""

    run: int
    attempt: AttemptNumber
    why: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A value that a run read from its outputs, parsed by the product's kind."""

    product: str
    text: str
    identity: str
    kind: str
    resource: Resource | None = None
    bridge: str | None = None
    """The handover set up from the value that this one replaces."""


@dataclass(frozen=True, slots=True)
class FinishRun:
    """The run brought its enver to its inputs."""

    run: int
    attempt: AttemptNumber
    recipe: str
    publications: tuple[Publication, ...]
    units: tuple[str, ...] = ()
    """Names of all units of its app, in their order."""
    lookups: tuple[tuple[str, str], ...] = ()
    """(context key, answer as JSON) of what its app looked up, sorted by key."""
    unit: str = ""
    """What people call one of its units; empty: nothing is said of them."""
    verified: tuple[str, ...] = ()
    """The checks that passed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a run would destroy, and so stopped before."""

    what: str
    digest: str
    """Of the template, its parameters and the changes; whoever allows it allows exactly these."""
    is_change: bool = False
    """Nothing is lost: its stage has all that changes approved."""


@dataclass(frozen=True, slots=True)
class FailRun:
    """The run ended short of it; `clean` when what ran before surely still runs."""

    run: int
    attempt: AttemptNumber
    error: str
    clean: bool
    publications: tuple[Publication, ...] = ()
    may_pass: bool = False
    """The same may well work a little later."""
    loss: Loss | None = None
    """People are asked whether it may happen; if so the run is tried again."""
    units: tuple[str, ...] = ()
    """Names of the units that it may have made or changed."""
    waits: bool = False
    """It did not begin, as somebody else is away who has to come back: worth many tries."""
    unit: str = ""
    """What people call one of its units; empty: nothing is said of them."""
    red: bool = False
    """It was deployed, and what verifies it did not pass."""


@dataclass(frozen=True, slots=True)
class CancelRun:
    """End the run before it moves anything; too late, it goes on."""

    run: int
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to an open question; of each who answers, the first one counts."""

    enver: str
    input: Question
    identity: str
    """Of what was asked about, so that nobody answers a question that he did not see."""
    approved: bool
    by: Actor
    why: str = ""
    authors: tuple[str, ...] = ()
    """Who began what is asked about, as far as that is recorded."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask once more about what was turned down, or expired."""

    enver: str
    input: Question
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True)
class Delegate:
    """Let somebody answer for a team for a while."""

    delegation: Delegation


@dataclass(frozen=True, slots=True)
class EndDelegation:
    """Somebody is to answer for a team no more."""

    to: str
    team: str
    by: Actor


@dataclass(frozen=True, slots=True)
class PauseScope:
    """Start nothing new in the scope: an enver's address, `team:<name>`, `stage:<name>`, or `*` for everything."""

    scope: str
    by: Actor
    why: str = ""
    until: float | None = None
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class ResumeScope:
    """End a pause."""

    scope: str
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """Hold an answer that something can be deployed; nothing comes of it where it is none any more."""

    holds: tuple[tuple[str, Hold], ...]
    """(enver, what it would be)."""
    seen: tuple[str, ...]
    """Ids of the others that were held when it was answered."""


@dataclass(frozen=True, slots=True)
class DropHold:
    """An answer is held no longer."""

    enver: str
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True)
class PinEnver:
    """Bring an enver to the inputs of an earlier run and hold it there."""

    enver: str
    pin: Pin


@dataclass(frozen=True, slots=True)
class ReleaseEnver:
    """Let a pinned enver follow its inputs again."""

    enver: str
    by: Actor
    commit: str = ""
    """The head that it goes on with; empty where it has none of its own, or nobody read it."""
    content: str = ""
    """Id of the trees that the build reads there."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class VerifyEnver:
    """Verify again what an enver runs."""

    enver: str
    by: Actor
    why: str = ""
    suite: SuiteCheck | None = None
    """What proves it, this once; None: what its contract says."""


@dataclass(frozen=True, slots=True)
class ReportDrift:
    """What runs is not what was deployed, or cannot be known."""

    enver: str
    what: str
    by: Actor


@dataclass(frozen=True, slots=True)
class NoteDrift:
    """Somebody looked at what runs."""

    enver: str
    run: int
    """The run that deployed what was looked at: what was seen says nothing of a later one."""
    seen: tuple[Deviation, ...]
    sorts: tuple[DeviationSort, ...]
    """What was looked at: what is known of others stays."""
    by: Actor
    looked: float = 0.0
    """When, in seconds since the epoch: what somebody saw later stays. 0: as it is told."""


@dataclass(frozen=True, slots=True)
class AcceptDrift:
    """Something that is not as it was deployed may be so, until it changes or its time is over."""

    enver: str
    findings: tuple[str, ...]
    """By their ids."""
    by: Actor
    why: str
    until: float | None = None
    """Seconds since the epoch; None: until it changes."""


@dataclass(frozen=True, slots=True)
class FinishRemoval:
    """An enver's units are gone, or why they are not."""

    enver: str
    error: str = ""
    loss: Loss | None = None
    began: float = 0.0
    """That of the effect."""
    lost: Loss | None = None
    """Nobody can look there any more: people are asked whether to let go of it."""
    left: tuple[str, ...] = ()
    """What may still be there, where people let go of it."""


@dataclass(frozen=True, slots=True)
class FinishClearance:
    """Units that left an enver's app are gone, or why they are not."""

    enver: str
    removed: tuple[DeployedUnit, ...]
    kept: tuple[Leftover, ...]
    began: float
    """That of the effect."""
    loss: Loss | None = None
    """People are asked whether it may happen; if so it is tried again."""
    lost: Loss | None = None
    """Nobody can look at some of them any more: people are asked whether to let go of those."""
    left: tuple[str, ...] = ()
    """Those of the removed that may still be there, as people let go of them."""


@dataclass(frozen=True, slots=True)
class RetireValue:
    """The grace after the last consumer moved is over."""

    product: str
    version: int


@dataclass(frozen=True, slots=True)
class FinishRetirement:
    """The resource behind a value is gone, or stays for the given reason."""

    product: str
    version: int
    leftover: str = ""


@dataclass(frozen=True, slots=True)
class Recover:
    """The state was restored from a backup: the world is ahead of it."""

    first: int
    """Numbers of runs, waves and versions below this one may have been given away since."""
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class NoteEdit:
    """Somebody edited private settings; where, and never what they are."""

    layer: str
    version: int
    by: Actor
    why: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteAccess:
    """Who gets in was changed, beside the log."""

    change: AccessChange
    id: str
    """Of the token, session or key."""
    what: str
    """In words: what happened, whose it is, and what for. Nothing of it is secret."""
    by: Actor


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Somebody was turned away at the door, before anything was looked at."""

    by: Actor
    action: Action
    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ChangePolicies:
    """Somebody puts contracts in force whose policies are others."""

    contracts: str
    """Digest."""
    by: Actor
    gains: tuple[str, ...] = ()
    """Who may do more, and who less, in words."""


@dataclass(frozen=True, slots=True)
class DeclareClones:
    """These clones are to be there, as if the contracts' text declared them; what deploys them is a plan."""

    set: CloneSetNode
    by: Actor
    ttl: float
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class KeepClones:
    """Clones are used, or are to stay longer."""

    clones: str
    """The address of the first of them."""
    by: Actor
    ttl: float | None = None
    """Seconds from now on, and after each use; 0: until somebody deletes them; None: they are used."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class EndClones:
    """Clones are not to be there any more; what removes them is a plan."""

    clones: str
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True)
class LeaveClones:
    """Some of a set are the contracts' text's by now, which declares them: they stay as long as it does."""

    clones: str
    envers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: something may be due."""

    due: float
    """When it was to be sent, in seconds since the epoch."""


Message = (
    UseContracts
    | StartChange
    | ClaimRun
    | NoteJob
    | HandOnRun
    | LoseRun
    | FinishRun
    | FailRun
    | CancelRun
    | Answer
    | AskAgain
    | Delegate
    | EndDelegation
    | PauseScope
    | ResumeScope
    | HoldAnswer
    | DropHold
    | PinEnver
    | ReleaseEnver
    | VerifyEnver
    | ReportDrift
    | NoteDrift
    | AcceptDrift
    | FinishRemoval
    | FinishClearance
    | RetireValue
    | FinishRetirement
    | Recover
    | NoteEdit
    | NoteAccess
    | NoteRefusal
    | ChangePolicies
    | DeclareClones
    | KeepClones
    | EndClones
    | LeaveClones
    | Tick
)
