"""What reaches what over which network, who shares one, and where a wire leaves its account or region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from odmd.graph.nodes import EnverNode, ProductNode, WireEdge
from odmd.graph.views.facts import Grouping, enver_node, wire_edges, wire_strand
from odmd.graph.views.names import kind_label, plural
from odmd.graph.views.scope import Scope
from odmd.graph.views.view import Edge, Node, Style, View
from odmd.model.kinds import Concern, IpamPool, Kind, Subnets, TransitGateway, Vpc, VpcId

_CARRIES: tuple[type[Kind], ...] = (TransitGateway, Vpc, VpcId, Subnets)
"""What traffic flows over."""
_SHARED: tuple[type[Kind], ...] = (*_CARRIES, IpamPool)
_SAID: Final = {True: ("gives addresses to", "takes addresses from"), False: ("joined by", "joins")}
"""What an edge from a shared thing says at both ends, by whether it is an address pool."""


def network(scope: Scope, grouping: Grouping | None = None) -> View:
    """Envers that share a network, reach each other, or consume over a border."""
    grouping = grouping or Grouping.ACCOUNT
    media = _Media(scope)
    direct = [wire for wire in scope.wires() if wire.product not in media.products and _matters(wire, scope)]
    ends = {end for wire in direct for end in (wire.producer, wire.consumer)} | media.members()
    envers = [enver for enver in scope.envers() if enver.address in ends]
    apart = sum(1 for _ in scope.envers()) - len(envers)
    strands = ((wire, wire_strand(wire, scope, *_reach(wire, scope, media))) for wire in direct)
    crossings = sum(bool(crossing(wire, scope)) for wire in scope.wires())
    return View(
        name="network",
        organisation=scope.graph.organisation,
        version=scope.graph.version,
        title=_title(scope, f"{plural(len(media.products), 'network')}, {plural(len(envers), 'enver')} on them"),
        nodes=list(_nodes(envers, scope, grouping, media)),
        edges=[*media.edges(), *wire_edges(strands)],
        notes=list(_notes(crossings, apart, media)),
        group=grouping,
    )


def crossing(wire: WireEdge, scope: Scope) -> str:
    """The border that a wire crosses, with both sides; empty: none."""
    return ", ".join(f"{what} {here} to {there}" for what, here, there in _borders(wire, scope))


def _border(wire: WireEdge, scope: Scope) -> str:
    """The border that a wire crosses, in short: `another account`."""
    crossed = [what for what, *_ in _borders(wire, scope)]
    return f"another {' and '.join(crossed)}" if crossed else ""


def _borders(wire: WireEdge, scope: Scope) -> Sequence[tuple[str, str, str]]:
    producer, consumer = scope.graph.envers[wire.producer], scope.graph.envers[wire.consumer]
    sides = (("account", producer.account, consumer.account), ("region", producer.region, consumer.region))
    return [(what, here, there) for what, here, there in sides if here != there]


class _Media:
    """The networks, gateways and address pools in the picture that envers take part in."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        wires = [wire for wire in scope.wires() if _is(scope, wire.kind, _SHARED)]
        self.wires: Sequence[WireEdge] = wires
        joined = {wire.product for wire in wires}
        self.products: Mapping[str, tuple[EnverNode, ProductNode]] = {
            product.address: (enver, product)
            for enver in scope.envers()
            for product in enver.products
            if product.address in joined or _is(scope, product.kind, _SHARED)
        }

    def members(self) -> set[str]:
        """Who makes or joins one of them."""
        makers = {enver.address for enver, _ in self.products.values()}
        return makers | {wire.consumer for wire in self.wires}

    def between(self, one: str, other: str) -> Sequence[str]:
        """The labels of what can carry traffic between two envers."""
        both = self._carriers(one) & self._carriers(other)
        return [_label(*self.products[product]) for product in self.products if product in both]

    def _carriers(self, enver: str) -> set[str]:
        made = {
            product.address
            for product in self.scope.graph.envers[enver].products
            if _is(self.scope, product.kind, _CARRIES)
        }
        wires = self.scope.graph.envers[enver].wires
        joined = {wire.product for wire in wires if _is(self.scope, wire.kind, _CARRIES)}
        return (made | joined) & self.products.keys()

    def edges(self) -> Iterator[Edge]:
        """Maker → network → who joins it."""
        for address, (enver, _) in self.products.items():
            yield Edge(enver.address, address, "makes", "makes", passive="made by")
        for wire in self.wires:
            border = _border(wire, self.scope)
            gives, takes = _SAID[_is(self.scope, wire.kind, (IpamPool,))]
            attributes = {**wire_strand(wire, self.scope).attributes, "crosses": crossing(wire, self.scope) or None}
            yield Edge(
                wire.product,
                wire.consumer,
                "joins",
                f"{gives} ({border})" if border else gives,
                Style.MARKED if border else Style.PLAIN,
                attributes,
                passive=f"{takes} ({border})" if border else takes,
            )

    def node(self, address: str, grouping: Grouping) -> Node:
        enver, product = self.products[address]
        users = {wire.consumer for wire in self.wires if wire.product == address}
        shared = f"shared by {plural(len(users), 'enver')}" if len(users) > 1 else ""
        notes = tuple(note for note in (kind_label(product.kind), shared) if note)
        attributes = {"kind": product.kind, "about": product.about or None}
        return Node(address, _label(enver, product), "network", grouping.of(enver), notes, attributes)


