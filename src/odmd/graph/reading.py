"""Reads declared envers into nodes: what a class says once, and what each enver says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Final, NamedTuple

from odmd.errors import ContractsNotLoaded
from odmd.graph.built import Built, PackageNode, read_built
from odmd.graph.draft import AssignedAgain, Draft, Misfit, Named, Unwired
from odmd.graph.nodes import (
    ActionsNode,
    AskedNode,
    BuildNode,
    Consumer,
    EnverNode,
    PermissionNode,
    ProductNode,
    WireEdge,
)
from odmd.graph.purity import Noticed
from odmd.graph.said import Classes
from odmd.graph.verified import read_verification
from odmd.model import (
    Approval,
    AsInstalled,
    Branch,
    Build,
    Enver,
    Offer,
    Offers,
    Organisation,
    Produces,
    Promoted,
    Revision,
    Tag,
    Wire,
)
from odmd.model.access import READ
from odmd.model.checked import an
from odmd.model.kinds import Kind
from odmd.model.offers import Asked
from odmd.model.wiring import Mode, assigned_again

_AUTOMATIC: Final = Mode.AUTOMATIC


def draft(organisation: Organisation, declared: Sequence[Enver] = (), noticed: Sequence[Noticed] = ()) -> Draft:
    """Reads every declared enver into a node; all wires first, since products depend on who consumes them."""
    made, envers = Draft(organisation, declared, noticed), organisation.envers
    reader = _Reader(made)
    products = [reader.products(enver) for enver in envers]
    wires = [reader.wires(enver) for enver in envers]
    made.products = {product.address: product for own in products for product in own}
    made.consumed = {wire.product: wire for consumed in wires for wire in consumed}
    children = _consumed_children(made)
    _tell(products, envers, wires)
    for enver, own, consumed in zip(envers, products, wires, strict=True):
        made.nodes.append(reader.node(enver, own, children, consumed))
    made.envers = {node.address: node for node in made.nodes}
    if len(made.envers) < len(made.nodes):  # a mistake; what else is said of it shall not depend on who came first
        made.envers = {node.address: node for node in sorted(made.nodes, key=EnverNode.slice)}
    made.products = {product.address: product for node in made.envers.values() for product in node.products}
    made.builds = _builds(organisation)
    return made


class _Publisher(NamedTuple):
    """An enver's address, and those of its products by name: made once, as most products have many consumers."""

    address: str
    products: dict[str, str]
    built: Built | None
    registry: str
    """Where its package is installed from, if it publishes one."""

    def product(self, name: str) -> str:
        return self.products.get(name) or self.products.setdefault(name, f"{self.address}/{name}")


