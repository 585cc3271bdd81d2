"""What the scheduler knows. `evolve` alone changes it, in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.agenda import Agenda
from odmd.control.scheduler.approvals import Delegation, first_due
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing new starts in its scope meanwhile."""

    by: Actor
    why: str
    until: float | None
    """Seconds since the epoch; None: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An answer that something can be deployed, held for who got it: others are answered as if it ran already."""

    id: str
    by: Actor
    at: float
    until: float
    """Seconds since the epoch."""
    commit: str
    """Empty: what the contracts say."""
    slice: str
    """Of the contracts."""
    schemas: tuple[tuple[str, str], ...]
    """(lasting name, digest of the document)."""


@dataclass(frozen=True, slots=True)
class Settling:
    """How many passes a cycle has had for the newest wave from outside that reached it."""

    root: int
    passes: int = 0
    moved: tuple[str, ...] = ()
    """What still moved after the last pass that it may have: it does not settle."""


@dataclass(slots=True)
class Wave:
    """Everything that one change reaches over automatic wires."""

    id: int
    cause: str
    by: Actor
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
    holds: dict[str, Hold] = field(default_factory=dict[str, Hold])
    """By enver, also those that are over."""
    delegations: dict[str, Delegation] = field(default_factory=dict[str, Delegation])
    """By team and name, also those that are over."""
    frozen: dict[str, float] = field(default_factory=dict[str, float])
    """Declared freezes that began → when they end: one that somebody ended does not begin again."""

    def held(self, at: float) -> dict[str, Hold]:
        """Enver → the answer that is held for somebody then."""
        return {enver: hold for enver, hold in self.holds.items() if hold.until > at}


@dataclass(slots=True)
class Dirty:
    """What changed since the projections were last written."""

    envers: dict[str, Enver] = field(default_factory=dict[str, Enver])
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    values: dict[ValueRef, Value] = field(default_factory=dict[ValueRef, Value])
    waves: dict[int, Wave] = field(default_factory=dict[int, Wave])
    clones: dict[str, KeptClones | None] = field(default_factory=dict[str, "KeptClones | None"])
    """By the address of the first; None: nothing is left of them."""
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
    """Index: envers with units that left their app and are to be removed, or are being removed."""
    clones: dict[str, KeptClones] = field(default_factory=dict[str, KeptClones])
    """Made on demand, by the address of the first of a set."""
    clones_of: dict[str, str] = field(default_factory=dict[str, str])
    """Index: clone → the first of its set."""
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
        clones: Iterable[KeptClones] = (),
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
        for kept in clones:
            state.keep_clones(kept)
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
        """Whether units of envers that left the contracts, or units that left an app, are being removed."""
        leaving, clearing = (map(self.envers.__getitem__, index) for index in (self.leaving, self.clearing))
        return any(one.departure and one.departure.under_way for one in leaving) or any(
            one.units.clearing for one in clearing
        )

    def keep_clones(self, kept: KeptClones) -> None:
        """As they are now."""
        self.clones[kept.address] = kept
        self.clones_of.update(dict.fromkeys(kept.set.addresses, kept.address))
        self.note_clones(kept)

    def note_clones(self, kept: KeptClones) -> None:
        """Keeps the time at which something happens by itself to clones, and that less may be left of them."""
        if (due := kept.due()) is not None:
            self.agenda.clones.put(kept.address, due)
        else:
            self.agenda.clones.drop(kept.address)
        if kept.ended:
            self.agenda.ended_clones[kept.address] = None

    def forget_clones(self, address: str) -> None:
        """Nothing is left of them."""
        kept = self.clones.pop(address)
        for one in kept.set.addresses:
            self.clones_of.pop(one, None)
        self.agenda.clones.drop(address)

    def note_questions(self, enver: Enver) -> None:
        """Keeps the time at which something happens by itself to what an enver asks."""
        if due := first_due(enver):
            self.agenda.questions.put(enver.address, due)
        else:
            self.agenda.questions.drop(enver.address)

    def note_leftovers(self, enver: Enver) -> None:
        """Keeps the index of envers with units to be removed."""
        if enver.units.to_clear() or enver.units.clearing:
            self.clearing[enver.address] = None
        else:
            self.clearing.pop(enver.address, None)

    def is_scheduled(self, ref: ValueRef) -> bool:
        """Whether a superseded value is in the grace before its retirement."""
        value = self.value(ref)
        return value is not None and value.retire_at is not None
