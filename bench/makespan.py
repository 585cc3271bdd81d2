"""How close a change of everything comes to what nobody can beat: `python bench/makespan.py [SERVICES]`.

The named organisation is `generated.organisation(1000)`: 3,000 envers in three places, durations of seed 1. Nobody
can end sooner than the longest chain, nor than the work shared by as many as may run at once.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from generated import organisation

from odmd.graph import compile_contracts
from odmd.simulate import Limits, Push, Scenario, Simulation, durations, from_deployed, parse_duration, span

_TAKES = {"": parse_duration("3m..8m"), ":values": parse_duration("40s..90s")}


def main(services: int) -> None:
    """Prints the ratios."""
    graph = compile_contracts(organisation(services)).graph
    everything = Scenario((Push(0.0, "everything", tuple(graph.envers)),), ripple=1.0)
    simulation = Simulation(graph, from_deployed(graph), everything, durations(graph.envers, (), _TAKES))
    for limits in (
        Limits(None),
        *(Limits(places) for places in (10, 50, 200)),
        *(Limits(None, place) for place in (10, 50)),
        Limits(50, 20, {"cdk": 40}),
    ):
        outcome = replace(simulation, limits=limits).run()
        said = f"{limits.organisation or 'any'} at once, {limits.place or 'any'} in a place, {limits.build_types}"
        print(
            f"{len(graph.envers):6d} envers  {said:48} {len(outcome.bars):6d} runs  "
            f"makespan {span(outcome.makespan):>10}  critical path {span(outcome.critical):>10}  "
            f"÷ bound {outcome.makespan / outcome.bound:.3f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
