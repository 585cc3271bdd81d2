"""Derives a plan: reads, decides, changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from odmd.graph import EnverNode, Graph, WireEdge, digest
from odmd.model import naming
from odmd.plan.carried_out import beyond
from odmd.plan.clones import ClonesWish
from odmd.plan.commits import NOTHING_SAID, CommitSaid
from odmd.plan.editions import Inlet, inlets, is_earlier
from odmd.plan.fingerprint import Fingerprint, same_source
from odmd.plan.gates import OF_CHANGES, changes_asked_of, gates
from odmd.plan.radius import reach
from odmd.plan.reasons import Moved, reasons
from odmd.plan.recorded import Recorded, RecordedEnver, RecordedValue
from odmd.plan.removals import leaving, removals
from odmd.plan.run_steps import RunMode, RunStep, begins_with, live_steps
from odmd.plan.settings import NO_SETTINGS, NOTHING_PRIVATE, PlannedSettings, Private
from odmd.plan.stages import (
    Base,
    Beyond,
    FromStep,
    Gate,
    Held,
    Known,
    Plan,
    PlanStage,
    Sourceless,
    Step,
    StepAction,
    StepInput,
    Unreadable,
)
from odmd.plan.targets import with_what_they_need
from odmd.plan.wiring import Wiring, promoted_from

_NEWS: Final = "what is new"
_AGAIN: Final = "what is only tried again"
"""The waves that a plan opens, beside one for each promotion: what fails or waits in one holds up nothing in others."""
_NOTHING: Final = RecordedEnver(deployed=None, versions={}, unknown=False)


@dataclass(frozen=True, slots=True)
class Limited:
    """Which part of everything that could be done is wanted."""

    targets: Collection[str] = ()
    """Only these envers, by address, and what they need; none means all."""
    only_values: bool = False
    """No new source and no new contracts."""
    look_up: bool = False
    """The targets, or all, look up again what they looked up before."""
    alone: bool = False
    """Without what they need: that stays as it is."""
    clones: ClonesWish | None = None
    """Clones that are to be made or deleted; it is about them then, and about nobody else."""


_UNLIMITED: Final = Limited()


def build_plan(
    graph: Graph,
    recorded: Recorded,
    heads: Mapping[str, str],
    limited: Limited = _UNLIMITED,
    wiring: Wiring | None = None,
    anew: Collection[str] = (),
    contents: Mapping[str, str] = MappingProxyType({}),
    unreadable: Collection[Unreadable] = (),
    said: Mapping[str, CommitSaid] = MappingProxyType({}),
    private: Private = NOTHING_PRIVATE,
) -> Plan:
    """The stages that bring the envers of the graph to their heads and their newest inputs.

    Args:
        heads: the commit to run for every enver on a branch or tag; a promoted one takes over its origin's. Of an enver
            that the plan is not about nobody needs to know it.
        wiring: of the graph, if somebody has it already.
        anew: envers that the contracts moved to another place or build type.
        contents: the id of the trees that an enver reads at its head, where it is known.
        unreadable: envers whose head, or what is there, cannot be read, or whose settings cannot.
        said: what commits say of themselves, where it is known.
        private: config and secrets.
    """
    unread = {one.enver for one in unreadable}
    draft = _Draft(graph, wiring or Wiring(graph), recorded, heads, limited, anew, contents, unread, said, private)
    for address in draft.wiring.ordered:
        draft.consider(graph.envers[address])
    moving = [address for address, step in draft.step_of.items() if step.certain]
    whole = not (limited.targets or limited.only_values)
    elsewhere = {*draft.left_out, *(one.enver for one in (*draft.held, *draft.beyond, *unreadable))}
    return Plan(
        organisation=graph.organisation,
        contracts=graph.digest(),
        stages=tuple([PlanStage(number, tuple(steps)) for number, steps in sorted(draft.stages.items())]),
        unchanged=tuple([one for one in graph.envers if one not in draft.step_of and one not in elsewhere]),
        base=draft.base(),
        targets=tuple(sorted(limited.targets)),
        only_values=limited.only_values,
        left_out=tuple(draft.left_out),
        gates=tuple(draft.gates),
        held=tuple(draft.held),
        beyond=tuple(draft.beyond),
        sourceless=tuple(draft.sourceless),
        unreadable=tuple(sorted(unreadable)),
        removals=removals(graph, recorded, limited.targets),
        leaving=tuple(leaving(graph, recorded, moving, whole=whole)),
        reach=reach(draft.wiring, moving),
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an enver is to run."""

    commit: str
    """Empty while a promoted enver has to wait for it."""
    slice: str
    source: int = 0
    """The step that brings the commit."""
    content: str = ""
    held: int = 0
    """The earlier run whose inputs these are."""
    lookups: tuple[tuple[str, str], ...] = ()
    settings: PlannedSettings = NO_SETTINGS

    @property
    def fingerprint(self) -> Fingerprint:
        """But for its values."""
        made_of = self.commit, self.slice, (), self.content
        return Fingerprint(*made_of, lookups=self.lookups, settings=self.settings)

    def runs_in(self, deployed: Fingerprint) -> bool:
        """Whether the source and the contracts are those of what runs."""
        return deployed.has_source_of(self.fingerprint) and deployed.slice == self.slice

    def tries(self, failed: Fingerprint) -> bool:
        """Whether it is what was tried and failed, but for values."""
        return self.runs_in(failed) and failed.settings == self.settings

    def is_told(self, recorded: RecordedEnver) -> bool:
        told = same_source((recorded.commit, recorded.content), (self.commit, self.content))
        return told and (recorded.slice, recorded.settings) == (self.slice, self.settings)