class _Reader:
    """Reads envers, and notes in the draft what is amiss with them."""

    def __init__(self, made: Draft) -> None:
        self._made = made
        self._said = Classes(made)
        envers = made.organisation.envers
        self._publishers = {id(enver): _published(enver) for enver in envers}
        """By the enver's identity: addresses are asked for once a wire."""

    def products(self, enver: Enver) -> list[ProductNode]:
        """What an enver publishes, without the children of its products."""
        publisher, outputs = self._publishers[id(enver)], self._said.by(type(enver)).outputs
        found = [ProductNode(publisher.product(name), name, *said) for name, said in outputs]
        for asked in _asked(enver) if type(enver).declaration.offers else ():
            for product, kind in asked.offer.products.items():
                name = f"{_request_key(asked)}/{product}"
                found.append(
                    ProductNode(publisher.product(name), name, self._said.kind(kind), sensitive=kind.sensitive)
                )
        return found

    def wires(self, enver: Enver) -> tuple[WireEdge, ...]:
        """What leads into an enver."""
        cls, own, place = type(enver), enver.__dict__, enver.place
        publishers, kind_names = self._publishers, self._said.kind_names
        address = publishers[id(enver)].address
        found: list[WireEdge] = []
        for field, name, kind, access, schema, to, uses in self._said.by(cls).inputs:
            source: Produces[Kind] | Wire[Kind] | None = own.get(field)
            if isinstance(source, Produces) and source.kind is kind:  # a product by itself that fits, as most do
                producer, products, _, at = publishers.get(id(source.owner)) or self._publisher(source)
                product = products.get(source.name) or self._publisher(source).product(source.name)
                given = kind_names.get(kind) or self._said.kind(kind)
                # by position, and past `WireEdge.__new__`: there are many
                ends = (producer, schema, to, at, uses)
                wire = (address, name, product, given, access, _AUTOMATIC, None, None, place, *ends)
                found.append(tuple.__new__(WireEdge, wire))  # pyright: ignore[reportUnknownMemberType]
            elif source is None:
                self._made.unwired.append(Unwired(str(enver), field, kind.__name__, place))
            else:
                wire = source if isinstance(source, Wire) else Wire(source, place=place)
                self._note_misfits(enver, field, kind, wire)
                found.append(self._wire(address, name, wire, access, schema, to, uses))
        if cls.declaration.hubs or cls.declaration.requests:
            found += self._collected(enver)
        return tuple(found)

    def _collected(self, enver: Enver) -> Iterator[WireEdge]:
        """What leads into an enver's hubs, and what it asks others for."""
        declared, made = type(enver).declaration, self._made
        for name, kind in declared.hubs.items():
            hub = getattr(enver, name)
            made.hub_keys_twice += [
                AssignedAgain(str(enver), f"{name}[{key!r}]", None, at) for key, at in hub.set_twice()
            ]
            for key, wire in hub.wires().items():
                self._note_misfits(enver, f"{name}[{key!r}]", kind, wire)
                yield self._wire(enver.address, f"{name}/{key}", wire, READ)
        for name, requests in declared.requests.items():
            if (offers := requests.offers(enver)) is None:
                made.unwired.append(Unwired(str(enver), name, type(requests.template).__name__, enver.place))
            elif not isinstance(requests.template, offers.offer):
                wanted, given = type(requests.template).__name__, offers.offer.__name__
                given = f"{offers.owner}, which offers {given}"
                made.misfits.append(Misfit(str(enver), name, wanted, given, enver.place))
            else:
                yield from self._requested(enver, name, offers)

    def _requested(self, enver: Enver, name: str, offers: Offers[Offer]) -> Iterator[WireEdge]:
        for asked in offers.asked:
            if asked.client is enver and asked.field == name:
                for product, kind in asked.offer.products.items():
                    source = Produces[Kind](offers.owner, f"{_request_key(asked)}/{product}", kind)
                    yield self._wire(enver.address, f"{name}/{product}", Wire(source, place=asked.place), READ)

    def _wire(
        self,
        consumer: str,
        name: str,
        wire: Wire[Kind],
        access: str,
        schema: str = "",
        to: str = "",
        uses: tuple[str, ...] = (),
    ) -> WireEdge:
        product, gate, placeholder = wire.producer, wire.gate, wire.placeholder
        if wire.approval is not None:
            self._made.approvals[f"{consumer}:{name}"] = wire.approval
        if wire.objective is not None:
            self._made.objectives[f"{consumer}:{name}"] = wire.objective, wire.place
        publisher = self._publisher(product)
        return WireEdge(
            consumer=consumer,
            name=name,
            product=publisher.product(product.name),
            kind=self._said.kind(product.kind),
            access=access,
            mode=wire.mode,
            gate=gate.name if gate is not None else None,
            placeholder=placeholder.text() if placeholder is not None else None,
            place=wire.place,
            producer=publisher.address,
            schema=schema,
            to=to,
            registry=publisher.registry,
            uses=uses,
        )

    def _note_misfits(self, enver: Enver, name: str, kind: type[Kind], wire: Wire[Kind]) -> None:
        product, placeholder = wire.producer, wire.placeholder
        if not issubclass(product.kind, kind):
            given = f"{product.owner}'s {product.name}, which is {an(product.kind.__name__)}"
            self._made.misfits.append(Misfit(str(enver), name, kind.__name__, given, wire.place))
        if placeholder is not None and not isinstance(placeholder, kind):
            given = f"the placeholder {placeholder!r}, which is {an(type(placeholder).__name__)}"
            self._made.misfits.append(Misfit(str(enver), name, kind.__name__, given, wire.place))

    def node(
        self,
        enver: Enver,
        products: Iterable[ProductNode],
        children: Mapping[str, Iterable[ProductNode]],
        wires: tuple[WireEdge, ...],
    ) -> EnverNode:
        """An enver with what it publishes, children of its products included, and what leads into it."""
        cls, own = type(enver), enver.__dict__
        build, stage, on, publisher = cls.build, enver.at, enver.on, self._publishers[id(enver)]
        address = publisher.address
        repo, account, said, origin = build.made_of, stage.account, self._said.by(cls), enver.origin
        if build.documents or enver.documents:
            self._note_documents(enver)
        if own.get("_again"):
            for name, (before, now) in assigned_again(enver).items():
                self._made.wired_twice.append(AssignedAgain(str(enver), name, before, now))
        if isinstance(on, Promoted) and isinstance(on.by, Approval):
            self._made.approvals[f"{address}:"] = on.by
        if isinstance(on, Promoted) and on.within is not None:
            self._made.objectives[f"{address}:"] = on.within, enver.place
        return EnverNode(  # by position, as names take twice as long
            address,
            build.name,
            cls.build_type,
            address[len(build.name) + 1 :],
            repo.name,
            build.folder,
            repo.team.name,
            _revision(on, build),
            stage.name,
            stage.place,
            account.id,
            stage.region,
            enver.ephemeral,
            (*products, *children.get(address, ())),
            wires,
            enver.place,
            publisher.built,
            team.name if (team := on.team if isinstance(on, Promoted) else None) else None,
            origin.address if origin else None,
            tuple(_asked_of(enver)) if cls.declaration.offers else (),
            said.configs,
            said.secrets,
            tuple(build.also),
            said.name,
            restarting=said.restarting,
            verification=read_verification(enver),
        )

    def _note_documents(self, enver: Enver) -> None:
        for path in enver.build.documents:
            self._made.documents[Named(f"build {enver.build.name}", path, enver.build.place)] = None
        for path in enver.documents:
            self._made.documents[Named(str(enver), path, enver.place)] = None

    def _publisher(self, product: Produces[Kind]) -> _Publisher:
        """Who makes a product, be it an enver that the organisation does not list."""
        owner = product.owner
        if (known := self._publishers.get(id(owner))) is not None:
            return known
        if not isinstance(owner, Enver):
            raise ContractsNotLoaded(
                f"{product.name} belongs to an offer's template",
                next_step="wire the product of the client's own request",
            )
        return self._publishers.setdefault(id(owner), _published(owner))


