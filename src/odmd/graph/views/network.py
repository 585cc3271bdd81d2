"""What reaches what over which network, who shares one, and where a wire leaves its account or region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from odmd.graph.nodes import EnverNode, ProductNode, WireEdge
from odmd.graph.views.facts import Grouping, enver_node, group_order, label_of, wire_edges, wire_strand
from odmd.graph.views.names import kind_label, plural
from odmd.graph.views.reach import GATEWAYS, NETWORKS, POOLS, NetworkReach
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.view import Edge, Form, Node, Strand, Style, View
from odmd.model import kinds
from odmd.model.kinds import Concern, Kind

_ENDPOINTS: Final[tuple[type[Kind], ...]] = (
    kinds.UrlKind,
    kinds.PostgresDatabase,
    kinds.MySqlDatabase,
    kinds.RedisCache,
    kinds.FileSystem,
)
"""What is no network and is reached over one."""
_NO_WAY: Final = "over no network that the contracts know"


def network(scope: ViewScope, grouping: Grouping | None = None) -> View:
    """Networks, who is in them, and the wires that lead over one or over a border."""
    return _Picture(scope, grouping or Grouping.ACCOUNT).view()


def crossing(wire: WireEdge, scope: ViewScope) -> str:
    """The border that a wire crosses, with both sides; empty: none."""
    return ", ".join(f"{what} {here} to {there}" for what, here, there in _borders(wire, scope))


class _Picture:
    def __init__(self, scope: ViewScope, grouping: Grouping) -> None:
        self._scope, self._grouping = scope, grouping
        self._reach = NetworkReach(scope.graph, scope.kinds)
        joins = [wire for wire in scope.wires() if self._reach.is_one(wire.kind, NETWORKS)]
        joined = {wire.product for wire in joins}
        self._joins: Sequence[WireEdge] = joins
        self._networks: Mapping[str, tuple[EnverNode, ProductNode]] = {
            product.address: (enver, product)
            for enver in scope.envers()
            for product in enver.products
            if product.address in joined or self._reach.is_one(product.kind, NETWORKS)
        }
        self._direct = [wire for wire in scope.wires() if wire.product not in self._networks and self._matters(wire)]

    def view(self) -> View:
        scope = self._scope
        members = self._members()
        ends = members | {end for wire in self._direct for end in (wire.producer, wire.consumer)}
        envers = [enver for enver in scope.envers() if enver.address in ends]
        apart = sum(1 for _ in scope.envers()) - len(envers)
        counted = f"{plural(len(self._networks), 'network')}, {plural(len(members), 'enver')} on them"
        return View(
            name="network",
            organisation=scope.graph.organisation,
            version=scope.graph.version,
            title=f"{scope.about}: {counted}" if scope.about else counted,
            nodes=list(self._nodes(envers)),
            edges=[*self._network_edges(envers), *wire_edges((wire, self._strand(wire)) for wire in self._direct)],
            notes=list(self._notes(apart)),
            form=Form.TREE,
            group=self._grouping,
            order=group_order(self._scope, self._grouping),
        )

    def _members(self) -> set[str]:
        """Who makes or joins a network, or runs on a cluster in one."""
        takes_part = {enver.address for enver, _ in self._networks.values()} | {wire.consumer for wire in self._joins}
        return takes_part | {enver.address for enver in self._scope.envers() if self._reach.places(enver.address)}

    def _matters(self, wire: WireEdge) -> bool:
        """Whether a wire leads over a border or a network, or should."""
        if self._scope.concern(wire) is Concern.NETWORK or crossing(wire, self._scope):
            return True
        return self._reach.is_one(wire.kind, _ENDPOINTS) and bool(self._reach.places(wire.producer))

    def _nodes(self, envers: Sequence[EnverNode]) -> Iterator[Node]:
        for enver in envers:
            yield self._enver(enver)
            yield from (self._network(*self._networks[one.address]) for one in enver.products if self._shows(one))

    def _shows(self, product: ProductNode) -> bool:
        return product.address in self._networks

    def _enver(self, enver: EnverNode) -> Node:
        places = self._reach.places(enver.address)
        whole = enver_node(enver, self._scope, self._grouping, {"in": ", ".join(map(self._label, places)) or None})
        outlets = tuple(one for one in whole.outlets if one.id not in self._networks and self._speaks(one.id))
        clusters = [f"on the cluster of {self._label(wire.producer)}" for wire in self._reach.hosted_by(enver.address)]
        elsewhere = [f"also in {self._label(place)}" for place in places[1:] if not clusters]
        reaches = self._reaches(enver.address) if enver.address in places else ()
        notes = (enver.stage, f"{enver.account} {enver.region}", *clusters, *elsewhere, *reaches)
        parent = places[0] if places and places[0] != enver.address else None
        gateways = () if parent else self._reach.attached(enver.address)
        return replace(whole, notes=notes, outlets=outlets, parent=parent or next(iter(gateways), None))

    def _network(self, enver: EnverNode, product: ProductNode) -> Node:
        place = self._reach.place_of.get(product.address, "")
        users = {wire.consumer for wire in self._joins if wire.product == product.address}
        shared = f"shared by {plural(len(users), 'enver')}" if len(users) > 1 else ""
        reaches = self._reaches(place) if place == product.address else ()
        parent = place if place != product.address else next(iter(self._reach.attached(place)), "")
        return Node(
            product.address,
            self._label(product.address),
            "network",
            self._grouping.of(enver),
            tuple(note for note in (kind_label(product.kind), shared, *reaches) if note),
            {"kind": product.kind, "about": product.about or None, "reaches": ", ".join(self._reached(place)) or None},
            parent=parent or None,
        )

    def _reached(self, place: str) -> Sequence[str]:
        return [self._label(there) for there, _ in self._reach.reached_from(place)]

    def _reaches(self, place: str) -> Iterator[str]:
        """`reaches cluster@main/vpc over networking@main/gateway`."""
        by_way: dict[Sequence[str], list[str]] = {}
        for there, gateways in self._reach.reached_from(place):
            by_way.setdefault(tuple(gateways), []).append(self._label(there))
        for gateways, labels in by_way.items():
            over = f"over {', '.join(map(self._label, gateways))}" if gateways else "by peering"
            yield f"reaches {label_of(labels)} {over}"

    def _network_edges(self, envers: Sequence[EnverNode]) -> Iterator[Edge]:
        for address, (enver, _) in self._networks.items():
            yield Edge(enver.address, address, "makes", "makes", passive="made by")
        yield from map(self._join, self._joins)
        yield from self._attachments()
        for enver in envers:
            yield from self._hosting(enver.address)

    def _join(self, wire: WireEdge) -> Edge:
        border = _border(wire, self._scope)
        says, said = ("joined by", "joins")
        if self._reach.is_one(wire.kind, POOLS):
            says, said = ("gives addresses to", "takes addresses from")
        strand = wire_strand(wire, self._scope)
        return Edge(
            wire.product,
            wire.consumer,
            "joins",
            f"{says} ({border})" if border else says,
            Style.MARKED if border else Style.PLAIN,
            {**strand.attributes, "crosses": crossing(wire, self._scope) or None},
            passive=f"{said} ({border})" if border else said,
        )

    def _attachments(self) -> Iterator[Edge]:
        """Gateway → VPC, between networks that are peers, and VPC → its subnets."""
        for address, (_, product) in self._networks.items():
            if self._reach.is_one(product.kind, GATEWAYS):
                for place in self._reach.attaching(address):
                    if place in self._networks:
                        yield Edge(address, place, "attaches", "attaches", passive="attached to", holds=False)
            for peer in self._reach.peers(address):
                if address < peer and peer in self._networks:
                    yield Edge(address, peer, "peers", "peered with", holds=False)
            place = self._reach.place_of.get(address, address)
            if place != address:
                yield Edge(place, address, "part", "has", passive="part of", holds=False)

    def _hosting(self, enver: str) -> Iterator[Edge]:
        """From where its clusters are to who runs on them."""
        for wire in self._reach.hosted_by(enver):
            for place in self._reach.places(wire.producer):
                if place in self._networks or self._scope.shows(place):
                    border = _border(wire, self._scope)
                    more = f" ({border})" if border else ""
                    marked = Style.MARKED if border else Style.PLAIN
                    facts = {"cluster": wire.product, "crosses": crossing(wire, self._scope) or None}
                    yield Edge(place, enver, "hosts", f"hosts{more}", marked, facts, passive=f"hosted by{more}")

    def _strand(self, wire: WireEdge) -> Strand:
        """A wire, and how one end reaches the other."""
        border, way = _border(wire, self._scope), self._way(wire)
        concern = self._scope.concern(wire)
        is_reached = concern is Concern.NETWORK or self._reach.is_one(wire.kind, _ENDPOINTS)
        over = " → ".join(way)
        said = [f"over {over}" if over and is_reached else "", _NO_WAY if self._is_lost(wire) else ""]
        more = {"concern": str(concern), "over": over or None, "crosses": crossing(wire, self._scope) or None}
        notes = [note for note in (*said, f"from {border}" if border else "") if note]
        return wire_strand(wire, self._scope, notes, Style.MARKED if border else None, more)

    def _way(self, wire: WireEdge) -> Sequence[str]:
        """The networks from the consumer to the producer."""
        envers = self._scope.graph.envers
        return [self._label(one) for one in self._reach.way(wire.consumer, wire.producer) if one not in envers]

    def _is_lost(self, wire: WireEdge) -> bool:
        """Whether something that is reached over a network is in one, and its consumer has no way there."""
        of_wire = wire.consumer, wire.producer
        is_endpoint = self._reach.is_one(wire.kind, _ENDPOINTS)
        return is_endpoint and bool(self._reach.places(wire.producer)) and not self._reach.way(*of_wire)

    def _speaks(self, product: str) -> bool:
        """Whether a product leads over a network or a border to somebody in the picture."""
        consumers = self._scope.graph.consumers(product)
        return any(self._matters(wire) for wire in consumers if self._scope.shows(wire.consumer))

    def _notes(self, apart: int) -> Iterator[str]:
        if not self._networks:
            yield "no product is a VPC, its subnets, a transit gateway or an address pool"
        crossings = sum(bool(crossing(wire, self._scope)) for wire in self._scope.wires())
        if crossings:
            yield f"{plural(crossings, 'wire')} cross{'es' * (crossings == 1)} an account or a region"
        lost = sum(map(self._is_lost, self._direct))
        if lost:
            yield f"{plural(lost, 'wire')} lead{'s' * (lost == 1)} {_NO_WAY}"
        if apart:
            yield f"left out: {plural(apart, 'enver')} with no network product and no wire over a border"

    def _label(self, address: str) -> str:
        """`networking@main/gateway`; of a place that is no product, its enver's."""
        envers = self._scope.graph.envers
        if address in envers:
            return envers[address].label
        enver, product = self._made[address]
        return f"{enver.label}/{product.name}"

    @cached_property
    def _made(self) -> Mapping[str, tuple[EnverNode, ProductNode]]:
        envers = self._scope.graph.envers.values()
        return {product.address: (enver, product) for enver in envers for product in enver.products}


def _border(wire: WireEdge, scope: ViewScope) -> str:
    """The border that a wire crosses, in short: `another account`."""
    crossed = [what for what, *_ in _borders(wire, scope)]
    return f"another {' and '.join(crossed)}" if crossed else ""


def _borders(wire: WireEdge, scope: ViewScope) -> Sequence[tuple[str, str, str]]:
    producer, consumer = scope.graph.envers[wire.producer], scope.graph.envers[wire.consumer]
    sides = (("account", producer.account, consumer.account), ("region", producer.region, consumer.region))
    return [(what, here, there) for what, here, there in sides if here != there]
