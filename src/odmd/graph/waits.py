"""Who waits for whom, as a graph of addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import rustworkx


def waits(addresses: Sequence[str], producers: Iterable[Iterable[str]]) -> rustworkx.PyDiGraph[str, None]:
    """An edge to each enver from each other one that it waits for; node numbers are positions in `addresses`.

    Args:
        producers: whom each waits for, in the order of the addresses.
    """
    digraph = rustworkx.PyDiGraph[str, None]()
    digraph.add_nodes_from(addresses)
    number = {address: at for at, address in enumerate(addresses)}
    edges: list[tuple[int, int]] = []
    for address, before in zip(addresses, producers, strict=True):
        at = number[address]
        edges += [(number[one], at) for one in before if one in number and one != address]
    digraph.add_edges_from_no_data(edges)
    return digraph
