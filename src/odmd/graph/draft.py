"""Contracts as nodes, not proven yet: may hold what a graph never does, so that rules can speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from odmd.errors import ContractsNotLoaded, Place
from odmd.graph.nodes import EnverNode, ProductNode, WireEdge
from odmd.model import Branch, Enver, Offer, Offers, Organisation, Produces, Promoted, Revision, Tag, Wire
from odmd.model.checked import an
from odmd.model.kinds import Kind
from odmd.model.offers import Asked


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


@dataclass(slots=True)
class Draft:
    """What the rules look at."""

    organisation: str
    nodes: list[EnverNode] = field(default_factory=list[EnverNode])
    unwired: list[Unwired] = field(default_factory=list[Unwired])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    hub_keys_twice: list[Unwired] = field(default_factory=list[Unwired])
    kinds: dict[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])


def draft(organisation: Organisation) -> Draft:
    """Reads every declared enver into a node."""
    made = Draft(organisation.name)
    for enver in organisation.envers:
        made.nodes.append(_node(enver, made))
    made.nodes = _with_consumed_children(made.nodes)
    return made


def kind_name(kind: type[Kind]) -> str:
    """The lasting name of a kind, `module:class`."""
    return f"{kind.__module__}:{kind.__qualname__}"


def _with_consumed_children(nodes: list[EnverNode]) -> list[EnverNode]:
    """Adds products' children (an API's document) that somebody consumes to whoever publishes the product."""
    children: dict[str, dict[str, ProductNode]] = {}
    products = {product.address for node in nodes for product in node.products}
    for wire in (wire for node in nodes for wire in node.wires):
        parent, _, child = wire.product.rpartition("/")
        if wire.product not in products and parent in products:
            name = wire.product.removeprefix(f"{wire.producer}/")
            made = ProductNode(wire.product, name, wire.kind, f"{child} of {parent}")
            children.setdefault(wire.producer, {})[name] = made
    return [replace(node, products=(*node.products, *children.get(node.address, {}).values())) for node in nodes]


def _node(enver: Enver, made: Draft) -> EnverNode:
    return EnverNode(
        address=enver.address,
        build=enver.build.name,
        build_type=enver.build_type,
        slot=enver.slot,
        repo=enver.build.repo.name,
        folder=enver.build.folder,
        team=enver.build.repo.team.name,
        revision=_revision(enver.on),
        stage=enver.at.name,
        stage_place=enver.at.place,
        account=enver.at.account.id,
        region=enver.at.region,
        ephemeral=enver.ephemeral,
        products=tuple(_products(enver, made)),
        wires=tuple(_wires(enver, made)),
        place=enver.place,
    )


def _revision(on: Revision) -> str:
    match on:
        case Branch(name):
            return f"branch:{name}"
        case Tag(name):
            return f"tag:{name}"
        case Promoted(after=after):
            return f"promoted:{after.address}"


def _products(enver: Enver, made: Draft) -> Iterator[ProductNode]:
    declared = (getattr(enver, name) for name in type(enver).declaration.products)
    for product in (*declared, *_made_on_request(enver)):
        made.kinds[kind_name(product.kind)] = product.kind
        yield ProductNode(_address(product), product.name, kind_name(product.kind), product.about)


def _made_on_request(enver: Enver) -> Iterator[Produces[Kind]]:
    for asked in _asked(enver):
        for name, kind in asked.offer.products.items():
            yield Produces(enver, f"{_request_key(asked)}/{name}", kind)


def _asked(enver: Enver) -> Iterator[Asked[Offer]]:
    for field_name in type(enver).declaration.offers:
        yield from getattr(enver, field_name).asked


def _request_key(asked: Asked[Offer]) -> str:
    return f"{asked.client.address.replace('/', '.')}/{asked.field}"


def _address(product: Produces[Kind]) -> str:
    owner = product.owner
    if not isinstance(owner, Enver):
        raise ContractsNotLoaded(
            f"{product.name} belongs to an offer's template", next_step="wire the product of the client's own request"
        )
    return f"{owner.address}/{product.name}"


def _wires(enver: Enver, made: Draft) -> Iterable[WireEdge]:
    declared = type(enver).declaration
    for name, (consumes, kind) in declared.consumes.items():
        if (wire := consumes.wire(enver)) is None:
            made.unwired.append(Unwired(str(enver), name, kind.__name__, enver.place))
        else:
            made.misfits += _misfits(enver, name, kind, wire)
            yield _edge(enver, consumes.alias or name, wire, consumes.access.value, made)
    for name, kind in declared.hubs.items():
        hub = getattr(enver, name)
        made.hub_keys_twice += [Unwired(str(enver), name, key, place) for key, place in hub.set_twice()]
        for key, wire in hub.wires().items():
            made.misfits += _misfits(enver, f"{name}[{key!r}]", kind, wire)
            yield _edge(enver, f"{name}/{key}", wire, "read", made)
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
                yield _edge(enver, f"{name}/{product}", Wire(source, place=asked.place), "read", made)


def _misfits(enver: Enver, name: str, kind: type[Kind], wire: Wire[Kind]) -> Iterator[Misfit]:
    product, placeholder = wire.producer, wire.placeholder
    if not issubclass(product.kind, kind):
        given = f"{product.owner}'s {product.name}, which is {an(product.kind.__name__)}"
        yield Misfit(str(enver), name, kind.__name__, given, wire.place)
    if placeholder is not None and not isinstance(placeholder, kind):
        given = f"the placeholder {placeholder!r}, which is {an(type(placeholder).__name__)}"
        yield Misfit(str(enver), name, kind.__name__, given, wire.place)


def _edge(enver: Enver, name: str, wire: Wire[Kind], access: str, made: Draft) -> WireEdge:
    product = wire.producer
    made.kinds[kind_name(product.kind)] = product.kind
    return WireEdge(
        consumer=enver.address,
        name=name,
        product=_address(product),
        kind=kind_name(product.kind),
        access=access,
        mode=wire.mode.value,
        gate=wire.gate.name if wire.gate else None,
        placeholder=wire.placeholder.text() if wire.placeholder else None,
        place=wire.place,
    )
