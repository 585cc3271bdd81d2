"""Who consumes what from whom."""

from __future__ import annotations

from odmd.graph.nodes import BuildNode
from odmd.graph.views.facts import (
    Grouping,
    enver_node,
    group_order,
    promotion_edge,
    usual_grouping,
    wire_edges,
    wire_strand,
)
from odmd.graph.views.names import plural
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.view import Attributes, View


def dependencies(scope: ViewScope, grouping: Grouping | None = None) -> View:
    """Envers, one arrow for each pair of them that a wire joins, and one for each promotion."""
    grouping = grouping or usual_grouping(scope)
    nodes = [enver_node(enver, scope, grouping) for enver in scope.envers()]
    wires = list(scope.wires())
    products = sum(len(node.outlets) for node in nodes)
    promotions = [promotion_edge(enver) for enver in scope.promoted()]
    counted = f"{plural(len(nodes), 'enver')}, {plural(products, 'product')}, {plural(len(wires), 'wire')}"
    counted += f", {plural(len(promotions), 'promotion')}" if promotions else ""
    return View(
        name="dependencies",
        organisation=scope.graph.organisation,
        version=scope.graph.version,
        title=f"{scope.about}: {counted}" if scope.about else counted,
        nodes=nodes,
        edges=[*wire_edges((wire, wire_strand(wire, scope)) for wire in wires), *promotions],
        group=grouping,
        order=group_order(scope, grouping),
        builds=() if scope.shown is not None else [_build(one) for one in scope.graph.builds.values()],
    )


def _build(build: BuildNode) -> Attributes:
    return {
        "name": build.name,
        "type": build.type or None,
        "repo": build.repo,
        "folder": build.folder,
        "team": build.team,
    }
