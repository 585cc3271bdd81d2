"""What the scheduler knows. `evolve` alone changes it, in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from odmd.control.agenda import Agenda
from odmd.control.stacks import Stacks
from odmd.plan.fingerprint import Fingerprint

LOSS: Final = "!"
"""The input of a question that is about no input: may a run's change sets replace or remove what holds data?"""


@dataclass(frozen=True, slots=True, order=True)
class ValueRef:
    """One numbered publication of a product."""

    product: str
    version: int


@dataclass(frozen=True, slots=True)
class Resource:
    """The cloud resource behind a published value."""

    type: str
    physical_id: str
    account: str
    region: str


class ValueStatus(StrEnum):
    """The life of a value."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(slots=True)
class Value:
    """One immutable publication of a product; only its status changes."""

    product: str
    version: int
    text: str
    identity: str
    kind: str
    run: int
    at: float
    resource: Resource | None = None
    status: ValueStatus = ValueStatus.CURRENT
    bridge: str | None = None
    """What forwards from this value's resource to its successor's, while consumers move."""
    retire_at: float | None = None
    """When the grace after its last consumer moved is over."""
    leftover: str = ""
    """Why its resource could not be removed when it was retired."""
    root: int = 0
    """The wave from outside that it goes back to."""

    @property
    def ref(self) -> ValueRef:
        return ValueRef(self.product, self.version)


@dataclass(frozen=True, slots=True)
class RunInput:
    """One consumed value, fixed before the run starts. Version 0 is the wire's placeholder."""

    name: str
    product: str
    version: int
    text: str
    identity: str

    @property
    def ref(self) -> ValueRef:
        return ValueRef(self.product, self.version)


class RunMode(StrEnum):
    """How a run gets its template."""

    FULL = "full"
    """Checkout, build, synth."""
    VALUES = "values only"
    """The stored template of what surely runs, with new parameters."""


class RunStatus(StrEnum):
    """The life of a run."""

    STARTED = "started"
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
    attempt: int = 0
    """Grows with every claim; whoever acts under an older one is refused."""
    worker: str = ""
    """Who carries it out; nobody while it waits for a worker."""
    finished_at: float | None = None
    error: str = ""
    assembly: str | None = None
    """Digest of the stored assembly: the one to reuse at the start, the one deployed at the end."""
    published: tuple[ValueRef, ...] = ()
    root: int = 0
    """The newest wave from outside that it goes back to."""
    cancelled: str = ""
    """Who wants it to end before it moves anything."""
    allowed: str = ""
    """Digest of the loss of data that people let happen."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A question to people: may this value (or this commit, for a promoted enver) in? It stays as it was asked."""

    content: RunInput
    gate: str | None
    """The team that approves; None: whoever deploys the enver."""
    root: int
    """The wave from outside that it goes back to."""
    at: float


@dataclass(frozen=True, slots=True)
class Pin:
    """What an enver is held at until it is released: the inputs of an earlier run."""

    run: int
    fingerprint: Fingerprint
    inputs: tuple[RunInput, ...]
    assembly: str | None
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing new starts in its scope meanwhile."""

    by: str
    why: str
    until: float | None
    """Seconds since the epoch; None: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class Departure:
    """An enver that left the contracts is being removed, as soon as nobody else runs with what it publishes."""

    by: str
    under_way: bool = False
    began: float = 0.0
    """When its stacks began to be removed: what is said of an earlier time counts no more."""
    failure: str = ""
    """Why its stacks could not be removed, until somebody asks again."""


@dataclass(frozen=True, slots=True)
class Settling:
    """How many passes a cycle has had for the newest wave from outside that reached it."""

    root: int
    passes: int = 0
    moved: tuple[str, ...] = ()
    """What still moved after the last pass that it may have: it does not settle."""


@dataclass(frozen=True, slots=True)
class Following:
    """What a promoted enver takes over by itself, since a plan said so."""

    commit: str
    contracts: str
    """The slice of the contracts that goes with it."""
    content: str = ""

    def is_of(self, deployed: Fingerprint, contracts: str) -> bool:
        """Whether this is what the origin runs now, and what the contracts say now."""
        said = Fingerprint(self.commit, self.contracts, (), self.content)
        return said.has_source_of(deployed) and self.contracts == contracts


