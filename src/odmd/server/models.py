"""What goes over the wire and is no view of the control plane: what callers send, pages, and small answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from odmd.control.access.claims import FORM
from odmd.control.access.identities import LONGEST_PROOF
from odmd.control.access.tokens import Token
from odmd.control.config.layers import LAYER_FORM
from odmd.control.leading.slices import Slice
from odmd.control.leading.suites import LONGEST_PATH, MOST_MINUTES, MOST_RETRIES
from odmd.control.leading.wishes import Verifying
from odmd.control.ports.journal import DoneStep
from odmd.control.running.live_config import NOTHING_LIVE, LiveConfig
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.values import Value
from odmd.model import SuiteCheck
from odmd.plan.build import Limited
from odmd.plan.clones import LONGEST_SECONDS, MOST_TOGETHER, TTL_SECONDS, ClonesWish, CloneWish, EndWish, TogetherWish

T = TypeVar("T")

LARGEST: int = 2**53 - 1
"""What every JSON reader takes for an integer."""
_PRINTED = r"^[^\x00-\x1f\x7f]*$"
_NO_NUL = r"^[^\x00]*$"


def _as_json(text: str) -> str:
    """As it is read, so that it is one answer and nothing beside it."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except RecursionError as wrong:
        raise ValueError("it is too deep") from wrong


Name = Annotated[str, Field(min_length=1, max_length=300, pattern=_PRINTED)]
Why = Annotated[str, Field(max_length=2000, pattern=_PRINTED)]
FindingId = Annotated[str, Field(pattern=r"^[0-9a-f]{4,8}$")]
Digest = Annotated[str, Field(pattern=r"^(sha256:)?[0-9a-f]{7,64}$")]
CheckName = Annotated[str, Field(min_length=1, max_length=2000, pattern=_NO_NUL)]
UnitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,399}$")]
Key = Annotated[str, Field(min_length=1, max_length=4096, pattern=_PRINTED)]
Answer = Annotated[str, Field(min_length=1, max_length=65_536, pattern=_NO_NUL), AfterValidator(_as_json)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]
Moment = Annotated[float, Field(gt=0, le=1e11, allow_inf_nan=False, description="Seconds since the epoch.")]


BranchName = Annotated[str, Field(min_length=1, max_length=255)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClonesToMake(_Said):
    """Clones that a plan is to bring about."""

    origin: Name
    branch: Annotated[str, Field(max_length=255)]
    """That it follows; empty: as its origin does."""
    name: Annotated[str, Field(max_length=100)] = ""
    """What each is called by within the slot of its origin; empty: by the branch."""
    consumers: bool = False
    """With all that consume of it, near and far, in its stage."""
    also: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """With these, too."""
    ttl: Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)] = TTL_SECONDS
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    shares_data: bool = False
    """They may write to data that others use, too."""
    follow: Annotated[tuple[tuple[Name, BranchName], ...], Field(max_length=100)] = ()
    """With these, too, each on a branch of its own."""


class ClonesToEnd(_Said):
    """Clones that a plan is to take away, by one of them."""

    clone: Name


class ClonesTogether(_Said):
    """Sets of clones that one plan is to make, and to take away."""

    made: Annotated[tuple[ClonesToMake, ...], Field(max_length=MOST_TOGETHER)] = ()
    """All stay as long as the first."""
    ended: Annotated[tuple[ClonesToEnd, ...], Field(max_length=MOST_TOGETHER)] = ()


class ClonesToKeep(_Said):
    """How long clones stay from now on, and after each use."""

    ttl: Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)] | None = None
    """Seconds; 0: until somebody deletes them; None: they are used."""
    why: Why = ""


def _clones_wish(said: ClonesToMake | ClonesToEnd | ClonesTogether) -> ClonesWish:
    match said:
        case ClonesToMake():
            return CloneWish(**said.model_dump())
        case ClonesToEnd(clone=clone):
            return EndWish(clone)
        case ClonesTogether(made=made, ended=ended):
            return TogetherWish(
                tuple([CloneWish(**one.model_dump()) for one in made]), tuple([EndWish(one.clone) for one in ended])
            )


