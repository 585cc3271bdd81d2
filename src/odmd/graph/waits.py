"""Who waits for whom: the wires without a placeholder, as a graph of addresses."""

from __future__ import annotations

from collections.abc import Sequence

import rustworkx

from odmd.graph.nodes import EnverNode


def waits(nodes: Sequence[EnverNode]) -> rustworkx.PyDiGraph[str, None]:
    """An edge from each producer to each other enver that waits for it; node numbers are positions in `nodes`."""
    digraph = rustworkx.PyDiGraph[str, None]()
    addresses = [node.address for node in nodes]
    digraph.add_nodes_from(addresses)
    number = {address: at for at, address in enumerate(addresses)}
    edges: list[tuple[int, int]] = []
    for node in nodes:
        producers = {wire.producer: None for wire in node.wires if wire.placeholder is None}
        at = number[node.address]
        edges += [(number[one], at) for one in producers if one in number and one != node.address]
    digraph.add_edges_from_no_data(edges)
    return digraph
