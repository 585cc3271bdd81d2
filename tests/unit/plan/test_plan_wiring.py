"""Contracts without a cycle are prepared faster, and to the same end."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from odmd.graph import Graph
from odmd.plan.wiring import Wiring
from support.worlds import graph_of, node, wire

WIRES = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=14)


@given(WIRES)
def test_the_order_of_declaration_does_not_matter(wires: set[tuple[int, int, bool]]) -> None:
    """Forward wires wait; a backward wire needs a placeholder, or nothing could begin."""
    used = {(a, b): held or a > b for a, b, held in sorted(wires) if a != b}
    nodes = [node(n, [wire(a, b, held=held) for (a, b), held in used.items() if b == n]) for n in range(7)]
    forward, backward = graph_of(nodes), graph_of(nodes[::-1])
    assert told(Wiring(forward)) == told(Wiring(backward))
    for each in (forward, backward):
        assert stands_in_order(each)


def told(wiring: Wiring) -> Mapping[str, object]:
    return {
        "inputs": wiring.inputs,
        "upstream": wiring.upstream,
        "cycles": {key: sorted(cycle.members) for key, cycle in wiring.cycles.items()},
        "followers": {key: sorted(after) for key, after in wiring.followers.items()},
        "reached": {key: sorted(after) for key, after in wiring.reached.items()},
    }


def stands_in_order(graph: Graph) -> bool:
    wiring = Wiring(graph)
    return all(wiring.position[a] < wiring.position[b] for b, before in wiring.upstream.items() for a in before)