class PlanWanted(_Said):
    """What to plan."""

    targets: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    """Only these envers and what they need."""
    alone: bool = False
    """Without what they need."""
    only_values: bool = False
    look_up: bool = False
    """The targets, or all, look up again what they looked up before."""
    refresh: bool = True
    """Read the heads of all repositories anew."""
    clones: ClonesToMake | ClonesToEnd | ClonesTogether | None = None
    """It is about these, and about nobody else."""

    def limited(self) -> Limited:
        """What it asks for."""
        wish = _clones_wish(self.clones) if self.clones else None
        return Limited(tuple(self.targets), self.only_values, self.look_up, self.alone, wish)


class PreflightWanted(PlanWanted):
    """Whose next runs to look at: by their names, or all, or those that this plan would begin."""

    envers: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    every: bool = False


class DriftWanted(_Said):
    """Which envers to look at: by their names, or all that run."""

    envers: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    resources: bool = False
    """Also at every resource of its own, as far as its provider can."""
    now: bool = False
    """Look again, whatever is known of earlier looks."""


class DriftAcceptance(_Said):
    """What others changed of what an enver runs may be so."""

    enver: Name
    findings: Annotated[tuple[FindingId, ...], Field(max_length=500)] = ()
    """By their ids; none: all that nobody accepted."""
    why: Why
    until: Moment | None = None
    """Null: until it changes."""


class ChangeWanted(_Said):
    """The plan to carry out."""

    plan: Digest
    why: Why = ""
    allow_dirty: bool = False
    """Also where the server's contracts have uncommitted changes; that is noted with the change."""
    accept_misfits: Why = ""
    """Why the plan may break who runs beside it; that is noted with the change."""


class DeployWanted(_Said):
    """Whether something fits what runs beside it."""

    enver: Name
    commit: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")] = ""
    """Of a source that was deployed before; empty: what the contracts say now."""
    to: Annotated[str, Field(max_length=200)] = ""
    """The stage where it would run; empty: as the enver itself."""


class HoldWanted(DeployWanted):
    """The same, and a yes is to be held."""

    until: Annotated[float, Field(gt=0, lt=1e11)]
    """Seconds since the epoch."""


class AnswerGiven(_Said):
    """The answer to what an enver asks."""

    enver: Name
    input: Name | None = None
    approved: bool
    why: Why = ""
    identity: Annotated[str, Field(min_length=1, max_length=100_000)]
    """Of what was shown, as `asks` of the enver has it; what came since is not answered."""


class QuestionWanted(_Said):
    """What is to be asked about once more."""

    enver: Name
    input: Name | None = None
    why: Why = ""


class DelegationWanted(_Said):
    """Somebody is to answer for a team until then."""

    to: Name
    team: Name
    until: Annotated[float, Field(gt=0, lt=1e12)]
    """Seconds since the epoch."""
    why: Why = ""


class SessionWanted(_Said):
    """By what somebody proves who he is."""

    identity: Name
    """One of `/identities`."""
    proof: Annotated[str, Field(min_length=1, max_length=LONGEST_PROOF, pattern=_NO_NUL)]
    """A signed token, or a signed question to STS."""
    secret: Annotated[str, Field(max_length=200, pattern=_PRINTED)] = ""
    """Whose hash is the token's nonce."""
    cookie: bool = False
    """For pages of this server: the session is kept by the browser, and its text is told to nobody."""


class BrowserWanted(_Said):
    """Who uses the browser: by a token, or by a one-time sign-in that a command gave."""

    token: Annotated[str, Field(max_length=200, pattern=_PRINTED)] = ""
    code: Annotated[str, Field(max_length=200, pattern=_PRINTED)] = ""
    """Of `/handovers`; with one, the token is not looked at."""


class HandoverMade(BaseModel):
    """A one-time sign-in for a browser, on the only occasion on which it is known."""

    code: str
    seconds: float
    """For which it is good."""


class RightWanted(_Said):
    """By what a job proves that it is the one that a run is for."""

    identity: Name
    """One of `/identities`."""
    proof: Annotated[str, Field(min_length=1, max_length=LONGEST_PROOF, pattern=_NO_NUL)]
    """A signed token."""
    prepares: bool = False
    """The right is for another job, which has no proof and makes the recipe alone."""


class PreparedSaid(_Said):
    """What somebody takes over."""

    prepared: Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")]
    """Its digest; empty: nothing had to be prepared."""


class GivenBackSaid(_Said):
    """Why somebody else has to take a run."""

    why: Annotated[str, Field(max_length=10_000, pattern=_NO_NUL)]


class SessionMade(BaseModel):
    """A session on the only occasion on which its text is known."""

    session: Token
    text: str
    """Empty where the browser keeps it."""


