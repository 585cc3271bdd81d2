"""Plans of small graphs, and the state in which there is nothing to plan."""

from __future__ import annotations

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import Head, StartChange
from odmd.graph import EnverNode, Graph
from odmd.plan import Limited, Plan, Recorded, build_plan
from odmd.plan.wiring import promoted_from
from support.actors import SOMEBODY
from support.worlds import World, address, graph, node

CHAIN = graph(3, [(0, 1), (1, 2)])
NOTHING = Recorded({}, {})


def promoted(n: int, origin: int, **more: str) -> EnverNode:
    return node(n, revision=f"promoted:{address(origin)}", **more)


def planned(of: Graph, state: Recorded = NOTHING, limited: Limited | None = None, **newer: str) -> Plan:
    """The plan at commit c1, some of the heads newer: `e0="c2"`."""
    heads = {one.address: newer.get(one.build, "c1") for one in of.envers.values() if not promoted_from(one)}
    return build_plan(of, state, heads, limited or Limited())


def deployed(of: Graph) -> Recorded:
    """Everything runs what `planned` plans."""
    world = World(of)

    world.send(
        StartChange("first", SOMEBODY, "", tuple(Head(one.address, "c1", one.slice()) for one in of.envers.values()))
    )
    world.drain()
    return recorded(world.state)
