"""Producers that are told of their consumers are told by which names these ones' roles are known, too."""

from __future__ import annotations

from dataclasses import replace

from odmd.graph.nodes import Consumer, Graph, ProductNode
from odmd.graph.rights.scopes import Namer


def with_roles_told(graph: Graph) -> Graph:
    """The graph, with the roles of consumers whose producers are told of them, and were not told these yet."""
    wants = [enver for enver in graph.envers.values() if any(map(_wants, enver.products))]
    if not wants:
        return graph
    namer = Namer(graph)

    def named(one: Consumer) -> Consumer:
        return one if one.roles else replace(one, roles=namer.of(graph.envers[one.enver]).resources)

    def told(product: ProductNode) -> ProductNode:
        return replace(product, told=tuple(map(named, product.told or ()))) if _wants(product) else product

    told_now = {enver.address: replace(enver, products=tuple(map(told, enver.products))) for enver in wants}
    return replace(graph, envers={**graph.envers, **told_now})


def _wants(product: ProductNode) -> bool:
    return product.lets_in and any(not one.roles for one in product.told or ())
