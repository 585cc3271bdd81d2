"""Contracts as nodes, not proven yet: may hold what a graph never does, so that rules can speak of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

from odmd.errors import ContractsNotLoaded, Place
from odmd.graph.nodes import AskedNode, ConfigNode, Consumer, EnverNode, ProductNode, WireEdge
from odmd.graph.purity import Noticed
from odmd.graph.schemas import Schema
from odmd.model import Branch, Enver, Offer, Offers, Organisation, Produces, Promoted, Revision, Tag, Wire
from odmd.model.access import READ
from odmd.model.checked import an
from odmd.model.kinds import Kind
from odmd.model.offers import Asked
from odmd.model.wiring import assigned_again

_KINDS: Final = Kind.__module__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Unwired:
    """An input or a request that nothing was assigned to."""

    enver: str
    name: str
    expected: str
    place: Place


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something of one type where an enver declared another."""

    enver: str
    name: str
    expected: str
    given: str
    place: Place


@dataclass(frozen=True, slots=True)
class AssignedAgain:
    """An input or a hub's key that was assigned more than once."""

    enver: str
    name: str
    before: Place | None
    place: Place


@dataclass(frozen=True, slots=True)
class Named:
    """A document that a build or an enver names."""

    owner: str
    path: str
    place: Place


@dataclass(slots=True)
class Draft:
    """What the rules look at."""

    organisation: Organisation
    declared: Sequence[Enver] = ()
    """Every enver that was made while the contracts were loaded, listed or not."""
    noticed: Sequence[Noticed] = ()
    """What the contracts asked of the world while they were loaded."""
    nodes: list[EnverNode] = field(default_factory=list[EnverNode])
    unwired: list[Unwired] = field(default_factory=list[Unwired])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    wired_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    hub_keys_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    documents: dict[Named, None] = field(default_factory=dict[Named, None])
    addresses: dict[int, str] = field(default_factory=dict[int, str])
    """By the enver's identity: an address is asked for once a wire."""
    kind_names: dict[type[Kind], str] = field(default_factory=dict[type[Kind], str])
    kinds: dict[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])
    schemas: dict[str, Schema] = field(default_factory=dict[str, Schema])
    """Types and documents that messages, items and APIs are declared as, by lasting name."""


def draft(organisation: Organisation, declared: Sequence[Enver] = (), noticed: Sequence[Noticed] = ()) -> Draft:
    """Reads every declared enver into a node."""
    made = Draft(organisation, declared, noticed)
    for enver in organisation.envers:
        made.nodes.append(_node(enver, made))
    made.nodes = _told(_with_consumed_children(made.nodes))
    return made


def lasting_name(cls: type[Any]) -> str:
    """The lasting name of a kind or a schema, `module:class`; of ours by the module that people import."""
    module = _KINDS if cls.__module__.startswith(f"{_KINDS}.") else cls.__module__
    return f"{module}:{cls.__qualname__}"


def _with_consumed_children(nodes: list[EnverNode]) -> list[EnverNode]:
    """Adds products' children (an API's document) that somebody consumes to whoever publishes the product."""
    children: dict[str, dict[str, ProductNode]] = {}
    products = {product.address: product for node in nodes for product in node.products}
    for wire in (wire for node in nodes for wire in node.wires if wire.product not in products):
        address, _, child = wire.product.rpartition("/")
        if (parent := products.get(address)) is not None:
            name = wire.product.removeprefix(f"{wire.producer}/")
            made = ProductNode(wire.product, name, wire.kind, f"{child} of {address}", regions=parent.regions)
            children.setdefault(wire.producer, {})[name] = made
    return [
        replace(node, products=(*node.products, *made.values())) if (made := children.get(node.address)) else node
        for node in nodes
    ]


def _told(nodes: list[EnverNode]) -> list[EnverNode]:
    """Names the consumers of those products whose envers want to know them."""
    asking = {product.address for node in nodes for product in node.products if product.told is not None}
    if not asking:
        return nodes
    told: dict[str, list[Consumer]] = {}
    for node in nodes:
        for wire in (wire for wire in node.wires if wire.product in asking):
            consumer = Consumer(node.address, node.account, node.region, wire.access)
            told.setdefault(wire.product, []).append(consumer)

    def with_consumers(product: ProductNode) -> ProductNode:
        if product.told is None:
            return product
        known = dict.fromkeys(sorted(told.get(product.address, ()), key=lambda one: (one.enver, one.access)))
        return replace(product, told=tuple(known))

    return [replace(node, products=tuple(map(with_consumers, node.products))) for node in nodes]


