"""What is imagined: who is pushed, what fails, what changes, how long an approver takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from odmd.control.scheduler.questions import Question, called
from odmd.graph import Graph, WireEdge
from odmd.simulate.clock import Ending, ImaginedFreeze, Push, Starting
from odmd.simulate.durations import Duration, Durations, chance


@dataclass(frozen=True, slots=True)
class Scenario:
    """One imagined course of events; chances are between 0 and 1."""

    pushes: tuple[Push, ...]
    only: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Envers of which only these products change when their own source does."""
    fails: frozenset[str] = frozenset()
    """Envers whose runs fail, each time."""
    changes: float = 1.0
    """The chance that a product changes when the source or the contracts of its enver do."""
    ripple: float = 0.0
    """The chance that a product changes when only values that its enver consumes do."""
    approver: Duration | None = None
    """How long an approver takes; None: nobody approves."""
    seed: int = 1
    speed: Mapping[str, float] = field(default_factory=dict[str, float])
    """Envers whose runs take this many times as long."""
    freezes: tuple[ImaginedFreeze, ...] = ()
    at_once_approved: frozenset[tuple[str, str]] = frozenset()
    """Gates that nobody waits at: (enver, what people call the question)."""


@dataclass(slots=True)
class World:
    """Answers the scheduler as a scenario has it. A seed decides each run alone, whatever others do."""

    graph: Graph
    scenario: Scenario
    durations: Durations
    _times: dict[str, int] = field(default_factory=dict[str, int])

    def run_ends(self, starting: Starting) -> Ending:
        times = self._again(starting.enver)
        seconds = self._seconds(starting, times)
        if starting.enver in self.scenario.fails:
            return Ending(seconds, error="made to fail")
        node = self.graph.envers[starting.enver]
        changed = (product.address for product in node.products if self._changes(starting, product.address, times))
        return Ending(seconds, [(product, f"simulated #{times}") for product in changed])

    def approval_takes(self, enver: str, question: Question) -> float | None:
        """As the scenario has it; each gate at each time has its own chance."""
        if self.scenario.approver is None:
            return None
        gate = enver, called(question)
        times = self._again(".".join(gate))
        if gate in self.scenario.at_once_approved:
            return 0.0
        return self.scenario.approver.at(chance(self.scenario.seed, *gate, times))

    def _again(self, what: str) -> int:
        self._times[what] = self._times.get(what, 0) + 1
        return self._times[what]

    def _seconds(self, starting: Starting, times: int) -> float:
        duration, _ = self.durations.of(self.graph.envers[starting.enver], starting.mode)
        quantile = chance(self.scenario.seed, starting.enver, times, "takes")
        return duration.at(quantile) * self.scenario.speed.get(starting.enver, 1.0)

    def _changes(self, starting: Starting, product: str, times: int) -> bool:
        if product in starting.unpublished:
            return True
        if not starting.is_own:
            likely = self.scenario.ripple
        elif (only := self.scenario.only.get(starting.enver)) is not None:
            likely = float(product in only)
        else:
            likely = self.scenario.changes
        return chance(self.scenario.seed, product, times, "changes") < likely


def without_wires(graph: Graph, dropped: Mapping[str, frozenset[str]]) -> Graph:
    """The graph without these inputs, by enver; nobody waits for a reader that reads no more."""
    envers = {
        address: replace(node, wires=tuple(wire for wire in node.wires if wire.name not in dropped[address]))
        if address in dropped
        else node
        for address, node in graph.envers.items()
    }
    products = {address: frozenset(wire.product for wire in node.wires) for address, node in envers.items()}
    moves_after = {
        writer: tuple(reader for reader in readers if products[writer] & products[reader])
        for writer, readers in graph.moves_after.items()
    }
    return Graph(graph.organisation, graph.central_account, envers, moves_after, graph.version)


def closed_wires(graph: Graph, product: str, scenario: Scenario) -> tuple[WireEdge, ...]:
    """The wires of a product that nothing flows over by itself in this scenario."""

    def closed(wire: WireEdge) -> bool:
        waits = wire.mode == "gated" and scenario.approver is None
        return wire.mode == "manual" or wire.placeholder is not None or waits

    return tuple(wire for wire in graph.consumers(product) if closed(wire))
