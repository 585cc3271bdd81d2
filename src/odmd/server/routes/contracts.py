"""Contracts: which are in force, and what they declare."""

from __future__ import annotations

from bisect import bisect_right

from fastapi import APIRouter, Request

from odmd.control.reading.views import ContractsView
from odmd.control.scheduler.may import Action
from odmd.graph import EnverNode, Graph
from odmd.server.models import NodeTold, Page, WireTold
from odmd.server.rights import needs
from odmd.server.routes.common import After, Fresh, Limit, Served, Who, page

router = APIRouter(tags=["contracts"])


@router.get("/contracts", dependencies=[needs(Action.READ), Fresh])
def get_contracts(service: Served) -> ContractsView:
    """The contracts in force."""
    return _contracts(service.compiled.graph, service.graph)


@router.post("/contracts:reload", dependencies=[needs(Action.RELOAD)])
def reload_contracts(service: Served, who: Who) -> ContractsView:
    """Reads the contracts' files again and puts them in force; refused when they are not sound."""
    service.reload(who.actor)
    return _contracts(service.compiled.graph, service.graph)


@router.get("/graph", dependencies=[needs(Action.READ), Fresh])
def read_graph(service: Served, request: Request, after: After = "", limit: Limit = 100) -> Page[NodeTold]:
    """The envers that the contracts declare, with their wires, by address."""
    envers = service.graph.envers
    addresses = sorted(envers)
    begin = bisect_right(addresses, after)
    found = [_node(envers[address]) for address in addresses[begin : begin + limit]]
    return page(found, limit, request, lambda one: one.enver)


def _contracts(graph: Graph, seen: Graph) -> ContractsView:
    return ContractsView(
        organisation=graph.organisation, digest=graph.digest(), version=graph.version, envers=len(seen.envers)
    )


def _node(enver: EnverNode) -> NodeTold:
    return NodeTold(
        enver=enver.address,
        build=enver.build,
        build_type=enver.build_type,
        team=enver.team,
        repo=enver.repo,
        revision=enver.revision,
        stage=enver.stage,
        account=enver.account,
        region=enver.region,
        wires=[WireTold(input=one.name, product=one.product, mode=one.mode, gate=one.gate) for one in enver.wires],
        products=[product.address for product in enver.products],
    )
