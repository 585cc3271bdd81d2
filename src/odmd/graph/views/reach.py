"""In which networks envers are, and what leads from one network to another. Every place is a node of the picture.

- Who makes or joins a VPC (or its subnets) is in it. Who runs on a cluster is where the cluster is.
- Who takes part in a transit gateway attaches the VPCs that it makes, else those that it joins, else one of its own
  that is no product: then the enver itself is the place.
- A gateway passes traffic on, to VPCs and to gateways that it is peered with. A VPC passes nothing on.
- Who makes a VPC (a gateway) and joins another one has them peered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from odmd.graph.nodes import EnverNode, Graph, WireEdge
from odmd.model.kinds import EksCluster, IpamPool, Kind, Namespace, OidcProvider, Subnets, TransitGateway, Vpc, VpcId

VPCS: Final[tuple[type[Kind], ...]] = (Vpc, VpcId, Subnets)
GATEWAYS: Final[tuple[type[Kind], ...]] = (TransitGateway,)
POOLS: Final[tuple[type[Kind], ...]] = (IpamPool,)
NETWORKS: Final = (*VPCS, *GATEWAYS, *POOLS)
_CLUSTERS: Final[tuple[type[Kind], ...]] = (EksCluster, Namespace, OidcProvider)
"""Who consumes one runs on a cluster; a provider of identities counts if its maker is in a network: GitHub is not."""

Links = Mapping[str, Sequence[str]]


class NetworkReach:
    """What a graph says of networks; all by address."""

    def __init__(self, graph: Graph, kinds: Mapping[str, type[Kind]]) -> None:
        self._graph, self._kinds = graph, kinds

    def is_one(self, kind: str, among: tuple[type[Kind], ...]) -> bool:
        """Whether a kind, by its lasting name, is one of these."""
        cls = self._kinds.get(kind)
        return cls is not None and issubclass(cls, among)

    def places(self, enver: str) -> Sequence[str]:
        """The VPCs that an enver is in; itself, if it is in one that is no product; nothing, if in none."""
        return list(dict.fromkeys([*self._own.get(enver, ()), *self._hosting(enver, {enver})]))

    def hosted_by(self, enver: str) -> Sequence[WireEdge]:
        """The wires of the clusters that an enver runs on, one for each cluster's enver."""
        found = {wire.producer: wire for wire in reversed(self._cluster_wires(enver)) if self.places(wire.producer)}
        return list(reversed(found.values()))

    def attached(self, place: str) -> Sequence[str]:
        """The gateways that a VPC is attached to."""
        return self._gateways_of.get(place, ())

    def attaching(self, gateway: str) -> Sequence[str]:
        """The VPCs that are attached to a gateway."""
        return self._attached_to.get(gateway, ())

    def peers(self, network: str) -> Sequence[str]:
        """The VPCs or gateways that one of them is peered with."""
        return self._peers.get(network, ())

    def way(self, one: str, other: str) -> Sequence[str]:
        """The shortest chain of places and gateways by which two envers reach each other; empty: none."""
        ways = (way for here in self.places(one) for there in self.places(other) if (way := self._way(here, there)))
        return min(ways, key=len, default=())

    def reached_from(self, place: str) -> Iterator[tuple[str, Sequence[str]]]:
        """What else a place reaches, and the gateways on the way there; none of those: by peering."""
        yield from ((peer, ()) for peer in self.peers(place))
        seen = {place, *self.peers(place)}
        for gateway, gateways in self._from_gateways(self.attached(place)).items():
            new = [there for there in self.attaching(gateway) if there not in seen]
            seen |= set(new)
            yield from ((there, gateways) for there in new)

    def _way(self, here: str, there: str) -> Sequence[str]:
        if here == there:
            return (here,)
        over = dict(self.reached_from(here)).get(there)
        return () if over is None else (here, *over, there)

    def _from_gateways(self, start: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """All gateways that can be reached, the nearest first, each with the chain that leads to it."""
        found: dict[str, Sequence[str]] = {gateway: (gateway,) for gateway in start}
        waiting = deque(found)
        while waiting:
            here = waiting.popleft()
            for there in self.peers(here):
                if there not in found:
                    found[there] = (*found[here], there)
                    waiting.append(there)
        return found

    def _hosting(self, enver: str, above: set[str]) -> Sequence[str]:
        """Where the clusters are that an enver runs on, be it in a namespace of a namespace."""
        found: dict[str, None] = {}
        for wire in self._cluster_wires(enver):
            if wire.producer not in above:
                where = self._own.get(wire.producer) or self._hosting(wire.producer, {*above, wire.producer})
                found |= dict.fromkeys(where)
        return list(found)

    def _cluster_wires(self, enver: str) -> Sequence[WireEdge]:
        consumer = self._graph.envers.get(enver)
        return [wire for wire in consumer.wires if self.is_one(wire.kind, _CLUSTERS)] if consumer else ()

    @cached_property
    def place_of(self) -> Mapping[str, str]:
        """VPC or subnets → the product that stands for them: a maker's VPC and its subnets are one place."""
        found: dict[str, str] = {}
        for enver in self._graph.envers.values():
            vpcs = [product for product in enver.products if self.is_one(product.kind, VPCS)]
            whole = [product for product in vpcs if not self.is_one(product.kind, (Subnets,))]
            is_one = len({product.kind for product in whole}) == len(whole)  # an id and the rest of the same VPC
            parts = vpcs if is_one else [product for product in vpcs if product not in whole]
            found |= {product.address: product.address for product in whole}
            found |= {product.address: (whole[0] if is_one and whole else parts[0]).address for product in parts}
        return found

    @cached_property
    def _own(self) -> Links:
        """Enver → where it is by what it makes or joins."""
        found: dict[str, Sequence[str]] = {}
        for enver in self._graph.envers.values():
            places = self._made_places(enver) + self._joined_places(enver)
            if places or any(self._gateways_joined_or_made(enver)):
                found[enver.address] = list(dict.fromkeys(places)) or [enver.address]
        return found

    @cached_property
    def _gateways_of(self) -> Links:
        found: dict[str, dict[str, None]] = {}
        for enver in self._graph.envers.values():
            for gateway in self._gateways_joined_or_made(enver):
                for place in self._made_places(enver) or self._joined_places(enver) or [enver.address]:
                    found.setdefault(place, {})[gateway] = None
        return _listed(found)

    @cached_property
    def _attached_to(self) -> Links:
        return _listed(_turned(self._gateways_of))

    @cached_property
    def _peers(self) -> Links:
        found: dict[str, dict[str, None]] = {}
        for enver in self._graph.envers.values():
            made = [one.address for one in enver.products if self.is_one(one.kind, GATEWAYS)]
            gateways = [wire.product for wire in enver.wires if self.is_one(wire.kind, GATEWAYS)]
            for ours, others in ((self._made_places(enver), self._joined_places(enver)), (made, gateways)):
                for one, other in ((one, other) for one in ours for other in others if one != other):
                    found.setdefault(one, {})[other] = None
                    found.setdefault(other, {})[one] = None
        return _listed(found)

    def _made_places(self, enver: EnverNode) -> list[str]:
        made = [self.place_of[one.address] for one in enver.products if one.address in self.place_of]
        return list(dict.fromkeys(made))

    def _joined_places(self, enver: EnverNode) -> list[str]:
        joined = [self.place_of[wire.product] for wire in enver.wires if wire.product in self.place_of]
        return list(dict.fromkeys(joined))

    def _gateways_joined_or_made(self, enver: EnverNode) -> Iterator[str]:
        yield from (one.address for one in enver.products if self.is_one(one.kind, GATEWAYS))
        yield from (wire.product for wire in enver.wires if self.is_one(wire.kind, GATEWAYS))


def _turned(links: Links) -> Mapping[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for one, others in links.items():
        for other in others:
            found.setdefault(other, {})[one] = None
    return found


def _listed(found: Mapping[str, dict[str, None]]) -> Links:
    return {one: list(others) for one, others in found.items()}