class Whoami(BaseModel):
    """Who asks, and how that is known."""

    name: str
    kind: ActorKind
    proof: str
    scope: Scope
    teams: tuple[str, ...]
    expires: float | None
    """Null: it is good while the server runs."""
    session: str | None
    """The id of his session."""


class PauseWanted(_Said):
    """What shall start nothing new: an enver, `team:<name>`, or `*`."""

    scope: Name
    why: Why = ""
    until: Moment | None = None


class PinWanted(_Said):
    """The run to bring an enver back to; by default the last one with other inputs."""

    enver: Name
    run: Number | None = None
    why: Why = ""


class ReleaseWanted(_Said):
    """The enver that shall follow its inputs again."""

    enver: Name
    why: Why = ""


class SuiteWanted(_Said):
    """Tests of the build's repository."""

    tests: Annotated[str, Field(min_length=1, max_length=LONGEST_PATH, pattern=_PRINTED)]
    """Their folder or file, by path from the build's folder."""
    minutes: Annotated[float, Field(gt=0, le=MOST_MINUTES, allow_inf_nan=False)] = 10
    """How long each try may take."""
    retries: Annotated[int, Field(ge=0, le=MOST_RETRIES)] = 0
    network: bool = False
    """Whether they may reach the network."""


class VerificationWanted(_Said):
    """The enver that shall be verified again."""

    enver: Name
    why: Why = ""
    suite: SuiteWanted | None = None
    """By these tests, this once, in the place of what its contract says."""

    def wish(self) -> Verifying:
        """What it asks for."""
        return Verifying(self.enver, self.why, SuiteCheck(**self.suite.model_dump()) if self.suite else None)


class TokenWanted(_Said):
    """The token to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTED)]
    scope: Literal[Scope.READ, Scope.WRITE, Scope.ADMIN] = Scope.READ
    expires: Moment
    run: Number | None = None
    """It is good for carrying out this run, and nothing else."""
    teams: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """Those for which its holder approves."""


class LayerSaid(_Said):
    """All that a layer of private settings is to say."""

    text: Annotated[str, Field(max_length=1_000_000)]
    """YAML or JSON."""
    after: Annotated[int, Field(ge=0, le=LARGEST)]
    """The version that was looked at; 0: nothing was said yet."""
    why: Annotated[str, Field(max_length=1000)] = ""
    allow_lacking: bool = False
    """Although envers lack afterwards what they have now."""


class ValueSaid(_Said):
    """One value that a layer is to say."""

    path: Annotated[str, Field(min_length=1, max_length=1000)]
    """`prices.latte`: the config's name first."""
    text: Annotated[str, Field(max_length=100_000)] | None
    """As people type it; null: it says nothing of it any more."""


class LayerChanged(_Said):
    """Some values that a layer is to say."""

    changes: Annotated[list[ValueSaid], Field(min_length=1, max_length=1000)]
    after: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    """The version that was looked at; null: whichever is there."""
    why: Annotated[str, Field(max_length=1000)] = ""
    allow_lacking: bool = False


class BindingWanted(_Said):
    """Where a secret is, for whom."""

    layer: Annotated[str, Field(max_length=600, pattern=LAYER_FORM)]
    """`organisation`, `stage:NAME`, `build:NAME` or `enver:BUILD/SLOT`."""
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTED)]
    reference: Annotated[str, Field(max_length=2048, pattern=_PRINTED)] = ""
    """Empty: the layer says nothing of it any more."""
    why: Why = ""


class ClaimWanted(_Said):
    """Who wants to carry out a run."""

    worker: Annotated[str, Field(pattern=r"^agent-[A-Za-z0-9._-]{1,200}$", description="One name a process, once.")]
    release: Annotated[str, Field(max_length=50, pattern=_PRINTED)]
    contracts: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    secret: Annotated[str, Field(pattern=f"^{FORM}$", description="256 random bits of the agent's own, as base64url.")]
    """What the agent proves with that the attempt is its own; the server keeps a digest."""


class StepSaid(_Said):
    """A finished step."""

    name: Name
    result: Annotated[str, Field(max_length=500_000, pattern=_NO_NUL)]
    seconds: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
    at: Moment


class LineSaid(_Said):
    """A line of a run."""

    at: Moment
    text: Annotated[str, Field(max_length=20_000)]
    lasting: bool = False


class LinesSaid(_Said):
    """Lines of a run."""

    lines: Annotated[tuple[LineSaid, ...], Field(max_length=1000)]


