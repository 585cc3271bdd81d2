"""Contracts as nodes, not proven yet: may hold what a graph never does, so that rules can speak of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from rustworkx import PyDiGraph

from odmd.errors import ContractsNotLoaded, Place
from odmd.graph.nodes import (
    AskedNode,
    BuildNode,
    ConfigNode,
    Consumer,
    EnverNode,
    KubernetesNode,
    PackageNode,
    ProductNode,
    WireEdge,
)
from odmd.graph.purity import Noticed
from odmd.graph.schemas import Schema
from odmd.graph.waits import waits
from odmd.model import (
    Branch,
    Build,
    CommandEnver,
    ContractsEnver,
    Enver,
    HelmChart,
    KubernetesEnver,
    Kustomize,
    Manifests,
    ManifestSource,
    Offer,
    Offers,
    Organisation,
    PrintedManifests,
    Produces,
    Promoted,
    Revision,
    Stage,
    Tag,
    Wire,
)
from odmd.model.access import READ, Access
from odmd.model.build_types import DerivedName
from odmd.model.checked import an
from odmd.model.kinds import EksCluster, Kind
from odmd.model.offers import Asked
from odmd.model.wiring import Mode, assigned_again

T = TypeVar("T")

_AUTOMATIC: Final = Mode.AUTOMATIC
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


class DeclaredInput(NamedTuple):
    """What a class says of an input, the same for all its envers; `field` is its Python name."""

    field: str
    name: str
    kind: type[Kind]
    access: Access
    schema: str
    to: str


class Publisher(NamedTuple):
    """An enver's address, and those of its products by name: made once, as most products have many consumers."""

    address: str
    products: dict[str, str]

    def product(self, name: str) -> str:
        return self.products.get(name) or self.products.setdefault(name, f"{self.address}/{name}")


@dataclass
class Draft:
    """What the rules look at."""

    organisation: Organisation
    declared: Sequence[Enver] = ()
    """Every enver that was made while the contracts were loaded, listed or not."""
    noticed: Sequence[Noticed] = ()
    """What the contracts asked of the world while they were loaded."""
    nodes: list[EnverNode] = field(default_factory=list[EnverNode])
    envers: dict[str, EnverNode] = field(default_factory=dict[str, EnverNode])
    """The nodes by address."""
    products: dict[str, ProductNode] = field(default_factory=dict[str, ProductNode])
    """All that the nodes publish, by address."""
    builds: dict[str, BuildNode] = field(default_factory=dict[str, BuildNode])
    consumed: dict[str, WireEdge] = field(default_factory=dict[str, WireEdge])
    """One of the wires of each product that is consumed at all, by its address."""
    waits: PyDiGraph[str, None] = field(default_factory=PyDiGraph[str, None])
    """From each producer to who waits for it; numbered as the nodes."""
    unwired: list[Unwired] = field(default_factory=list[Unwired])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    wired_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    hub_keys_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    documents: dict[Named, None] = field(default_factory=dict[Named, None])
    publishers: dict[int, Publisher] = field(default_factory=dict[int, Publisher])
    """By the enver's identity: addresses are asked for once a wire."""
    inputs: dict[type[Enver], Sequence[DeclaredInput]] = field(
        default_factory=dict[type[Enver], Sequence[DeclaredInput]]
    )
    outputs: dict[type[Enver], Sequence[tuple[str, Sequence[Any]]]] = field(
        default_factory=dict[type[Enver], Sequence[tuple[str, Sequence[Any]]]]
    )
    """What a class says of its products: the name, and the fields of a node after address and name."""
    class_names: dict[type[Enver], str] = field(default_factory=dict[type[Enver], str])
    kind_names: dict[type[Kind], str] = field(default_factory=dict[type[Kind], str])
    kinds: dict[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])
    schemas: dict[str, Schema] = field(default_factory=dict[str, Schema])
    """Types and documents that messages, items and APIs are declared as, by lasting name."""

    @cached_property
    def all_builds(self) -> Sequence[Build]:
        """Every build that is declared or has an enver, also several of one name; each once."""
        listed = (one if isinstance(one, Build) else one.build for one in self.organisation.builds)
        return _each_once((*(enver.build for enver in self.organisation.envers), *listed))

    @cached_property
    def used_stages(self) -> Sequence[Stage]:
        """Every stage that an enver is at, also several of one name; each once."""
        return _each_once(enver.at for enver in self.organisation.envers)

    @cached_property
    def derived_names(self) -> Sequence[Sequence[tuple[DerivedName, str]]]:
        """What each node is called where it stands."""
        return [node.derived_names() for node in self.nodes]


