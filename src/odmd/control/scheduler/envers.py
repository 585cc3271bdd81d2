"""Envers as recorded, with all that is open about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.drift import Findings, drift_said
from odmd.control.scheduler.questions import Question
from odmd.control.scheduler.units import Units
from odmd.control.scheduler.values import RunInput, ValueRef
from odmd.model import SuiteCheck
from odmd.model.targets import Target
from odmd.plan.commits import Author
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.settings import NO_SETTINGS, Named, PlannedSettings


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody said yes, and others have to say so, too."""

    by: Actor
    why: str
    at: float
    delegated: str = ""
    """Where he answers for another team: for which, and who let him; in words."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question to people: may this value (or this commit, for a promoted enver) in? It stays as it was asked."""

    content: RunInput
    gate: str | None
    """The team that approves; None: whoever deploys the enver."""
    root: int
    """The wave from outside that it goes back to."""
    at: float
    given: tuple[Consent, ...] = ()
    """Those of them that it needs who said yes."""
    expires: float = 0.0
    """When nobody can answer it any more; 0: never. All times are seconds since the epoch."""
    remind: float = 0.0
    """Seconds between reminders; 0: there are none."""
    reminded: float = 0.0
    """When that was last done, or it was asked."""
    escalates: float = 0.0
    """When another team may answer, too; 0: never, or it may by now."""
    escalated: str = ""
    """The team that may."""


@dataclass(frozen=True, slots=True)
class SuiteAsked:
    """Tests that somebody wants to be made of what an enver runs."""

    suite: SuiteCheck
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Pin:
    """What an enver is held at until it is released: the inputs of an earlier run."""

    run: int
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    recipe: str | None
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class Departure:
    """An enver that left the contracts is being removed, as soon as nobody else runs with what it publishes."""

    by: Actor
    under_way: bool = False
    began: float = 0.0
    """When its units began to be removed: what is said of an earlier time counts no more."""
    failure: str = ""
    """Why its units could not be removed, until somebody asks again."""
    shown: tuple[str, ...] | None = None
    """What people were shown that goes; None: nobody looked."""


@dataclass(frozen=True, slots=True)
class Following:
    """What a promoted enver takes over by itself, since a plan said so."""

    commit: str
    slice: str
    """The slice of the contracts that goes with it."""
    content: str = ""
    settings: PlannedSettings = NO_SETTINGS
    """Its own, not those of its origin."""

    def is_of(self, deployed: Fingerprint, slice: str) -> bool:
        """Whether this is what the origin runs now, and what the contracts say now."""
        said = Fingerprint(self.commit, self.slice, (), self.content)
        return said.has_source_of(deployed) and self.slice == slice


NO_WAVES: Final = frozenset[int]()


@dataclass(slots=True)
class Enver:
    """One enver as recorded."""

    address: str
    commit: str = ""
    """Head: the source it should run."""
    slice: str = ""
    """The slice of the contracts that it should run under."""
    deployed: Fingerprint | None = None
    """What runs, unless somebody changed it since; None: nothing, or unknown."""
    unknown: bool = False
    """A run ended so that nobody knows what runs; the next success settles it."""
    consumed: tuple[RunInput, ...] = ()
    """The inputs of the last successful run."""
    consumed_under: str = ""
    """The slice of the contracts by which it had them."""
    recipe: str | None = None
    leases: frozenset[ValueRef] = frozenset()
    """Values that it runs with or may run with."""
    owes: frozenset[int] = NO_WAVES
    """Waves that reached it and that it has not settled."""
    run: int | None = None
    last_run: int | None = None
    failed: Fingerprint | None = None
    """Tried and failed: tried again on new inputs, or when somebody says so."""
    failure: str = ""
    since: float = 0.0
    """When it first owed something; orders the queue."""
    settled: str = ""
    """Why the last wave that reached it ended without a run, if it did."""
    observed: int = 0
    """When its head was read, so that an older reading changes nothing."""
    runs_with: frozenset[ValueRef] = frozenset()
    """Those of its leases that it runs or may run with; the others are let in or asked about."""
    picked: dict[str, RunInput] = field(default_factory=dict[str, RunInput])
    """Input name → what was let in over a latch."""
    offers: dict[Question, OpenQuestion] = field(default_factory=dict[Question, OpenQuestion])
    """What is open."""
    rejected: dict[Question, str] = field(default_factory=dict[Question, str])
    """Identity of what was turned down; the same is not asked again."""
    pin: Pin | None = None
    retries: int = 0
    """How often it was tried again since its last success."""
    retry_at: float | None = None
    """When its failed run is tried again by itself."""
    root: int = 0
    """The wave from outside that its last success goes back to."""
    allowed: str = ""
    """Digest of the loss of data that people let happen, until it has happened."""
    target: Target | None = None
    """Where its last run deployed it; None: nowhere yet, or nobody noted it."""
    stage: str = ""
    replicated: tuple[str, ...] = ()
    """Other regions that its values are written to."""
    departure: Departure | None = None
    removed: bool = False
    """Nothing of it is left; a run makes it anew."""
    left: tuple[str, ...] = ()
    """What may be there still, as it was let go of where nobody could look."""
    follows: Following | None = None
    """What it takes over once its origin runs it."""
    deployed_by: int = 0
    """The run whose inputs `deployed` are; 0 where nobody knows."""
    content: str = ""
    """Id of the trees that its build reads at its commit; empty when nobody noted it."""
    subject: str = ""
    """What its commit says of itself."""
    author: Author | None = None
    """Who wrote its commit."""
    lookups: tuple[tuple[str, str], ...] = ()
    """What its app looked up: its next run keeps these answers."""
    units: Units = field(default_factory=Units)
    settings: PlannedSettings = NO_SETTINGS
    """Those that it should have, as last heard."""
    passed: Pin | None = None
    """The inputs with which it last passed all that verifies it; None where nothing does."""
    baking: bool = False
    """It passed, and is verified once more before anybody takes it over."""
    verify_at: float | None = None
    """When that is; or since when somebody wants it verified again."""
    verify_why: str = ""
    suite: SuiteAsked | None = None
    """What somebody wants to know of it beside that."""
    live: Named = ()
    """Config that may stand where services read it live: more than one of a name, while nobody knows which."""
    drift: Findings = ()
    """What was found where it runs and is not as it was deployed."""
    looked: dict[str, float] = field(default_factory=dict[str, float])
    """Sort of deviation → when the look was that found that otherwise than was known: an older one changes nothing."""

    @property
    def drifted(self) -> str:
        """What others changed and nobody accepted, in words; empty where it is as it was deployed, as far as known."""
        return drift_said(self.drift)

    @property
    def sure(self) -> Fingerprint | None:
        """What surely runs: what was deployed, unless it drifted."""
        return None if self.drift and self.drifted else self.deployed

    @property
    def verified_next(self) -> float | None:
        """When what it runs is to be verified, for whoever asked for that or as its contract says."""
        return self.suite.at if self.suite else self.verify_at

    @property
    def live_names(self) -> tuple[str, ...]:
        """Of the config that may stand where services read it live."""
        return tuple(sorted({name for name, _ in self.live}))

    def kept_units(self, recipe: str | None) -> tuple[str, ...] | None:
        """The units of a kept recipe in their order, if it is that of the last run; None: nobody knows them."""
        if recipe is None or recipe != self.recipe or self.deployed_by != self.last_run:
            return None
        return tuple([one.name for one in self.units.current()]) or None
