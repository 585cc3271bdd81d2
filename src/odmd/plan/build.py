"""Derives a plan: reads, decides, changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from odmd.graph import EnverNode, Graph, WireEdge, digest
from odmd.model import naming
from odmd.plan.fingerprint import Fingerprint, same_source
from odmd.plan.gates import gates
from odmd.plan.radius import reach
from odmd.plan.reasons import Moved, reasons
from odmd.plan.recorded import Recorded, RecordedEnver, RecordedValue
from odmd.plan.removals import removals
from odmd.plan.stages import Action, Base, FromStep, Gate, Held, Known, Plan, PlanStage, Step, StepInput
from odmd.plan.targets import with_what_they_need
from odmd.plan.wiring import Wiring, promoted_from

_NOTHING: Final = RecordedEnver(deployed=None, versions={}, unknown=False)


@dataclass(frozen=True, slots=True)
class Limited:
    """Which part of everything that could be done is wanted."""

    targets: Collection[str] = ()
    """Only these envers, by address, and what they need; none means all."""
    only_values: bool = False
    """No new source and no new contracts."""


_UNLIMITED: Final = Limited()


def build_plan(
    graph: Graph,
    recorded: Recorded,
    heads: Mapping[str, str],
    limited: Limited = _UNLIMITED,
    wiring: Wiring | None = None,
    anew: Collection[str] = (),
    contents: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """The stages that bring the envers of the graph to their heads and their newest inputs.

    Args:
        heads: the commit to run for every enver on a branch or tag; a promoted one takes over its origin's.
        wiring: of the graph, if somebody has it already.
        anew: envers that the contracts moved to another place or build type.
        contents: the id of the trees that an enver reads at its head, where it is known.
    """
    draft = _Draft(graph, wiring or Wiring(graph), recorded, heads, limited, anew, contents)
    for address in draft.wiring.ordered:
        draft.consider(graph.envers[address])
    elsewhere = {*draft.left_out, *(held.enver for held in draft.held)}
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
        removals=removals(graph, recorded),
        reach=reach(draft.wiring, [address for address, step in draft.step_of.items() if step.certain]),
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an enver is to run."""

    commit: str
    """Empty while a promoted enver has to wait for it."""
    contracts: str
    source: int = 0
    """The step that brings the commit."""
    content: str = ""

    @property
    def fingerprint(self) -> Fingerprint:
        """But for its values."""
        return Fingerprint(self.commit, self.contracts, (), self.content)

    def runs_in(self, deployed: Fingerprint) -> bool:
        """Whether the source and the contracts are those of what runs."""
        return deployed.has_source_of(self.fingerprint) and deployed.contracts == self.contracts


