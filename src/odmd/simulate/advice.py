"""What one would want to change: each change is tried by simulating it, none is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from odmd.model import naming
from odmd.simulate.simulation import Outcome, Simulation

_TRIED: Final = 5
"""How many links of the longest chain are tried, the slowest first."""
_WORTH: Final = 0.01
"""The least share of the makespan that is worth a word."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One change and what it would win."""

    what: str
    makespan: float
    """What it would take then."""
    saves: float


def advice(simulation: Simulation, outcome: Outcome) -> tuple[Advice, ...]:
    """Changes that would help, the best first."""
    tried = [
        Advice(what, then, outcome.makespan - then)
        for what, variant in _variants(simulation, outcome)
        if (then := variant.run().makespan) < outcome.makespan * (1 - _WORTH)
    ]
    return tuple(sorted(tried, key=lambda one: -one.saves))


def _variants(simulation: Simulation, outcome: Outcome) -> Iterator[tuple[str, Simulation]]:
    scenario = simulation.scenario
    limits = simulation.limits
    if limits.organisation and outcome.most_at_once() == limits.organisation:
        twice = limits.organisation * 2
        more = replace(limits, organisation=twice)
        yield f"{twice} runs at once, not {limits.organisation}", replace(simulation, limits=more)
        unlimited = replace(limits, organisation=None)
        yield "any number of runs at once", replace(simulation, limits=unlimited)
    if limits.place:
        twice = limits.place * 2
        more = replace(limits, place=twice)
        yield f"{twice} runs at once in each place, not {limits.place}", replace(simulation, limits=more)
    for build_type, number in limits.build_types.items():
        more = replace(limits, build_types={**limits.build_types, build_type: number * 2})
        yield f"{number * 2} runs at once of {build_type}, not {number}", replace(simulation, limits=more)
    if scenario.freezes:
        yield "no pause", replace(simulation, scenario=replace(scenario, freezes=()))
    slowest = sorted((link for link in outcome.chain if not link.approves), key=lambda link: -link.seconds)
    for enver in list(dict.fromkeys(link.enver for link in slowest))[:_TRIED]:
        faster = replace(scenario, speed={**scenario.speed, enver: scenario.speed.get(enver, 1.0) / 2})
        yield f"{naming.enver_label(enver)} in half the time", replace(simulation, scenario=faster)
    gates = sorted((link for link in outcome.chain if link.approves), key=lambda link: -link.seconds)
    for gate in list(dict.fromkeys((link.enver, link.approves) for link in gates))[:_TRIED]:
        open_gate = replace(scenario, at_once_approved=scenario.at_once_approved | {gate})
        label = f"{naming.enver_label(gate[0])}.{gate[1]}"
        yield f"no waiting for the approval of {label}", replace(simulation, scenario=open_gate)
