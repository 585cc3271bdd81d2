"""Derives a plan: reads, decides, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from odmd.graph import EnverNode, Graph, WireEdge
from odmd.model import naming
from odmd.plan.reasons import Moved, reasons
from odmd.plan.recorded import Recorded, RecordedEnver
from odmd.plan.stages import Action, FromStep, Known, Plan, PlanStage, Step, StepInput

_NOTHING = RecordedEnver(deployed=None, versions={}, unknown=False)


def build_plan(graph: Graph, recorded: Recorded, heads: Mapping[str, str]) -> Plan:
    """The stages that bring every enver of the graph to its head and its newest inputs.

    `heads` gives the commit to run for every enver.
    """
    draft = _Draft(graph, recorded, heads)
    for enver in graph.envers.values():
        draft.consider(enver)
    return Plan(
        organisation=graph.organisation,
        contracts=graph.digest(),
        stages=tuple(PlanStage(number, tuple(steps)) for number, steps in sorted(draft.stages.items())),
        unchanged=tuple(address for address in graph.envers if address not in draft.step_of),
        undeclared=tuple(sorted(set(recorded.envers) - set(graph.envers))),
    )


@dataclass(slots=True)
class _Draft:
    graph: Graph
    recorded: Recorded
    heads: Mapping[str, str]
    step_of: dict[str, Step] = field(default_factory=dict[str, Step])
    stage_of: dict[str, int] = field(default_factory=dict[str, int])
    stages: dict[int, list[Step]] = field(default_factory=dict[int, list[Step]])

    def consider(self, enver: EnverNode) -> None:
        """Adds the enver's step, if it has one; its producers were considered before."""
        recorded = self.recorded.envers.get(enver.address, _NOTHING)
        certain = tuple(self._certain_reasons(enver, recorded))
        possible = tuple(self._possible_reasons(enver))
        if not certain and not possible:
            return
        step = Step(
            number=len(self.step_of) + 1,
            enver=enver.address,
            action=self._action(enver, recorded),
            certain=bool(certain),
            commit=self.heads[enver.address],
            contracts=self.graph.slice(enver.address),
            inputs=tuple(self._input(wire) for wire in enver.wires),
            reasons=certain or possible,
        )
        self.step_of[enver.address] = step
        self.stage_of[enver.address] = 1 + max((self.stage_of[other] for other in self._waits_for(enver)), default=0)
        self.stages.setdefault(self.stage_of[enver.address], []).append(step)

    def _waits_for(self, enver: EnverNode) -> Iterator[str]:
        for other in (*(wire.producer for wire in enver.wires), *self.graph.moves_after.get(enver.address, ())):
            if other in self.stage_of:
                yield other

    def _certain_reasons(self, enver: EnverNode, recorded: RecordedEnver) -> Iterator[str]:
        if recorded.failure:
            yield f"its last run failed: {recorded.failure.splitlines()[0]}"
        moved = self._moved(enver, recorded)
        head, contracts = self.heads[enver.address], self.graph.slice(enver.address)
        yield from reasons(recorded.deployed, recorded.unknown, head, contracts, moved)

    def _moved(self, enver: EnverNode, recorded: RecordedEnver) -> Iterator[Moved]:
        consumed = dict(recorded.deployed.values) if recorded.deployed else {}
        for wire in enver.wires:
            value = self.recorded.values.get(wire.product)
            if value and consumed.get(wire.name, value.identity) != value.identity:
                yield Moved(wire.name, recorded.versions.get(wire.name, 0), value.version)

    def _possible_reasons(self, enver: EnverNode) -> Iterator[str]:
        by_producer: dict[str, list[str]] = {}
        for wire in enver.wires:
            if wire.producer in self.step_of and wire.mode == "automatic":
                by_producer.setdefault(wire.producer, []).append(wire.name)
        for producer, inputs in by_producer.items():
            step = self.step_of[producer]
            yield f"only if step {step.number} ({naming.enver_label(producer)}) changes {' or '.join(inputs)}"

    def _action(self, enver: EnverNode, recorded: RecordedEnver) -> Action:
        if recorded.deployed is None:
            return Action.UPDATE if recorded.unknown else Action.CREATE
        deployed, wanted = recorded.deployed, (self.heads[enver.address], self.graph.slice(enver.address))
        same = (deployed.commit, deployed.contracts) == wanted
        return Action.VALUES if same else Action.UPDATE

    def _input(self, wire: WireEdge) -> StepInput:
        if wire.producer in self.step_of:
            return StepInput(wire.name, wire.product, FromStep(self.step_of[wire.producer].number))
        if (value := self.recorded.values.get(wire.product)) is not None:
            return StepInput(wire.name, wire.product, Known(value.version, value.text))
        return StepInput(wire.name, wire.product, Known(0, wire.placeholder or ""))