@dataclass(slots=True)
class _Draft:
    graph: Graph
    wiring: Wiring
    recorded: Recorded
    heads: Mapping[str, str]
    limited: Limited
    anew: Collection[str]
    contents: Mapping[str, str]
    step_of: dict[str, Step] = field(default_factory=dict[str, Step])
    from_step: dict[str, FromStep] = field(default_factory=dict[str, FromStep])
    """By producer; one for all of its wires."""
    stage_of: dict[str, int] = field(default_factory=dict[str, int])
    stages: dict[int, list[Step]] = field(default_factory=dict[int, list[Step]])
    gates: list[Gate] = field(default_factory=list[Gate])
    held: list[Held] = field(default_factory=list[Held])
    left_out: list[str] = field(default_factory=list[str])
    wanted: Collection[str] | None = None
    """The targets and what they need; None: everybody."""

    def __post_init__(self) -> None:
        if self.limited.targets:
            self.wanted = with_what_they_need(self.wiring, self.limited.targets)

    def consider(self, enver: EnverNode) -> None:
        """Adds the enver's step, if it has one; whom it waits for was considered before."""
        address = enver.address
        recorded = self.recorded.envers.get(address, _NOTHING)
        if recorded.held is not None:
            self.held.append(Held(address, recorded.held))
            return
        wanted = self._wanted(enver, recorded)
        certain = self._certain_reasons(enver, recorded, wanted)
        if certain and not self._is_asked_for(enver, recorded, wanted):
            self.left_out.append(address)
            wanted, certain = _as_it_is(recorded), []
        if address in self.wiring.asking:
            self.gates += gates(self.wiring, enver, self.recorded, self.from_step)
            if self._only_waits(address, recorded, wanted):
                return
        if found := certain or (self._possible_reasons(address) if wanted.commit else ()):
            self._add(enver, recorded, wanted, bool(certain), found)

    def _only_waits(self, address: str, recorded: RecordedEnver, wanted: _Wanted) -> bool:
        """Whether all was told already, and nothing but an approval is missing."""
        known = same_source((recorded.commit, recorded.content), (wanted.commit, wanted.content))
        if not known or recorded.contracts != wanted.contracts:
            return False
        asking = (wire for wire, latch in self.wiring.inputs[address] if latch and wire.mode != "automatic")
        return any(wire.placeholder is None and wire.name not in recorded.picked for wire in asking)

    def _wanted(self, enver: EnverNode, recorded: RecordedEnver) -> _Wanted:
        contracts = self.graph.slice(enver.address)
        if not (origin := promoted_from(enver)):
            return _Wanted(self.heads[enver.address], contracts, content=self.contents.get(enver.address, ""))
        if enver.approver is not None:
            return _Wanted(recorded.commit, contracts, content=recorded.content)
        if (step := self.step_of.get(origin)) is not None:
            return _Wanted(step.commit, contracts, step.number, step.content)
        runs = self.recorded.envers.get(origin, _NOTHING).deployed or recorded
        return _Wanted(runs.commit, contracts, content=runs.content)

    def _certain_reasons(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> list[str]:
        if not wanted.commit:
            return []
        found = [f"its last run failed: {recorded.failure.splitlines()[0]}"] if recorded.failure else []
        moved = self._moved(enver.address, recorded, recorded.deployed) if recorded.deployed else ()
        found += reasons(recorded.deployed, recorded.unknown, wanted.fingerprint, moved)
        if found and enver.origin and recorded.deployed is None:
            found.append(f"a clone of {naming.enver_label(enver.origin)}")
        return found

    def _moved(self, address: str, recorded: RecordedEnver, deployed: Fingerprint) -> Iterator[Moved]:
        consumed = dict(deployed.values)
        for wire, latch in self.wiring.inputs[address]:
            value = self._let_in(wire, latch, recorded)
            if value is not None and consumed.get(wire.name, value.identity) != value.identity:
                yield Moved(wire.name, recorded.versions.get(wire.name, 0), value.version)

    def _let_in(self, wire: WireEdge, latch: bool, recorded: RecordedEnver) -> RecordedValue | None:
        """What a wire hands over now. A cycle's placeholder gives way by itself, in a pass."""
        if latch and wire.mode != "automatic":
            return recorded.picked.get(wire.name)
        return self.recorded.values.get(wire.product)

    def _is_asked_for(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> bool:
        if self.wanted is not None and enver.address not in self.wanted:
            return False
        return not self.limited.only_values or self._action(enver, recorded, wanted) is Action.VALUES

    def _possible_reasons(self, address: str) -> Sequence[str]:
        by_producer: dict[str, list[str]] = {}
        for wire, latch in self.wiring.inputs[address]:
            if not latch and wire.producer in self.step_of:
                by_producer.setdefault(wire.producer, []).append(wire.name)
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
        step = Step(
            number=len(self.step_of) + 1,
            enver=address,
            action=self._action(enver, recorded, wanted),
            certain=certain,
            commit=wanted.commit,
            content=wanted.content,
            contracts=wanted.contracts,
            inputs=self._inputs(address, recorded),
            reasons=tuple(why),
            source=wanted.source,
            settles=len(self.wiring.cycles[cycle].wires) if cycle else 0,
        )
        stage = 1
        for other in self.wiring.upstream[address]:
            stage = max(stage, self.stage_of.get(other, 0) + 1)
        if origin := promoted_from(enver):
            stage = max(stage, self.stage_of.get(origin, 0) + 1)
        self.step_of[address], self.from_step[address], self.stage_of[address] = step, FromStep(step.number), stage
        self.stages.setdefault(stage, []).append(step)

    def _action(self, enver: EnverNode, recorded: RecordedEnver, wanted: _Wanted) -> Action:
        if (deployed := recorded.deployed) is None:
            return Action.UPDATE if recorded.unknown else Action.ADOPT if recorded.adopts else Action.CREATE
        if enver.address in self.anew:
            return Action.REPLACE
        if wanted.runs_in(deployed):
            return Action.VALUES
        moves = not deployed.has_source_of(wanted.fingerprint)
        return Action.PROMOTE if moves and promoted_from(enver) else Action.UPDATE

    def _inputs(self, address: str, recorded: RecordedEnver) -> tuple[StepInput, ...]:
        given: list[StepInput] = []
        for wire, latch in self.wiring.inputs[address]:
            source = None if latch else self.from_step.get(wire.producer)
            given.append(StepInput(wire.name, wire.product, wire.kind, source or self._known(wire, latch, recorded)))
        return tuple(given)

    def _known(self, wire: WireEdge, latch: bool, recorded: RecordedEnver) -> Known:
        value = self._let_in(wire, latch, recorded)
        return Known(0, wire.placeholder or "") if value is None else Known(value.version, value.text)

    def base(self) -> Base:
        """What the steps rest on, and nothing else."""
        left_out, values = set(self.left_out), self.recorded.values
        steps = [step for address, step in self.step_of.items() if address not in left_out]
        known = {given.product for step in steps for given in step.inputs if given.source.__class__ is Known}
        envers = self.recorded.envers
        return Base(
            heads={step.enver: step.commit for step in steps if not step.source},
            slices={step.enver: step.contracts for step in steps},
            values={product: values[product].identity for product in sorted(known) if product in values},
            deployed={step.enver: deployed_digest(envers.get(step.enver)) for step in steps},
            contents={step.enver: step.content for step in steps if step.content and not step.source},
        )


def deployed_digest(recorded: RecordedEnver | None) -> str:
    """A short name for what surely runs; empty where nothing does."""
    deployed = recorded.deployed if recorded else None
    return digest((deployed.source, deployed.contracts, deployed.values))[7:19] if deployed else ""


def _as_it_is(recorded: RecordedEnver) -> _Wanted:
    """What an enver that is left out runs with, should a wave reach it: what it was told last."""
    if recorded.deployed is None:
        return _Wanted("", "")
    told = recorded if recorded.commit else recorded.deployed
    return _Wanted(told.commit, recorded.contracts or recorded.deployed.contracts, content=told.content)