@dataclass(slots=True)
class _Draft:
    graph: Graph
    wiring: Wiring
    recorded: Recorded
    heads: Mapping[str, str]
    limited: Limited
    anew: Collection[str]
    contents: Mapping[str, str]
    unread: Collection[str]
    said: Mapping[str, CommitSaid]
    private: Private
    step_of: dict[str, Step] = field(default_factory=dict[str, Step])
    from_step: dict[str, FromStep] = field(default_factory=dict[str, FromStep])
    """By producer; one for all of its wires."""
    brings: dict[str, FromStep] = field(default_factory=dict[str, FromStep])
    """By enver: the step that surely brings it to other source or contracts."""
    stage_of: dict[str, int] = field(default_factory=dict[str, int])
    stages: dict[int, list[Step]] = field(default_factory=dict[int, list[Step]])
    waves: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By enver: which of the waves reach it that the plan will open."""
    held_up: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By enver: which of these get no further."""
    gates: list[Gate] = field(default_factory=list[Gate])
    held: list[Held] = field(default_factory=list[Held])
    beyond: list[Beyond] = field(default_factory=list[Beyond])
    left_out: list[str] = field(default_factory=list[str])
    sourceless: list[Sourceless] = field(default_factory=list[Sourceless])
    stays: set[str] = field(default_factory=set[str])
    """Those that go on with what they run, should a wave reach them."""
    wanted: Collection[str] | None = None
    """The targets and what they need; None: everybody."""

    def __post_init__(self) -> None:
        if self.limited.alone:
            self.wanted = self.limited.targets
        elif self.limited.targets:
            self.wanted = with_what_they_need(self.wiring, self.limited.targets)

    def consider(self, enver: EnverNode) -> None:
        """Adds the enver's step, if it has one; whom it waits for was considered before."""
        recorded = self.recorded.envers.get(enver.address, _NOTHING)
        if why := "; ".join(beyond(enver)):
            self.beyond.append(Beyond(enver.address, why))
        elif recorded.held is not None and recorded.held_at in (None, recorded.deployed):
            self.held.append(Held(enver.address, recorded.held))
        else:
            wanted = self._wanted(enver, recorded)
            kept = wanted.lookups if wanted.held else self._kept(enver.address, recorded)
            self._consider(enver, recorded, replace(wanted, lookups=kept, settings=self._settings(enver, wanted)))

    def _consider(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> None:
        address = enver.address
        certain = self._certain_reasons(enver, recorded, wanted)
        unread = address in self.unread and not wanted.held
        left_out = not self._is_asked_for(enver, recorded, wanted) and bool(certain or not wanted.commit)
        if left_out and not unread and (certain or not self.limited.alone):  # whose head nobody read may have no step
            self.left_out.append(address)
        if left_out or unread:
            self.stays.add(address)
            wanted, certain = _as_it_is(enver, recorded), []
        if address in self.wiring.asking and not wanted.held:
            self.gates += gates(self.wiring, enver, self.recorded, self.from_step, self.brings)
        elif not wanted.commit and wanted.settings != recorded.settings:
            self.sourceless.append(Sourceless(address, wanted.slice, wanted.settings))
        self._enter_wave(address, recorded, wanted, bool(certain))
        if found := certain or (self._possible_reasons(address, recorded, wanted) if wanted.commit else ()):
            self._add(enver, recorded, wanted, bool(certain), found)
        self.held_up[address] = self._held_up(address, recorded, wanted)

    def _wanted(self, enver: EnverNode, recorded: RecordedEnver) -> _Wanted:
        slice = self.graph.slice(enver.address)
        if recorded.held is not None and (to := recorded.held_at) is not None:
            made_of = to.commit, to.slice, 0, to.content
            return _Wanted(*made_of, recorded.held, to.lookups, to.settings)
        if not promoted_from(enver):
            if (head := self.heads.get(enver.address)) is None:
                return replace(_as_it_is(enver, recorded), slice=slice)
            return _Wanted(head, slice, content=self.contents.get(enver.address, ""))
        return _as_it_is(enver, recorded) if enver.approver is not None else self._taken_over(enver, recorded, slice)

    def _settings(self, enver: EnverNode, wanted: _Wanted) -> PlannedSettings:
        """Its own, whoever it has its source from."""
        if wanted.held:
            return wanted.settings
        return self.private.settings.get(enver.address, NO_SETTINGS)

    def _kept(self, address: str, recorded: RecordedEnver) -> tuple[tuple[str, str], ...]:
        """The answers that its next run keeps."""
        again = self.limited.look_up and address in (self.limited.targets or (address,))
        return () if again else recorded.lookups

    def _taken_over(self, enver: EnverNode, recorded: RecordedEnver, slice: str) -> _Wanted:
        """What its origin runs under these slice and has baked, or will; else all stays as it is, its slice too."""
        origin = promoted_from(enver)
        step = self.step_of[origin] if origin in self.brings else None
        if step is not None and step.slice == self.graph.slice(origin):
            has = same_source((recorded.commit, recorded.content), (step.commit, step.content))
            brings = 0 if has and recorded.slice == slice else step.number  # what it has is handed over no more
            return _Wanted(step.commit, slice, brings, step.content)
        recorded_origin = self.recorded.envers.get(origin, _NOTHING)
        runs = None if recorded_origin.baking else recorded_origin.deployed
        if runs is not None and runs.slice == self.graph.slice(origin):
            return _Wanted(runs.commit, slice, content=runs.content)
        return _as_it_is(enver, recorded)

    def _certain_reasons(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> list[str]:
        if not wanted.commit:
            return []
        found = [f"its last run failed: {recorded.failure.splitlines()[0]}"] if recorded.failure else []
        if wanted.held:
            return [*found, f"it is to be held at run {wanted.held}"]
        moved = self._moved(enver.address, recorded, wanted, recorded.deployed) if recorded.deployed else ()
        goes_to = replace(wanted.fingerprint, subject=self._said(wanted).subject)
        found += reasons(recorded.deployed, recorded.unknown, goes_to, moved, recorded.drifted)
        if found and enver.origin and recorded.deployed is None:
            found.append(f"a clone of {naming.enver_label(enver.origin)}")
        return found

    def _said(self, wanted: _Wanted) -> CommitSaid:
        return self.said.get(wanted.commit, NOTHING_SAID)

    def _moved(self, address: str, recorded: RecordedEnver, wanted: _Wanted, deployed: Fingerprint) -> Iterator[Moved]:
        consumed = dict(deployed.values)
        for name, wire, latch in self._inlets(address, recorded, wanted):
            value = self._let_in(wire, latch, recorded) if wire else None
            if value is not None and consumed.get(name, value.identity) != value.identity:
                yield Moved(name, recorded.versions.get(name, 0), value.version)

    def _inlets(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> Sequence[Inlet]:
        return inlets(self.wiring, address, recorded, wanted.slice)

    def _let_in(self, wire: WireEdge, latch: bool, recorded: RecordedEnver) -> RecordedValue | None:
        """What a wire hands over now. A cycle's placeholder gives way by itself, in a pass."""
        if latch and wire.mode != "automatic":
            return recorded.picked.get(wire.name)
        return self.recorded.values.get(wire.product)

    def _is_asked_for(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> bool:
        if self.wanted is not None and enver.address not in self.wanted:
            return False
        needs_no_source = (StepAction.VALUES, StepAction.LIVE)
        return not self.limited.only_values or self._action(enver, recorded, wanted) in needs_no_source

    def _possible_reasons(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> Sequence[str]:
        by_producer: dict[str, list[str]] = {}
        for name, wire, latch in self._inlets(address, recorded, wanted):
            if wire and not latch and wire.producer in self.step_of:
                by_producer.setdefault(wire.producer, []).append(name)
        return [
            f"only if step {self.step_of[producer].number} ({naming.enver_label(producer)}) "
            f"changes {' or '.join(inputs)}"
            for producer, inputs in by_producer.items()
        ]

    def _add(
        self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted, certain: bool, why: Sequence[str]
    ) -> None:
        address = enver.address
        cycle = self.wiring.cycle(address)
        before = (*self.wiring.upstream[address], promoted_from(enver))
        action = self._action(enver, recorded, wanted)
        step = Step(
            number=len(self.step_of) + 1,
            enver=address,
            action=action,
            certain=certain,
            commit=wanted.commit,
            content=wanted.content,
            subject=self._said(wanted).subject,
            author=self._said(wanted).author,
            slice=wanted.slice,
            inputs=() if wanted.held else tuple(self._inputs(address, recorded, wanted)),
            reasons=tuple(why),
            source=wanted.source,
            settles=len(self.wiring.cycles[cycle].wires) if cycle else 0,
            waits=tuple(self._waits(address, recorded, wanted)),
            told=wanted.is_told(recorded),
            held=wanted.held,
            looks_up=bool(not wanted.lookups and recorded.deployed and recorded.deployed.lookups),
            run_steps=_run_steps(enver, recorded, wanted, action),
            settings=wanted.settings,
            settings_moved=() if wanted.held else self.private.moved.get(address, ()),
        )
        stage = max(self.stage_of.get(other, 0) for other in before) + 1
        self.step_of[address], self.from_step[address], self.stage_of[address] = step, FromStep(step.number), stage
        runs = recorded.deployed
        if certain and not step.waits and (runs is None or not wanted.runs_in(runs)):
            self.brings[address] = FromStep(step.number)
        self.stages.setdefault(stage, []).append(step)
        if certain and (team := changes_asked_of(self.graph, enver)):
            self.gates.append(Gate(address, OF_CHANGES, team, FromStep(step.number)))

    def _waits(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> Iterator[str]:
        """Why a step will not begin when whom it waits for is done; what does not move its source is not waited for."""
        before = self.wiring.upstream[address]
        if address in self.recorded.paused:
            yield self.recorded.paused[address]
        has_all = wanted.held or is_earlier(self.wiring, address, wanted.slice, recorded.consumed_under)
        for wire, latch in () if has_all else self.wiring.inputs[address]:
            if wire.placeholder is None and self._let_in(wire, latch, recorded) is None:
                if latch:
                    yield f"{wire.name} has to be approved"
                elif not self._goes_ahead(wire.producer):
                    yield f"{wire.name} was never published"
        owed = self._owed(address, recorded, wanted)
        if owed and all(self._is_held_up(wave, before) for wave in owed):
            yield from self._in_the_way(owed, before)

    def _in_the_way(self, waves: Collection[str], before: Sequence[str]) -> Iterator[str]:
        others = [other for other in before if self.held_up.get(other, set()).intersection(waves)]
        numbers = [str(self.step_of[other].number) for other in others if other in self.step_of]
        if numbers:
            yield f"step{'s' * (len(numbers) > 1)} {' and '.join(numbers)} wait{'s' * (len(numbers) == 1)}"
        for other in others:
            if other not in self.step_of:
                yield f"{naming.enver_label(other)}, which it waits for, does not begin"

    def _owed(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> set[str]:
        """The waves that an enver takes part in: without source it is a latch, and what gives it one opens its own."""
        if not wanted.commit:
            return set()
        return {address} if wanted.source and not recorded.commit else self.waves[address]

    def _held_up(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> set[str]:
        """The waves that get no further at an enver: it does not begin, or somebody whom it waits for does not."""
        waves, step = self._owed(address, recorded, wanted), self.step_of.get(address)
        if step is not None and step.certain and step.waits:
            return waves
        return {wave for wave in waves if self._is_held_up(wave, self.wiring.upstream[address])}

    def _is_held_up(self, wave: str, before: Sequence[str]) -> bool:
        """Whether somebody whom one waits for is in the same wave, and does not begin."""
        return any(wave in self.held_up.get(other, ()) for other in before)

    def _goes_ahead(self, enver: str) -> bool:
        step = self.step_of.get(enver)
        return step is not None and step.certain and not step.waits

    def _enter_wave(self, address: str, recorded: RecordedEnver, wanted: _Wanted, certain: bool) -> None:
        """Notes the waves that reach an enver: those of its producers, and one that begins at it."""
        reached = {wire.producer for wire, latch in self.wiring.inputs[address] if not latch}
        found = self.waves[address] = {wave for one in reached for wave in self.waves.get(one, ())}
        if certain and wanted.source:
            found.add(address)
        elif certain:
            found.add(
                _AGAIN if recorded.failed is not None and (wanted.held or wanted.tries(recorded.failed)) else _NEWS
            )

    def _action(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> StepAction:
        if (deployed := recorded.deployed) is None:
            return StepAction.UPDATE if recorded.unknown else StepAction.ADOPT if recorded.adopts else StepAction.CREATE
        if enver.address in self.anew:
            return StepAction.REPLACE
        if wanted.fingerprint.is_made_as(deployed):
            return StepAction.LIVE if self._is_live_only(enver, recorded, wanted, deployed) else StepAction.VALUES
        moves = not deployed.has_source_of(wanted.fingerprint)
        return StepAction.PROMOTE if moves and promoted_from(enver) else StepAction.UPDATE

    def _is_live_only(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted, deployed: Fingerprint) -> bool:
        """Whether it needs no deployment, whatever earlier steps bring."""
        if wanted.held and recorded.held_at is not None:
            return recorded.held_at.differs_only_live(deployed)
        inputs = self._inlets(enver.address, recorded, wanted)
        if any(wire and not latch and wire.producer in self.from_step for _, wire, latch in inputs):
            return False
        values = dict(deployed.values)
        for name, wire, latch in inputs:
            value = self._let_in(wire, latch, recorded) if wire else None
            identity = value.identity if value else (wire and wire.placeholder) or values.get(name)
            values[name] = identity or ""
        now = replace(wanted.fingerprint, values=tuple(sorted(values.items())))
        return now.differs_only_live(deployed)

    def _inputs(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> Iterator[StepInput]:
        is_as_it_was = is_earlier(self.wiring, address, wanted.slice, recorded.consumed_under)
        for name, wire, latch in self._inlets(address, recorded, wanted):
            product, had = recorded.consumed[name] if is_as_it_was else ("", None)
            value = self._let_in(wire, latch, recorded) if wire else None
            source = self.from_step.get(wire.producer) if wire and not latch else None
            if wire is None:
                yield StepInput(name, product, "", _known(None, had))
            else:
                yield StepInput(name, wire.product, wire.kind, source or _known(wire, value or had))

    def base(self) -> Base:
        """What the steps rest on, and nothing else."""
        values = self.recorded.values
        steps = [step for address, step in self.step_of.items() if address not in self.stays]
        known = {given.product for step in steps for given in step.inputs if given.source.__class__ is Known}
        return Base(
            heads={step.enver: step.commit for step in steps if not (step.source or step.held)},
            slices={step.enver: step.slice for step in steps if not step.held},
            values={product: values[product].identity for product in sorted(known) if product in values},
            deployed={step.enver: deployed_digest(self.recorded, step.enver) for step in steps},
            paused={step.enver: paused[step.enver] for step in steps if step.enver in (paused := self.recorded.paused)},
            contents={step.enver: step.content for step in steps if step.content and not (step.source or step.held)},
            settings={step.enver: step.settings for step in steps if step.settings and not step.held},
        )


def _way(recorded: RecordedEnver, wanted: _Wanted, action: StepAction) -> tuple[RunMode, tuple[str, ...] | None]:
    """How the step's run will get its recipe, and the units of that, where they are known."""
    if action is StepAction.LIVE:
        return RunMode.LIVE, None
    if wanted.held and recorded.held_kept and recorded.deployed is not None:
        return RunMode.VALUES, None
    if action is StepAction.VALUES and recorded.kept:
        return RunMode.VALUES, recorded.kept_units
    return RunMode.FULL, None


def _run_steps(enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted, action: StepAction) -> tuple[RunStep, ...]:
    mode, kept = _way(recorded, wanted, action)
    deployed = recorded.deployed.settings.live if recorded.deployed else ()
    live = live_steps(mode, wanted.settings.live, deployed, recorded.live)
    return begins_with(enver.type, mode, kept, live, enver.verification.order)


def _known(wire: WireEdge | None, value: RecordedValue | None) -> Known:
    return Known(value.version, value.text) if value else Known(0, (wire and wire.placeholder) or "")


def deployed_digest(recorded: Recorded, enver: str) -> str:
    """A short name for what surely runs, and how that came about; empty where nothing does, or ever did."""
    if (found := recorded.envers.get(enver)) is not None and (runs := found.deployed) is not None:
        made_of = (runs.source, runs.slice, runs.values, found.run)
        return digest((*made_of, *runs.settings.said()))[7:19]
    return f"removed after run {recorded.removed[enver]}" if enver in recorded.removed else ""


def _as_it_is(enver: EnverNode, recorded: RecordedEnver) -> _Wanted:
    """What an enver that stays as it is runs with, should a wave reach it: what it runs, or was let have."""
    runs = recorded.deployed
    settings = recorded.settings if runs is None or recorded.unknown else runs.settings
    of = recorded if runs is None or promoted_from(enver) or recorded.unknown else runs
    return _Wanted(of.commit, of.slice, content=of.content, lookups=of.lookups, settings=settings)