@dataclass(slots=True)
class Enver:
    """One enver as recorded."""

    address: str
    commit: str = ""
    """Head: the source it should run."""
    contracts: str = ""
    """The slice of the contracts that it should run under."""
    deployed: Fingerprint | None = None
    """What surely runs; None: nothing, or unknown."""
    unknown: bool = False
    """A run ended so that nobody knows what runs; the next success settles it."""
    consumed: tuple[RunInput, ...] = ()
    """The inputs of the last successful run."""
    consumed_under: str = ""
    """The slice of the contracts by which it had them."""
    assembly: str | None = None
    leases: frozenset[ValueRef] = frozenset()
    """Values that it runs with or may run with."""
    owes: frozenset[int] = frozenset()
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
    offers: dict[str, Offer] = field(default_factory=dict[str, Offer])
    """Input name → the open question about it; `""` is about the revision of a promoted enver, `LOSS` about data."""
    rejected: dict[str, str] = field(default_factory=dict[str, str])
    """Input name → identity of what was turned down; the same is not asked again."""
    pin: Pin | None = None
    retries: int = 0
    """How often it was tried again since its last success."""
    retry_at: float | None = None
    """When its failed run is tried again by itself."""
    root: int = 0
    """The wave from outside that its last success goes back to."""
    allowed: str = ""
    """Digest of the loss of data that people let happen, until it has happened."""
    account: str = ""
    """Where its last run deployed it."""
    region: str = ""
    stage: str = ""
    replicated: tuple[str, ...] = ()
    """Other regions that its values are written to."""
    departure: Departure | None = None
    removed: bool = False
    """Nothing of it is left; a run makes it anew."""
    follows: Following | None = None
    """What it takes over once its origin runs it."""
    deployed_by: int = 0
    """The run whose inputs `deployed` are; 0 where nobody knows."""
    content: str = ""
    """Id of the trees that its build reads at its commit; empty when nobody noted it."""
    subject: str = ""
    """What its commit says of itself."""
    lookups: tuple[tuple[str, str], ...] = ()
    """What its app looked up: its next run keeps these answers."""
    stacks: Stacks = field(default_factory=Stacks)


@dataclass(slots=True)
class Wave:
    """Everything that one change reaches over automatic wires."""

    id: int
    cause: str
    by: str
    at: float
    plan: str
    roots: tuple[str, ...]
    open: int = 0
    """How many envers still owe it."""
    root: int = 0
    """The wave from outside that it goes back to: itself, but for passes of cycles and opened gates."""
    interactive: bool = True
    """Somebody waits for it."""
    why: str = ""
    """What whoever approved it said."""


@dataclass(slots=True)
class Standing:
    """What is in force until somebody says otherwise."""

    contracts: str = ""
    """Digest."""
    observed: int = 0
    """When the contracts were read."""
    pauses: dict[str, Pause] = field(default_factory=dict[str, Pause])
    """By scope: an enver's address, `team:<name>`, or `*`."""
    settling: dict[str, Settling] = field(default_factory=dict[str, Settling])
    """By cycle."""
    first: int = 1
    """Numbers of runs, waves and versions below this one may have been given away before the state was restored from a
    backup."""
    stages: tuple[str, ...] = ()
    """In their declared order."""


@dataclass(slots=True)
class Dirty:
    """What changed since the projections were last written."""

    envers: dict[str, Enver] = field(default_factory=dict[str, Enver])
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    values: dict[ValueRef, Value] = field(default_factory=dict[ValueRef, Value])
    waves: dict[int, Wave] = field(default_factory=dict[int, Wave])
    standing: bool = False
    settled: list[str] = field(default_factory=list[str])
    """Envers at which waves ended without a run."""