def _each_once(things: Iterable[T]) -> Sequence[T]:
    return list({id(one): one for one in things}.values())


def draft(organisation: Organisation, declared: Sequence[Enver] = (), noticed: Sequence[Noticed] = ()) -> Draft:
    """Reads every declared enver into a node; all wires first, since products depend on who consumes them."""
    made, envers = Draft(organisation, declared, noticed), organisation.envers
    made.publishers = {id(enver): Publisher(enver.address, {}) for enver in envers}
    products = [_products(enver, made) for enver in envers]
    wires = [_wires(enver, made) for enver in envers]
    made.products = {product.address: product for own in products for product in own}
    made.consumed = {wire.product: wire for consumed in wires for wire in consumed}
    children = _consumed_children(made)
    _tell(products, envers, wires)
    for enver, own, consumed in zip(envers, products, wires, strict=True):
        made.nodes.append(_node(enver, (*own, *children.get(made.publishers[id(enver)].address, ())), consumed, made))
    made.waits = waits(made.nodes)
    made.envers = {node.address: node for node in made.nodes}
    if len(made.envers) < len(made.nodes):  # a mistake; what else is said of it shall not depend on who came first
        made.envers = {node.address: node for node in sorted(made.nodes, key=EnverNode.slice)}
    made.products = {product.address: product for node in made.envers.values() for product in node.products}
    made.builds = _builds(organisation)
    return made


def lasting_name(cls: type[Any]) -> str:
    """The lasting name of a kind or a schema, `module:class`; of ours by the module that people import."""
    module = _KINDS if cls.__module__.startswith(f"{_KINDS}.") else cls.__module__
    return f"{module}:{cls.__qualname__}"


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


def _node(enver: Enver, products: tuple[ProductNode, ...], wires: tuple[WireEdge, ...], made: Draft) -> EnverNode:
    build, stage, on, declared = enver.build, enver.at, enver.on, type(enver).declaration
    address, origin = made.publishers[id(enver)].address, enver.origin
    if build.documents or enver.documents:
        _note_documents(enver, made)
    for name, (before, now) in assigned_again(enver).items():
        made.wired_twice.append(AssignedAgain(str(enver), name, before, now))
    return EnverNode(
        address=address,
        build=build.name,
        build_type=enver.build_type,
        slot=address.removeprefix(f"{build.name}/"),
        repo=build.repo.name,
        folder=build.folder,
        team=build.repo.team.name,
        revision=_revision(on),
        stage=stage.name,
        stage_place=stage.place,
        account=stage.account.id,
        region=stage.region,
        ephemeral=enver.ephemeral,
        products=products,
        wires=wires,
        place=enver.place,
        approver=on.by.name if isinstance(on, Promoted) and on.by else None,
        origin=origin.address if origin else None,
        asked=tuple(_asked_of(enver)) if declared.offers else (),
        configs=_configs(enver) if declared.configs else (),
        secrets=tuple(said.alias or name for name, said in declared.secrets.items()) if declared.secrets else (),
        **_commands(enver),
        also=tuple(build.also),
        stack=enver.stack,
        stacks=tuple(getattr(enver, "stacks", ())),
        package=_package(enver) if isinstance(enver, ContractsEnver) else None,
        kubernetes=_kubernetes(enver) if isinstance(enver, KubernetesEnver) else None,
        declared_as=_class_name(type(enver), made),
    )