def _node(enver: Enver, made: Draft) -> EnverNode:
    build, stage, address = enver.build, enver.at, enver.address
    _note_documents(enver, made)
    _note_rewiring(enver, made)
    return EnverNode(
        address=address,
        build=build.name,
        build_type=enver.build_type,
        slot=enver.slot,
        repo=build.repo.name,
        folder=build.folder,
        team=build.repo.team.name,
        revision=_revision(enver.on),
        stage=stage.name,
        stage_place=stage.place,
        account=stage.account.id,
        region=stage.region,
        ephemeral=enver.ephemeral,
        products=tuple(_products(enver, address, made)),
        wires=tuple(_wires(enver, address, made)),
        place=enver.place,
        approver=enver.on.by.name if isinstance(enver.on, Promoted) and enver.on.by else None,
        origin=enver.origin.address if enver.origin else None,
        asked=tuple(_asked_of(enver)),
        configs=tuple(
            ConfigNode(name, lasting_name(schema), said.about)
            for name, (said, schema) in type(enver).declaration.configs.items()
        ),
        secrets=tuple(said.alias or name for name, said in type(enver).declaration.secrets.items()),
        commands=tuple(getattr(enver, "commands", ())),
    )


def _note_documents(enver: Enver, made: Draft) -> None:
    for path in enver.build.documents:
        made.documents[Named(f"build {enver.build.name}", path, enver.build.place)] = None
    for path in enver.documents:
        made.documents[Named(str(enver), path, enver.place)] = None


def _note_rewiring(enver: Enver, made: Draft) -> None:
    for name, (before, now) in assigned_again(enver).items():
        made.wired_twice.append(AssignedAgain(str(enver), name, before, now))


def _revision(on: Revision) -> str:
    match on:
        case Branch(name):
            return f"branch:{name}"
        case Tag(name):
            return f"tag:{name}"
        case Promoted(after=after):
            return f"promoted:{after.address}"


def _products(enver: Enver, address: str, made: Draft) -> Iterator[ProductNode]:
    declaration = type(enver).declaration
    for name, (said, kind) in declaration.products.items():
        schema = declaration.schemas.get(name)
        yield ProductNode(
            address=f"{address}/{said.alias or name}",
            name=said.alias or name,
            kind=_kind(kind, made),
            about=said.about,
            source=said.source.path if said.source else "",
            regions=said.regions,
            schema=_schema(type(enver), said.schema, schema, made),
            sensitive=kind.sensitive,
            external=said.external,
            told=() if said.tells_consumers else None,
        )
    for asked in _asked(enver):
        for product, kind in asked.offer.products.items():
            name = f"{_request_key(asked)}/{product}"
            yield ProductNode(f"{address}/{name}", name, _kind(kind, made), sensitive=kind.sensitive)


def _kind(kind: type[Kind], made: Draft) -> str:
    if (name := made.kind_names.get(kind)) is None:
        name = made.kind_names[kind] = lasting_name(kind)
        made.kinds[name] = kind
    return name


def _schema(cls: type[Enver], path: str, schema: type[Any] | None, made: Draft) -> str:
    """The lasting name of a schema: of a document that the class names by its path, else of a type."""
    if path:
        module = sys.modules[cls.__module__]
        folder = cls.__module__.rpartition(".")[0].replace(".", "/")
        name = f"{folder}/{path}" if folder else path
        made.schemas[name] = Path(module.__file__ or ".").parent / path
        return name
    if schema is None:
        return ""
    name = lasting_name(schema)
    made.schemas[name] = schema
    return name


def _asked(enver: Enver) -> Iterator[Asked[Offer]]:
    for field_name in type(enver).declaration.offers:
        yield from getattr(enver, field_name).asked


