"""How long an organisation takes from its declaration to its stages, by size: `python bench/scale.py SERVICES`."""

from __future__ import annotations

import gc
import resource
import sys
import time

import rustworkx
from generated import organisation

from odmd.graph import compile_contracts
from odmd.plan import Recorded, build_plan
from odmd.plan.wiring import Wiring


class Plain:
    """What a node or an edge costs at least."""

    __slots__ = ("consumer", "name", "producer")

    def __init__(self, producer: int, consumer: int, name: str) -> None:
        self.producer, self.consumer, self.name = producer, consumer, name


def main(services: int) -> None:
    """Prints one line."""
    gc.disable()  # as `odmd check` does while it loads
    began = time.perf_counter()
    made = organisation(services)
    constructed = time.perf_counter()
    graph = compile_contracts(made).graph
    compiled = time.perf_counter()
    wiring = Wiring(graph)
    stages = 1 + max(layers(wiring).values())
    staged = time.perf_counter()
    build_plan(graph, Recorded({}, {}), dict.fromkeys(graph.envers, "c0ffee"), wiring=wiring)
    planned = time.perf_counter()
    envers, wires = len(graph.envers), sum(1 for _ in graph.wires())
    plain = baseline(envers, wires)
    print(
        f"{services:6d} services {envers:6d} envers {wires:7d} wires {stages:4d} stages  "
        f"construct {constructed - began:5.2f} s  compile and rules {compiled - constructed:5.2f} s  "
        f"stages {staged - compiled:5.2f} s  all {staged - began:5.2f} s  {(staged - began) / plain:5.1f} × plain  "
        f"its first plan {planned - staged:5.2f} s  "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:4.0f} MB"
    )


def layers(wiring: Wiring) -> dict[str, int]:
    """Enver → its stage: one more than the latest of those it waits for."""
    found: dict[str, int] = {}
    for enver in wiring.ordered:
        found[enver] = max([1 + found[other] for other in wiring.upstream[enver]], default=0)
    return found


def baseline(envers: int, wires: int) -> float:
    """Seconds for as many plain objects and their order."""
    began = time.perf_counter()
    nodes = [Plain(n, n, f"s{n}/b..main") for n in range(envers)]
    edges = [Plain(n % envers, (n * 7 + 1) % envers, f"s{n}/b..main/api") for n in range(wires)]
    digraph = rustworkx.PyDiGraph()
    digraph.add_nodes_from(nodes)
    ends = ((min(edge.producer, edge.consumer), max(edge.producer, edge.consumer)) for edge in edges)
    digraph.add_edges_from_no_data([pair for pair in ends if pair[0] != pair[1]])
    rustworkx.lexicographical_topological_sort(digraph, key=lambda node: node.name)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