def _commands(enver: Enver) -> dict[str, Any]:
    if not isinstance(enver, CommandEnver):
        return {}
    said = {"remove": enver.remove, "minutes": enver.minutes, "network": enver.network}
    return {"commands": tuple(enver.commands), **said}


def _class_name(cls: type[Enver], made: Draft) -> str:
    if (name := made.class_names.get(cls)) is None:
        name = made.class_names[cls] = lasting_name(cls)
    return name


def _package(enver: ContractsEnver) -> PackageNode | None:
    said = (enver.distribution, enver.entry_point, enver.index, enver.upload)
    return PackageNode(*said) if any(said) else None


def _kubernetes(enver: KubernetesEnver) -> KubernetesNode:
    declared = type(enver).declaration.consumes
    clusters = [said.alias or name for name, (said, kind) in declared.items() if issubclass(kind, EksCluster)]
    made_by, of, more = _manifests(enver.manifests)
    return KubernetesNode(
        made_by,
        of,
        enver.cluster_name,
        clusters[0] if len(clusters) == 1 and not enver.cluster_name else "",
        takes_over=tuple(enver.takes_over),
        minutes=enver.minutes,
        stuck_seconds=enver.stuck_seconds,
        undo=enver.undo,
        **more,
    )


def _manifests(source: ManifestSource) -> tuple[str, str, dict[str, Any]]:
    match source:
        case Manifests(folder):
            return "manifests", folder, {}
        case Kustomize(folder):
            return "kustomize", folder, {}
        case HelmChart(folder, values, release):
            return "helm", folder, {"values": tuple(values), "release": release}
        case PrintedManifests(command):
            return "program", command, {}


def _configs(enver: Enver) -> tuple[ConfigNode, ...]:
    configs = type(enver).declaration.configs.items()
    return tuple(ConfigNode(name, lasting_name(schema), said.about) for name, (said, schema) in configs)


def _builds(organisation: Organisation) -> dict[str, BuildNode]:
    """All builds by name: of envers, and those that have none yet."""
    listed = ((one, "") if isinstance(one, Build) else (one.build, one.build_type) for one in organisation.builds)
    found = {build.name: (build, build_type) for build, build_type in listed}
    found |= {enver.build.name: (enver.build, enver.build_type) for enver in organisation.envers}
    return {name: _build(*found[name]) for name in sorted(found)}


def _build(build: Build, build_type: str) -> BuildNode:
    repo = build.repo
    return BuildNode(build.name, build_type, repo.name, build.folder, repo.team.name, build.documents, build.place)


def _note_documents(enver: Enver, made: Draft) -> None:
    for path in enver.build.documents:
        made.documents[Named(f"build {enver.build.name}", path, enver.build.place)] = None
    for path in enver.documents:
        made.documents[Named(str(enver), path, enver.place)] = None


def _revision(on: Revision) -> str:
    match on:
        case Branch(name=name):
            return f"branch:{name}"
        case Tag(name=name):
            return f"tag:{name}"
        case Promoted(after=after):
            return f"promoted:{after.address}"


def _products(enver: Enver, made: Draft) -> list[ProductNode]:
    cls, publisher = type(enver), made.publishers[id(enver)]
    if (outputs := made.outputs.get(cls)) is None:
        outputs = made.outputs[cls] = list(_outputs(cls, made))
    found = [ProductNode(publisher.product(name), name, *said) for name, said in outputs]
    for asked in _asked(enver) if cls.declaration.offers else ():
        for product, kind in asked.offer.products.items():
            name = f"{_request_key(asked)}/{product}"
            found.append(ProductNode(publisher.product(name), name, _kind(kind, made), sensitive=kind.sensitive))
    return found


def _outputs(cls: type[Enver], made: Draft) -> Iterator[tuple[str, Sequence[Any]]]:
    declaration = cls.declaration
    for name, (said, kind) in declaration.products.items():
        source = said.source.path if said.source else ""
        schema = _schema(cls, said.schema, declaration.schemas.get(name), made)
        told = () if said.tells_consumers else None
        about = (_kind(kind, made), said.about, source, said.regions, schema, kind.sensitive, said.external, told)
        yield said.alias or name, (*about, str(said.of or ""))


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