def _asked_of(enver: Enver) -> Iterator[AskedNode]:
    for name in type(enver).declaration.offers:
        for asked in getattr(enver, name).asked:
            client: Enver = asked.client
            offer = json.dumps(_own_fields(asked.offer), sort_keys=True, default=str)
            yield AskedNode(name, _request_key(asked), client.address, client.at.account.id, offer)


def _own_fields(offer: Offer) -> Mapping[str, object]:
    """What the client says in its request; its products are the shared enver's."""
    if not is_dataclass(offer):
        return {}
    return {one.name: getattr(offer, one.name) for one in fields(offer) if one.name not in offer.products}


def _request_key(asked: Asked[Offer]) -> str:
    return f"{asked.client.address.replace('/', '.')}/{asked.field}"


def _address(product: Produces[Kind], made: Draft) -> tuple[str, str]:
    """The product's enver and its own address."""
    owner = product.owner
    if not isinstance(owner, Enver):
        raise ContractsNotLoaded(
            f"{product.name} belongs to an offer's template", next_step="wire the product of the client's own request"
        )
    address = made.addresses.get(id(owner)) or made.addresses.setdefault(id(owner), owner.address)
    return address, f"{address}/{product.name}"


def _wires(enver: Enver, address: str, made: Draft) -> Iterable[WireEdge]:
    declared = type(enver).declaration
    for name, (consumes, kind) in declared.consumes.items():
        if (wire := consumes.wire(enver)) is None:
            made.unwired.append(Unwired(str(enver), name, kind.__name__, enver.place))
        else:
            _note_misfits(enver, name, kind, wire, made)
            schema = _schema(type(enver), consumes.schema, declared.schemas.get(name), made)
            yield _edge(address, consumes.alias or name, wire, consumes.access, made, schema)
    for name, kind in declared.hubs.items():
        hub = getattr(enver, name)
        made.hub_keys_twice += [AssignedAgain(str(enver), f"{name}[{key!r}]", None, at) for key, at in hub.set_twice()]
        for key, wire in hub.wires().items():
            _note_misfits(enver, f"{name}[{key!r}]", kind, wire, made)
            yield _edge(address, f"{name}/{key}", wire, READ, made)
    for name, requests in declared.requests.items():
        if (offers := requests.offers(enver)) is None:
            made.unwired.append(Unwired(str(enver), name, type(requests.template).__name__, enver.place))
        elif not isinstance(requests.template, offers.offer):
            wanted, given = type(requests.template).__name__, offers.offer.__name__
            made.misfits.append(Misfit(str(enver), name, wanted, f"{offers.owner}, which offers {given}", enver.place))
        else:
            yield from _requested(enver, name, offers, made)


def _requested(enver: Enver, name: str, offers: Offers[Offer], made: Draft) -> Iterator[WireEdge]:
    for asked in offers.asked:
        if asked.client is enver and asked.field == name:
            for product, kind in asked.offer.products.items():
                source = Produces[Kind](offers.owner, f"{_request_key(asked)}/{product}", kind)
                yield _edge(enver.address, f"{name}/{product}", Wire(source, place=asked.place), READ, made)


def _note_misfits(enver: Enver, name: str, kind: type[Kind], wire: Wire[Kind], made: Draft) -> None:
    product, placeholder = wire.producer, wire.placeholder
    if not issubclass(product.kind, kind):
        given = f"{product.owner}'s {product.name}, which is {an(product.kind.__name__)}"
        made.misfits.append(Misfit(str(enver), name, kind.__name__, given, wire.place))
    if placeholder is not None and not isinstance(placeholder, kind):
        given = f"the placeholder {placeholder!r}, which is {an(type(placeholder).__name__)}"
        made.misfits.append(Misfit(str(enver), name, kind.__name__, given, wire.place))


def _edge(consumer: str, name: str, wire: Wire[Kind], access: str, made: Draft, schema: str = "") -> WireEdge:
    product = wire.producer
    producer, address = _address(product, made)
    return WireEdge(
        consumer=consumer,
        name=name,
        product=address,
        kind=_kind(product.kind, made),
        access=access,
        mode=wire.mode,
        gate=wire.gate.name if wire.gate else None,
        placeholder=wire.placeholder.text() if wire.placeholder else None,
        place=wire.place,
        producer=producer,
        schema=schema,
    )