class ResourceSaid(_Said):
    """The cloud resource behind a value."""

    type: Name
    physical_id: Annotated[str, Field(max_length=2048, pattern=_PRINTED)]
    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")]
    provider: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")] = "aws"


class PublicationSaid(_Said):
    """A value that a run published."""

    product: Name
    text: Annotated[str, Field(max_length=100_000, pattern=_NO_NUL)]
    identity: Annotated[str, Field(max_length=100_000)] = ""
    """As the agent's kind reads it; the server's own reading counts."""
    kind: Name
    resource: ResourceSaid | None = None
    bridge: Annotated[str, Field(max_length=2048, pattern=_PRINTED)] | None = None


class LossSaid(_Said):
    """What the run would destroy, or change, and so stopped before."""

    what: Annotated[str, Field(min_length=1, max_length=20_000, pattern=_NO_NUL)]
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}(\+sha256:[0-9a-f]{64})?$")]
    is_change: bool = False
    """Nothing is lost: its stage has all that changes approved."""


class EndSaid(_Said):
    """How a run ended: well where there is an recipe; else with an error."""

    recipe: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    error: Annotated[str, Field(max_length=100_000, pattern=_NO_NUL)] = ""
    clean: bool = False
    """What ran before surely still runs."""
    publications: Annotated[tuple[PublicationSaid, ...], Field(max_length=1000)] = ()
    may_pass: bool = False
    waits: bool = False
    """It did not begin, as somebody else is away who has to come back."""
    loss: LossSaid | None = None
    units: Annotated[tuple[UnitName, ...], Field(max_length=500)] = ()
    """All units of its app that last; of a run that failed, those that it may have made or changed."""
    lookups: Annotated[tuple[tuple[Key, Answer], ...], Field(max_length=200)] = ()
    """What its app looked up: context key and answer as JSON."""
    verified: Annotated[tuple[CheckName, ...], Field(max_length=100)] = ()
    """The checks that passed."""
    red: bool = False
    """It was deployed, and what verifies it did not pass."""


class ClaimTold(BaseModel):
    """The right to carry out a run, and what is needed for it beside the contracts."""

    run: Run
    attempt: AttemptNumber
    made_for: Slice
    """What the contracts said of its enver when it was made."""
    published: list[Value]
    """What the enver's products are now."""
    done: list[DoneStep]
    """Steps that earlier attempts finished."""
    patience: float
    """Seconds after which an agent that is not heard of has lost the run."""
    state: str
    """The id of the server's state, which the run's stacks name."""
    known: bool
    """Whether an earlier run deployed the enver."""
    moved: bool
    """Whether an earlier attempt may have changed something."""
    config: dict[str, str] = {}
    """Name → JSON text of each private config that the run was made with."""
    hidden: tuple[str, ...] = ()
    """Parts of these that nobody is to see."""
    live: LiveConfig = NOTHING_LIVE
    """The config that it writes where services read it, with what may stand there."""
    asks_changes: bool = False
    """Whether people approve what it would change before it does."""
    drifted: bool = False
    """Whether others changed what runs, so that as much is brought back as can be."""
    dearer_by: Decimal | None = None
    """From how much more it would cost a day on people approve what it would change; null: whatever it costs."""
    runs: str | None = None
    """The recipe of what runs."""


class Page(BaseModel, Generic[T]):
    """Some of many."""

    items: list[T]
    next: str | None
    """The address of the next page; null after the last."""


class EventTold(BaseModel):
    """A committed event."""

    position: int
    type: str
    body: dict[str, Any]


class Answered(BaseModel):
    """What came of a write: nothing, where it was so already."""

    events: list[EventTold]


class ChangeAnswered(Answered):
    """What came of a change."""

    wave: int | None
    """To follow it by; null when there was nothing to do."""


class PlanMade(BaseModel):
    """A plan, kept on the server under its digest."""

    digest: str
    plan: dict[str, Any]


class WireTold(BaseModel):
    """A wire into an enver."""

    input: str
    product: str
    mode: str
    gate: str | None


class NodeTold(BaseModel):
    """An enver as the contracts declare it."""

    enver: str
    build: str
    build_type: str
    team: str
    repo: str
    revision: str
    stage: str
    account: str
    region: str
    wires: list[WireTold]
    products: list[str]


class TokenMade(BaseModel):
    """A new token; its text is shown this once."""

    token: Token
    text: str


class Health(BaseModel):
    """How the server is."""

    status: str
    version: str