def _wires(enver: Enver, made: Draft) -> tuple[WireEdge, ...]:
    cls, address, place = type(enver), made.publishers[id(enver)].address, enver.place
    declared, own, publishers = cls.declaration, enver.__dict__, made.publishers
    if (inputs := made.inputs.get(cls)) is None:
        inputs = made.inputs[cls] = list(_inputs(cls, made))
    found: list[WireEdge] = []
    for field_name, name, kind, access, schema, to in inputs:
        source: Produces[Kind] | Wire[Kind] | None = own.get(field_name)
        if source is None:
            made.unwired.append(Unwired(str(enver), field_name, kind.__name__, place))
        elif isinstance(source, Wire):
            _note_misfits(enver, field_name, kind, source, made)
            found.append(_edge(address, name, source, access, made, schema, to))
        else:  # a product by itself, as most are: said by position, and not by a wire and by name, as there are many
            if source.kind is not kind:
                _note_misfits(enver, field_name, kind, Wire(source, place=place), made)
            given = _kind(source.kind, made)
            producer, products = publishers.get(id(source.owner)) or _publisher(source, made)
            product = products.get(source.name) or _publisher(source, made).product(source.name)
            found.append(
                WireEdge(address, name, product, given, access, _AUTOMATIC, None, None, place, producer, schema, to)
            )
    for name, kind in declared.hubs.items():
        hub = getattr(enver, name)
        made.hub_keys_twice += [AssignedAgain(str(enver), f"{name}[{key!r}]", None, at) for key, at in hub.set_twice()]
        for key, wire in hub.wires().items():
            _note_misfits(enver, f"{name}[{key!r}]", kind, wire, made)
            found.append(_edge(address, f"{name}/{key}", wire, READ, made))
    for name, requests in declared.requests.items():
        if (offers := requests.offers(enver)) is None:
            made.unwired.append(Unwired(str(enver), name, type(requests.template).__name__, enver.place))
        elif not isinstance(requests.template, offers.offer):
            wanted, given = type(requests.template).__name__, offers.offer.__name__
            made.misfits.append(Misfit(str(enver), name, wanted, f"{offers.owner}, which offers {given}", enver.place))
        else:
            found += _requested(enver, name, offers, made)
    return tuple(found)


def _inputs(cls: type[Enver], made: Draft) -> Iterator[DeclaredInput]:
    declared = cls.declaration
    for name, (consumes, kind) in declared.consumes.items():
        schema = _schema(cls, consumes.schema, declared.schemas.get(name), made)
        yield DeclaredInput(name, consumes.alias or name, kind, consumes.access, schema, str(consumes.to or ""))


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


def _edge(
    consumer: str, name: str, wire: Wire[Kind], access: str, made: Draft, schema: str = "", to: str = ""
) -> WireEdge:
    product, gate, placeholder = wire.producer, wire.gate, wire.placeholder
    publisher = _publisher(product, made)
    return WireEdge(
        consumer=consumer,
        name=name,
        product=publisher.product(product.name),
        kind=_kind(product.kind, made),
        access=access,
        mode=wire.mode,
        gate=gate.name if gate is not None else None,
        placeholder=placeholder.text() if placeholder is not None else None,
        place=wire.place,
        producer=publisher.address,
        schema=schema,
        to=to,
    )


def _publisher(product: Produces[Kind], made: Draft) -> Publisher:
    """Who makes a product, be it an enver that the organisation does not list."""
    owner = product.owner
    if (known := made.publishers.get(id(owner))) is not None:
        return known
    if not isinstance(owner, Enver):
        raise ContractsNotLoaded(
            f"{product.name} belongs to an offer's template", next_step="wire the product of the client's own request"
        )
    return made.publishers.setdefault(id(owner), Publisher(owner.address, {}))
