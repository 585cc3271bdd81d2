"""What the scheduler knows. `evolve` alone changes it, in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from odmd.plan.fingerprint import Fingerprint


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
    leftover: str = ""
    """Why its resource could not be removed when it was retired."""

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
    finished_at: float | None = None
    error: str = ""
    assembly: str | None = None
    """Digest of the stored assembly: the one to reuse at the start, the one deployed at the end."""
    published: tuple[ValueRef, ...] = ()


@dataclass(slots=True)
class Enver:
    """One enver as recorded."""

    address: str
    commit: str = ""
    """Head: the source it should run."""
    contracts: str = ""
    """The slice of the contracts that it should run under."""
    deployed: Fingerprint | None = None
    """What surely runs; None: nothing, or unknown after an unclean end."""
    consumed: tuple[RunInput, ...] = ()
    """The inputs of the last successful run."""
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


@dataclass(slots=True)
class State:
    """The whole, at one position of the log."""

    position: int = 0
    now: float = 0.0
    next_run: int = 1
    next_wave: int = 1
    envers: dict[str, Enver] = field(default_factory=dict[str, Enver])
    owing: dict[str, None] = field(default_factory=dict[str, None])
    """Envers that owe a wave, so that a message costs what it affects."""
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    """Runs that have not ended."""
    values: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    """Per product its values that are not retired, oldest first; the current one is last."""
    versions: dict[str, int] = field(default_factory=dict[str, int])
    """The highest version ever given, per product."""
    waves: dict[int, Wave] = field(default_factory=dict[int, Wave])
    """Waves that have not settled."""

    def current(self, product: str) -> Value | None:
        """The newest value of a product, or None while it was never published."""
        values = self.values.get(product)
        return values[-1] if values and values[-1].status is ValueStatus.CURRENT else None

    def value(self, ref: ValueRef) -> Value | None:
        """A value that is not retired yet."""
        return next((v for v in self.values.get(ref.product, ()) if v.version == ref.version), None)
