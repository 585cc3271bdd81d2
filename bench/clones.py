"""What clones on demand cost in an organisation of many envers: CPU, beside the same without them.

PYTHONPATH=tests python bench/clones.py [envers] [clones]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from odmd.control.scheduler.clones import in_force
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.messages import DeclareClones, EndClones, Head, StartChange, Tick, UseContracts
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.state import Dirty, State
from odmd.graph import Graph
from odmd.graph.clones import graph_with_clones
from odmd.graph.governed import CloneLimits, Governed
from odmd.graph.nodes import CloneNode, CloneSetNode
from odmd.plan.wiring import Wiring
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node, wire

ENVERS, CLONES = (int(one) for one in (*sys.argv[1:], "10000", "1000")[:2]) if len(sys.argv) > 1 else (10_000, 1_000)


def took(what: Callable[[], object]) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    what()
    return time.process_time() - began


def organisation() -> Graph:
    """Each enver consumes from four before it."""
    nodes = [node(n, [wire(other, n) for other in range(max(0, n - 4), n)]) for n in range(ENVERS)]
    return replace(graph_of(nodes), governed=Governed(clones=CloneLimits(100, CLONES * 2, CLONES * 2)))


def main() -> None:
    """Prints the figures."""
    text = organisation()
    text.digest()
    sets = [CloneSetNode(f"c{n}", (CloneNode(address(n * 9 % ENVERS), "fix"),)) for n in range(CLONES)]
    print(f"{ENVERS} envers; an edition with 1 clone: {took(lambda: graph_with_clones(text, sets[:1])):.3f} s")
    print(f"an edition with {CLONES}: {took(lambda: graph_with_clones(text, sets)):.3f} s")
    alive = graph_with_clones(text, sets)
    print(f"its digest {took(alive.digest):.3f} s, as the scheduler sees it {took(lambda: Wiring(alive)):.3f} s")
    for graph, many in ((text, []), (alive, sets)):
        _messages(graph, many)


def _messages(graph: Graph, sets: list[CloneSetNode]) -> None:
    state, setup = State(), Setup(graph, Limits(), 0.0)
    handle(setup, state, UseContracts(graph.digest(), 1), 0.0)
    for one in sets:
        handle(setup, state, DeclareClones(one, SOMEBODY, 86_400.0), 0.0)
    assert len(in_force(state.clones.values())) == len(sets)
    state.dirty = Dirty()
    last = address(ENVERS - 1)
    head = Head(last, "c1", graph.slice(last))
    push = took(lambda: handle(setup, state, StartChange("a push", SOMEBODY, "sha256:1", (head,)), 1.0))
    tick = took(lambda: handle(setup, state, Tick(1.0), 1.0))
    end = took(lambda: handle(setup, state, EndClones(sets[0].address, SOMEBODY), 2.0)) if sets else 0.0
    said = f"{len(sets)} clones: a push {push * 1000:.2f} ms, a tick {tick * 1000:.2f} ms"
    print(f"{said}, an end {end * 1000:.2f} ms")


main()
