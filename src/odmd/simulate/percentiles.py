"""Many simulations of the same, each with its own seed: how long it takes, as a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from odmd.simulate.simulation import Outcome, Simulation


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Half of the cases, nine of ten, and all but one of a hundred take no longer."""

    p50: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True)
class Spread:
    """What many simulations came to."""

    runs: int
    makespan: Percentiles
    envers: dict[str, Percentiles]
    """When each enver's last run ended, of those simulations in which it ran."""
    share: dict[str, float]
    """In which share of them it ran."""


def spread(simulation: Simulation, first: Outcome, runs: int) -> Spread:
    """Runs it with the seeds that follow; `first` is what its own seed came to."""
    makespans, ends = [first.makespan], {bar.enver: [bar.ended] for bar in first.bars}
    for further in range(1, runs):
        scenario = replace(simulation.scenario, seed=simulation.scenario.seed + further)
        outcome = replace(simulation, scenario=scenario).run()
        makespans.append(outcome.makespan)
        for enver, ended in {bar.enver: bar.ended for bar in outcome.bars}.items():
            ends.setdefault(enver, []).append(ended)
    return Spread(
        runs,
        percentiles(makespans),
        {enver: percentiles(seconds) for enver, seconds in ends.items()},
        {enver: len(seconds) / runs for enver, seconds in ends.items()},
    )


def percentiles(seconds: Sequence[float]) -> Percentiles:
    """By nearest rank: each is a value that occurred."""
    ordered = sorted(seconds)
    return Percentiles(*(ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 90, 99)))
