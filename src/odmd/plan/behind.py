"""Which envers of continuous stages are to move, as their branch or the contracts say something new."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from odmd.graph import EnverNode, Graph
from odmd.plan.recorded import Recorded, RecordedEnver


def continuous(graph: Graph) -> Collection[EnverNode]:
    """The envers that are deployed by themselves, once their branch or tag, or that of their origin, moves, and clones
    that were made on demand; one with an approver asks."""
    stages = graph.governed.continuous
    clones = [graph.envers[one] for one in _on_demand(graph) if graph.envers[one].stage not in stages]
    if not stages:
        return clones
    return [*(one for one in graph.envers.values() if one.stage in stages and one.approver is None), *clones]


def behind(graph: Graph, recorded: Recorded, heads: Mapping[str, str]) -> Mapping[str, str]:
    """Enver → the commit that it is to have and was not told of yet; with them those that take it over from them.

    Args:
        heads: of those that follow a branch or a tag, as far as it could be read.
    """
    mine, on_demand = {one.address: one for one in continuous(graph)}, _on_demand(graph)
    found = {
        address: heads[address]
        for address in mine
        if address in heads
        and not _was_told(recorded.envers.get(address), heads[address], graph.slice(address))
        and (address in recorded.envers or address not in on_demand)
    }
    todo = list(found)
    while todo:
        origin = todo.pop()
        taking = [address for address in _taking_from(mine, origin) if address not in found]
        found.update(dict.fromkeys(taking, found[origin]))
        todo += taking
    return found


def _on_demand(graph: Graph) -> Collection[str]:
    """Clones that follow their branch once a plan made them."""
    return dict.fromkeys([address for one in graph.clones for address in one.addresses])


def _was_told(known: RecordedEnver | None, head: str, slice: str) -> bool:
    return known is not None and (known.commit, known.slice) == (head, slice)


def _taking_from(envers: Mapping[str, EnverNode], origin: str) -> Iterator[str]:
    return (address for address, one in envers.items() if one.promoted_from == origin)