@dataclass(slots=True)
class State:
    """The whole, at one position of the log. What has ended (runs, retired values, settled waves) is not in it."""

    position: int = 0
    now: float = field(default=0.0, compare=False)
    """The latest time of any event; a clock that goes back does not take the state along."""
    next_run: int = 1
    next_wave: int = 1
    envers: dict[str, Enver] = field(default_factory=dict[str, Enver])
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    values: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    """Per product, oldest first; the current one is last."""
    versions: dict[str, int] = field(default_factory=dict[str, int])
    """The highest version ever given, per product."""
    waves: dict[int, Wave] = field(default_factory=dict[int, Wave])
    owing: dict[str, None] = field(default_factory=dict[str, None])
    """Index: envers that owe a wave, so that a message costs what it affects."""
    leased: dict[ValueRef, set[str]] = field(default_factory=dict[ValueRef, set[str]])
    """Index: who runs, or may run, with a value."""
    superseded: dict[ValueRef, None] = field(default_factory=dict[ValueRef, None])
    """Index: values that wait for their last consumer, or for the grace after it."""
    leaving: dict[str, None] = field(default_factory=dict[str, None])
    """Index: envers that are to be removed."""
    clearing: dict[str, None] = field(default_factory=dict[str, None])
    """Index: envers with stacks that left their app and are to be removed, or are being removed."""
    standing: Standing = field(default_factory=Standing)
    agenda: Agenda = field(default_factory=Agenda, compare=False)
    dirty: Dirty = field(default_factory=Dirty, compare=False)

    @staticmethod
    def restore(
        position: int,
        *,
        next_run: int,
        next_wave: int,
        versions: Mapping[str, int],
        envers: Iterable[Enver],
        runs: Iterable[Run],
        values: Iterable[Value],
        waves: Iterable[Wave],
        standing: Standing,
    ) -> State:
        """A state from its projections: all envers, and the runs, values and waves that have not ended."""
        state = State(position, versions=dict(versions), standing=standing)
        state.next_run, state.next_wave = max(next_run, standing.first), max(next_wave, standing.first)
        state.envers = {enver.address: enver for enver in envers}
        state.runs = {run.id: run for run in runs}
        state.waves = {wave.id: wave for wave in waves}
        for value in sorted(values, key=lambda value: value.ref):
            state.values.setdefault(value.product, []).append(value)
            if value.status is ValueStatus.SUPERSEDED:
                state.superseded[value.ref] = None
                state.agenda.values[value.ref] = None
        for enver in state.envers.values():
            if enver.owes:
                state.owing[enver.address] = None
            if enver.departure is not None:
                state.leaving[enver.address] = None
            state.note_leftovers(enver)
            for ref in enver.leases:
                state.leased.setdefault(ref, set()).add(enver.address)
        state.agenda.everything = True
        return state

    def current(self, product: str) -> Value | None:
        """The newest value of a product, or None while it was never published."""
        values = self.values.get(product)
        return values[-1] if values and values[-1].status is ValueStatus.CURRENT else None

    def value(self, ref: ValueRef) -> Value | None:
        """A value that is not retired yet."""
        return next((v for v in self.values.get(ref.product, ()) if v.version == ref.version), None)

    def made_by(self, enver: str) -> list[Value]:
        """The values of an enver's products that are not retired."""
        begins = f"{enver}/"
        return [value for product, values in self.values.items() if product.startswith(begins) for value in values]

    def quiet(self) -> bool:
        """Whether nothing is under way: no run, none to be tried again, no retirement, no removal."""
        retiring = any(v.status is ValueStatus.RETIRING for values in self.values.values() for v in values)
        again = any(enver.retry_at is not None for enver in self.envers.values())
        scheduled = any(self.is_scheduled(ref) for ref in self.superseded)
        return not (self.runs or again or retiring or self.removing() or scheduled)

    def removing(self) -> bool:
        """Whether stacks of envers that left the contracts, or stacks that left an app, are being removed."""
        leaving, clearing = (map(self.envers.__getitem__, index) for index in (self.leaving, self.clearing))
        return any(one.departure and one.departure.under_way for one in leaving) or any(
            one.stacks.clearing for one in clearing
        )

    def note_leftovers(self, enver: Enver) -> None:
        """Keeps the index of envers with stacks to be removed."""
        if enver.stacks.to_clear() or enver.stacks.clearing:
            self.clearing[enver.address] = None
        else:
            self.clearing.pop(enver.address, None)

    def is_scheduled(self, ref: ValueRef) -> bool:
        """Whether a superseded value is in the grace before its retirement."""
        value = self.value(ref)
        return value is not None and value.retire_at is not None
