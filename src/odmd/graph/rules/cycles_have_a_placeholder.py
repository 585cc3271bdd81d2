"""ODMD012: where envers consume each other in a circle, a placeholder says what to begin with."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import rustworkx

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import WireEdge
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds, in every knot of envers, its shortest circle."""
    digraph = draft.waits
    if rustworkx.is_directed_acyclic_graph(digraph):
        return
    wires = [w for node in draft.nodes for w in node.wires if w.placeholder is None and w.producer != w.consumer]
    for knot in rustworkx.strongly_connected_components(digraph):
        if len(knot) > 1:
            yield _diagnostic(_shortest_circle([digraph[i] for i in knot], wires))


def _diagnostic(circle: Sequence[WireEdge]) -> Diagnostic:
    path = " → ".join(naming.product_label(wire.product) for wire in circle)
    last = circle[-1]
    return Diagnostic(
        "ODMD012",
        f"a cycle without a placeholder: {path} → {naming.enver_label(last.consumer)}",
        last.place,
        "say what to begin with on one of its wires: product.until(<a value of its kind>)",
    )


def _shortest_circle(knot: Sequence[str], wires: Sequence[WireEdge]) -> Sequence[WireEdge]:
    out: dict[str, list[WireEdge]] = {name: [] for name in knot}
    for wire in wires:
        if wire.producer in out and wire.consumer in out:
            out[wire.producer].append(wire)
    return min((_circle_from(name, out) for name in sorted(knot)), key=len)


def _circle_from(start: str, out: Mapping[str, Sequence[WireEdge]]) -> Sequence[WireEdge]:
    came: dict[str, WireEdge] = {}
    queue = deque([start])
    while start not in came:
        here = queue.popleft()
        for wire in out[here]:
            if wire.consumer not in came:
                came[wire.consumer] = wire
                queue.append(wire.consumer)
    path = [came[start]]
    while path[0].producer != start:
        path.insert(0, came[path[0].producer])
    return path