def _consumed_children(made: Draft) -> Mapping[str, Iterable[ProductNode]]:
    """Products' children (an API's document) that somebody consumes, by the enver that publishes the product."""
    children: dict[str, list[ProductNode]] = {}
    for product in [one for one in made.consumed if one not in made.products]:
        wire, (address, _, child) = made.consumed[product], product.rpartition("/")
        if (parent := made.products.get(address)) is not None:
            name, about = product.removeprefix(f"{wire.producer}/"), f"{child} of {address}"
            of_producer = children.setdefault(wire.producer, [])
            of_producer.append(ProductNode(product, name, wire.kind, about, regions=parent.regions))
    return children


def _tell(products: list[list[ProductNode]], envers: Sequence[Enver], wires: Sequence[Sequence[WireEdge]]) -> None:
    """Names the consumers of those products whose envers want to know them."""
    told: dict[str, set[Consumer]] = {one.address: set() for own in products for one in own if one.told is not None}
    if not told:
        return
    for enver, consumed in zip(envers, wires, strict=True):
        for wire in consumed:
            if wire.product in told:
                told[wire.product].add(Consumer(wire.consumer, enver.at.account.id, enver.at.region, wire.access))
    for own in products:
        for number, product in enumerate(own):
            if product.told is not None:
                known = sorted(told[product.address], key=lambda one: (one.enver, one.access))
                own[number] = replace(product, told=tuple(known))


def _builds(organisation: Organisation) -> dict[str, BuildNode]:
    """All builds by name: of envers, and those that have none yet."""
    listed = ((one, "") if isinstance(one, Build) else (one.build, one.build_type) for one in organisation.builds)
    found = {build.name: (build, build_type) for build, build_type in listed}
    found |= {enver.build.name: (enver.build, enver.build_type) for enver in organisation.envers}
    return {name: _build(*found[name]) for name in sorted(found)}


def _build(build: Build, build_type: str) -> BuildNode:
    repo = build.made_of
    jobs = ActionsNode(build.runs_on.branch, build.runs_on.runner) if build.runs_on else None
    said = build.documents, build.place, _rights(build), repo.ids, jobs
    return BuildNode(build.name, build_type, repo.name, build.folder, repo.team.name, *said)


def _rights(build: Build) -> tuple[PermissionNode, ...]:
    return tuple(PermissionNode(one.action, one.on, one.place) for one in build.may)


def _revision(on: Revision, build: Build) -> str:
    match on:
        case AsInstalled():
            return f"installed:{build.made_of.name}"
        case Branch():
            return f"branch:{on.name}"
        case Tag():
            return f"tag:{on.name}"
        case Promoted():
            return f"promoted:{on.after.address}"


def _asked(enver: Enver) -> Iterator[Asked[Offer]]:
    for field_name in type(enver).declaration.offers:
        yield from getattr(enver, field_name).asked


def _asked_of(enver: Enver) -> Iterator[AskedNode]:
    for name in type(enver).declaration.offers:
        for asked in getattr(enver, name).asked:
            client = asked.client
            offer = json.dumps(_own_fields(asked.offer), sort_keys=True, default=str)
            yield AskedNode(name, _request_key(asked), client.address, client.at.account.id, offer)


def _own_fields(offer: Offer) -> Mapping[str, object]:
    """What the client says in its request; its products are the shared enver's."""
    if not is_dataclass(offer):
        return {}
    return {one.name: getattr(offer, one.name) for one in fields(offer) if one.name not in offer.products}


def _request_key(asked: Asked[Offer]) -> str:
    return f"{asked.client.address.replace('/', '.')}/{asked.field}"


def _published(enver: Enver) -> _Publisher:
    built = read_built(enver)
    return _Publisher(enver.address, {}, built, built.index if isinstance(built, PackageNode) else "")
