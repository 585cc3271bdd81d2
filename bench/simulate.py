"""A day of pushes on virtual time: `python bench/simulate.py SERVICES PUSHES [AT_ONCE]`.

The scheduler is the real one, without store and workers: what it does in a second on one core is its limit.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from generated import organisation

from odmd.graph import Graph, compile_contracts
from odmd.simulate import Push, Scenario, Simulation, durations, from_deployed, parse_duration
from odmd.simulate.clock import Clock, Limits, setup
from odmd.simulate.facts import Began, Ended, Fact
from odmd.simulate.scenario import World

_DAY = 86400.0
_RUNS_A_DAY = 1_000_000
_TAKES = {"": parse_duration("3m..8m"), ":values": parse_duration("40s..90s")}


class Tally:
    """Counts what happens, and how full the places for runs are; keeps nothing else."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.under_way = self.most = 0
        self.busy = self.last = 0.0

    def hear(self, fact: Fact) -> None:
        """Takes in one fact."""
        self.counts[type(fact).__name__] += 1
        step = {Began: 1, Ended: -1}.get(type(fact), 0)
        if step:
            self.busy += self.under_way * (fact.at - self.last)
            self.last, self.under_way = fact.at, self.under_way + step
            self.most = max(self.most, self.under_way)


def main(services: int, pushes: int, at_once: int | None) -> None:
    """Prints what a day costs, and what is full first."""
    graph = compile_contracts(organisation(services)).graph
    simulation = Simulation(
        graph, from_deployed(graph), Scenario(day(graph, pushes)), durations(graph.envers, (), _TAKES)
    )
    state = simulation.begin()
    gc.collect()
    gc.freeze()
    before = memory()
    tally = Tally()
    world = World(graph, simulation.scenario, simulation.durations)
    clock = Clock(setup(graph, Limits(at_once), 5.0), state, world, tally.hear)
    began = time.perf_counter()
    clock.run(simulation.scenario.pushes)
    took = time.perf_counter() - began
    runs = tally.counts["Began"]
    print(
        f"{services:6d} services {len(graph.envers):7d} envers {pushes:8d} pushes {runs:8d} runs "
        f"{tally.counts['CutOff']:9d} cut off  {took:8.2f} s  {runs / took:8.0f} runs/s  "
        f"{took / runs * _RUNS_A_DAY / 60:7.1f} min for {_RUNS_A_DAY:,}  {before:5.0f} → {memory():5.0f} MB"
    )
    print(f"       {saturates(tally, at_once, took)}")


def day(graph: Graph, pushes: int) -> Sequence[Push]:
    """Pushes of any enver at any time of a day."""
    random = Random(1)
    envers = list(graph.envers)
    times = sorted(random.uniform(0, _DAY) for _ in range(pushes))
    return tuple(Push(at, "push", (random.choice(envers),)) for at in times)


def saturates(tally: Tally, at_once: int | None, took: float) -> str:
    """Which is fuller: the places for runs in the simulated day, or this core while it decides."""
    mean = tally.busy / max(_DAY, tally.last)
    places = f"{mean:.1f} runs under way in the mean, {tally.most} at most"
    core = took / _DAY
    if at_once and mean / at_once > core:
        return f"{places}: of {at_once} places {mean / at_once:.0%}, of the core {core:.1%}: places are full first"
    return f"{places}; of the core {core:.1%}: {'the core is' if at_once else 'without a limit the core is'} full first"


def memory() -> float:
    """Peak resident MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
