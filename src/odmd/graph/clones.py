"""Contracts with clones that were made on demand: the same envers as if the contracts' text declared them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from odmd.errors import Diagnostic, Severity
from odmd.graph.approvals import ApprovalNode
from odmd.graph.compile import Compiled, ordered
from odmd.graph.draft import draft_of_nodes
from odmd.graph.nodes import (
    AskedNode,
    CloneNode,
    CloneSetNode,
    Consumer,
    EnverNode,
    Graph,
    ProductNode,
    WireEdge,
    clone_address,
)
from odmd.graph.rights.telling import with_roles_told
from odmd.graph.rules import OF_NODES
from odmd.model import naming


def with_clones(compiled: Compiled, sets: Sequence[CloneSetNode]) -> Compiled:
    """The contracts with these clones, and no others that were made on demand.

    A clone whose origin is not in the contracts, or is a clone itself, is left out, as is one that their text declares
    by now.
    """
    graph = graph_with_clones(compiled.graph, sets)
    documents = dict(compiled.documents)
    for one in graph.clones:
        for clone, address in zip(one.clones, one.addresses, strict=True):
            if said := documents.get(graph.envers[clone.origin].label):
                documents[graph.envers[address].label] = said
    return replace(compiled, graph=graph, documents=documents)


def graph_with_clones(graph: Graph, sets: Sequence[CloneSetNode]) -> Graph:
    """As `with_clones`."""
    declared = graph.text
    possible = [one for each in sets if (one := _possible(declared, each)) is not None]
    if not possible:
        return declared
    made = _Made(declared)
    for one in possible:
        made.add(one)
    return made.graph(possible)


def clone_to_be(graph: Graph, address: str) -> CloneSetNode | None:
    """A clone that can be made and is not there, by the address that it would have; None: that is the address of none.

    Which branch it would follow is not said by it.
    """
    origin, is_clone, slot = address.partition("-_b..")
    declared = graph.text.envers.get(origin)
    if address in graph.envers or not is_clone or declared is None or declared.origin or not naming.is_plain(slot):
        return None
    return CloneSetNode(slot, (CloneNode(origin, slot),))


def wrong_with_clones(compiled: Compiled) -> Sequence[Diagnostic]:
    """What rules find in contracts with clones that were sound without them."""
    graph = compiled.graph
    nodes = list(graph.envers.values())
    drafted = draft_of_nodes(graph.organisation, graph.central_account, nodes, graph.builds, compiled.kinds)
    found = (one for rule in OF_NODES for one in rule(drafted) if one.severity is Severity.ERROR)
    return sorted(found, key=lambda one: (one.code, one.fact))


def _possible(declared: Graph, wanted: CloneSetNode) -> CloneSetNode | None:
    """Those of the set that can be there."""
    there = declared.envers
    kept = tuple(
        one
        for one in wanted.clones
        if one.origin in there
        and there[one.origin].origin is None
        and clone_address(one.origin, wanted.slot) not in there
    )
    return replace(wanted, clones=kept) if kept else None


@dataclass(slots=True)
class _Made:
    """What clones bring: themselves, and what others make for them and are told of them."""

    declared: Graph
    clones: dict[str, EnverNode] = field(default_factory=dict[str, EnverNode])
    approvals: list[ApprovalNode] = field(default_factory=list[ApprovalNode])
    asked: dict[str, list[AskedNode]] = field(default_factory=dict[str, list[AskedNode]])
    """By who is asked."""
    products: dict[str, list[ProductNode]] = field(default_factory=dict[str, list[ProductNode]])
    """What is made for clones, by who makes it."""
    told: dict[str, dict[str, set[Consumer]]] = field(default_factory=dict[str, dict[str, set[Consumer]]])
    """By who wants to know it: product → the clones that consume it."""

    def add(self, wanted: CloneSetNode) -> None:
        """Adds the clones of a set, and what they ask of others."""
        twins = dict(zip([one.origin for one in wanted.clones], wanted.addresses, strict=True))
        made = [_clone(self.declared.envers[one.origin], one.branch, twins) for one in wanted.clones]
        self.clones.update({clone.address: clone for clone in made})
        for origin, clone in zip(twins, made, strict=True):
            self._ask(origin, twins)
            self._consume(clone, {twin: of for of, twin in twins.items()})
            for wire in clone.wires:
                if (said := self.declared.governed.approval(f"{origin}:{wire.name}")) is not None:
                    self.approvals.append(replace(said, subject=f"{clone.address}:{wire.name}"))

    def _ask(self, origin: str, twins: Mapping[str, str]) -> None:
        """What an origin asks of others, its clone asks, too: of theirs, where they have a clone in the set."""
        for provider, asked in self.declared.asks.get(origin, ()):
            of_whom, field_asked = twins.get(provider, provider), asked.key.removeprefix(_client_key(origin))
            key = f"{_client_key(twins[origin])}{field_asked}"
            self.asked.setdefault(of_whom, []).append(replace(asked, key=key, client=twins[origin]))
            for one in self.declared.envers[provider].products:
                if _asked_key(one.name) == asked.key:
                    name = f"{key}{one.name.removeprefix(asked.key)}"
                    made = replace(one, name=name, address=f"{of_whom}/{name}")
                    self.products.setdefault(of_whom, []).append(made)

    def _consume(self, clone: EnverNode, origins: Mapping[str, str]) -> None:
        """Whom it consumes from is told, where he wants to know, and makes the children that it consumes."""
        for wire in clone.wires:
            like = wire.product.replace(wire.producer, origins.get(wire.producer, wire.producer), 1)
            if (product := self.declared.products.get(like)) is None:
                continue  # what a client asked for
            if product.told is not None:
                consumer = Consumer(clone.address, clone.account, clone.region, wire.access)
                self.told.setdefault(wire.producer, {}).setdefault(wire.product, set()).add(consumer)
            parent, _, child = wire.product.rpartition("/")
            if wire.producer in origins and like.rpartition("/")[0] in self.declared.products:
                made = self.products.setdefault(wire.producer, [])
                if all(one.address != wire.product for one in made):
                    made.append(replace(product, address=wire.product, about=f"{child} of {parent}", told=None))

    def graph(self, sets: Sequence[CloneSetNode]) -> Graph:
        """All of it, in order."""
        declared = self.declared
        changed = {**self.clones}
        for address in {*self.asked, *self.products, *self.told}:
            changed[address] = self._as_others_need(changed.get(address) or declared.envers[address])
        envers = {**declared.envers, **changed}
        drafted = draft_of_nodes(declared.organisation, declared.central_account, list(envers.values()), {}, {})
        in_order, moves_after = ordered(drafted, declared.stages)
        approvals = sorted((*declared.governed.approvals, *self.approvals), key=lambda one: one.subject)
        governed = replace(declared.governed, approvals=tuple(approvals))
        graph = replace(declared, envers=in_order, moves_after=moves_after, governed=governed)
        graph = with_roles_told(replace(graph, clones=tuple(sets), declared=declared))
        return graph.with_slices({address: graph.envers[address].slice() for address in changed})

    def _as_others_need(self, node: EnverNode) -> EnverNode:
        """Asks by field, and what is made for them after what is made by itself, as where the text says all of it."""
        asked = (*node.asked, *self.asked.get(node.address, ()))
        like = self.declared.envers[node.origin] if node.origin else node
        fields = list(dict.fromkeys([one.field for one in (*like.asked, *asked)]))
        asked = tuple(sorted(asked, key=lambda one: fields.index(one.field)))
        told, made = self.told.get(node.address, {}), (*node.products, *self.products.get(node.address, ()))
        products = [replace(one, told=_told(one.told, told.get(one.address, ()))) for one in made]
        names, keys = {one.name for one in products}, {one.key: at for at, one in enumerate(asked)}

        def place(one: ProductNode) -> int:
            if one.name.rpartition("/")[0] in names:
                return len(keys)  # a child
            return keys.get(_asked_key(one.name), -1)

        return replace(node, asked=asked, products=tuple(sorted(products, key=place)))


def _clone(origin: EnverNode, branch: str, twins: Mapping[str, str]) -> EnverNode:
    """A clone, as nobody asks it for anything yet, and nobody consumes of it."""
    address = twins[origin.address]
    return replace(
        origin,
        address=address,
        slot=address.removeprefix(f"{origin.build}/"),
        revision=f"branch:{branch}",
        ephemeral=True,
        products=tuple(_own_products(origin, address)),
        wires=tuple([_led(wire, address, twins) for wire in origin.wires]),
        built=origin.built.of_clone() if origin.built else None,
        approver=None,
        origin=origin.address,
        asked=(),
    )


def _own_products(origin: EnverNode, address: str) -> Iterator[ProductNode]:
    """Without what clients ask for, and without children, which are there as long as somebody consumes them."""
    names, keys = {one.name for one in origin.products}, {asked.key for asked in origin.asked}
    for one in origin.products:
        if _asked_key(one.name) not in keys and one.name.rpartition("/")[0] not in names:
            yield replace(one, address=f"{address}/{one.name}", told=None if one.told is None else ())


def _led(wire: WireEdge, clone: str, twins: Mapping[str, str]) -> WireEdge:
    """The origin's wire, as its clone has it."""
    producer = twins.get(wire.producer, wire.producer)
    name = wire.product.removeprefix(f"{wire.producer}/")
    of_client, slash, rest = name.partition("/")
    if of_client == _client_key(wire.consumer):
        name = f"{_client_key(clone)}{slash}{rest}"
    return wire._replace(consumer=clone, producer=producer, product=f"{producer}/{name}")


def _client_key(client: str) -> str:
    """What the name of each product begins with that is made for a client."""
    return client.replace("/", ".")


def _asked_key(product: str) -> str:
    """What the names of all products begin with that are made for the same request: client and field."""
    return "/".join(product.split("/", 2)[:2])


def _told(known: Sequence[Consumer] | None, more: Iterable[Consumer]) -> tuple[Consumer, ...] | None:
    """None stays: nobody wants to know."""
    return None if known is None else tuple(sorted({*known, *more}, key=lambda one: (one.enver, one.access)))