def _nodes(envers: Sequence[EnverNode], scope: Scope, grouping: Grouping, media: _Media) -> Iterator[Node]:
    for enver in envers:
        whole = enver_node(enver, scope, grouping)
        outlets = tuple(one for one in whole.outlets if one.id not in media.products and _speaks(one.id, scope))
        yield replace(whole, notes=(enver.stage, f"{enver.account} {enver.region}"), outlets=outlets)
        yield from (
            media.node(product.address, grouping) for product in enver.products if product.address in media.products
        )


def _speaks(product: str, scope: Scope) -> bool:
    """Whether a product leads over a network or a border to somebody in the picture."""
    return any(_matters(wire, scope) for wire in scope.graph.consumers(product) if scope.shows(wire.consumer))


def _matters(wire: WireEdge, scope: Scope) -> bool:
    return scope.concern(wire) is Concern.NETWORK or bool(crossing(wire, scope))


def _reach(wire: WireEdge, scope: Scope, media: _Media) -> tuple[Sequence[str], Style | None, Mapping[str, str | None]]:
    """What a strand says of how one reaches the other: notes, style, attributes."""
    over, border = media.between(wire.producer, wire.consumer), _border(wire, scope)
    of_network = scope.concern(wire) is Concern.NETWORK
    said = [f"over {', '.join(over)}" if over and of_network else "", f"from {border}" if border else ""]
    more = {
        "concern": str(scope.concern(wire)),
        "over": ", ".join(over) or None,
        "crosses": crossing(wire, scope) or None,
    }
    return [note for note in said if note], Style.MARKED if border else None, more


def _notes(crossings: int, apart: int, media: _Media) -> Iterator[str]:
    if not media.products:
        yield "no product is a VPC, its subnets, a transit gateway or an address pool"
    if crossings:
        yield f"{plural(crossings, 'wire')} cross{'es' * (crossings == 1)} an account or a region"
    if apart:
        yield f"left out: {plural(apart, 'enver')} with no network product and no wire over a border"


def _is(scope: Scope, kind: str, among: tuple[type[Kind], ...]) -> bool:
    cls = scope.kinds.get(kind)
    return cls is not None and issubclass(cls, among)


def _label(enver: EnverNode, product: ProductNode) -> str:
    return f"{enver.label}/{product.name}"


def _title(scope: Scope, counted: str) -> str:
    return f"{scope.about}: {counted}" if scope.about else counted
