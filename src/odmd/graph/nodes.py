"""The immutable graph: what the contracts say, as plain data that can be stored, compared and drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar, dataclass_transform

from odmd.errors import Place, StateUnreadable
from odmd.graph.built import Built, CdkNode, CommandNode, HowBuilt
from odmd.graph.governed import UNGOVERNED, CloneLimits, Governed
from odmd.graph.verified import UNVERIFIED, Verification
from odmd.model import naming
from odmd.model.build_types import BuildType, DerivedName, build_type
from odmd.model.private import ReadAt
from odmd.model.targets import Target

B = TypeVar("B", bound=HowBuilt)
T = TypeVar("T")

_REPOSITORY_KIND: Final = "odmd.model.kinds:ImageRepository"


@dataclass_transform(frozen_default=True)
def _node(cls: type[T]) -> type[T]:
    """A dataclass that type checkers hold to be frozen; Python does not, as each one would take three times as long."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who consumes a product, as far as its producer is told."""

    enver: str
    account: str
    region: str
    access: str
    roles: tuple[str, ...] = ()
    """Patterns of the names that the roles in its stacks have, as far as its names tell."""


@_node
class ProductNode:
    """One product of one enver; its address is `<build>/<slot>/<name>`."""

    address: str
    name: str
    kind: str
    about: str = ""
    source: str = ""
    """Path of the Dockerfile that it is built from; that of an image is `Dockerfile` where it is empty."""
    regions: tuple[str, ...] = ()
    """Where else it is replicated to."""
    schema: str = ""
    """A schema document's path, or the lasting name of a type."""
    sensitive: bool = False
    """People shall not see its value."""
    external: bool = False
    """Used by somebody who is not in the contracts."""
    told: tuple[Consumer, ...] | None = None
    """Its consumers, if its enver's run is told; else None."""
    of: str = ""
    """What the app calls it, if the app does not publish it by our convention: `Output:ApiEndpoint`."""
    lets_in: bool = False
    """Whether it decides itself, too, who may do something with it, and its app is told whom the wires let in."""

    @property
    def is_image_repository(self) -> bool:
        """Whether it is the address of where images are."""
        return self.kind == _REPOSITORY_KIND

    @property
    def output(self) -> str:
        """The CloudFormation output that publishes it."""
        return naming.output_name(self.name)


class WireEdge(NamedTuple):
    """One wire: `product` leads to input `name` of enver `consumer`. A tuple, as there are many."""

    consumer: str
    name: str
    product: str
    kind: str
    access: str
    mode: str
    gate: str | None
    placeholder: str | None
    place: Place
    producer: str
    """The address of the enver that makes the product."""
    schema: str = ""
    """What the consumer relies on: a schema document's path, or the lasting name of a type."""
    to: str = ""
    """What the app calls it, if the app does not ask for it by our convention: `Parameter:BusName`."""
    registry: str = ""
    """Where the package is installed from that the value names, as far as its producer says it; no part of a slice."""
    uses: tuple[str, ...] = ()
    """What of the producer's document it uses; nothing said: all that its own schema names. No part of a slice."""

    @property
    def parameter(self) -> str:
        """The CloudFormation parameter that carries the value."""
        how, _, name = self.to.partition(":")
        return name if how == "Parameter" else naming.parameter_name(self.name)

    @property
    def variable(self) -> str:
        """The environment variable that carries the value to a command, or to the build of a package."""
        return self.to.removeprefix("Variable:") or naming.variable_name(self.name)

    @property
    def at_synth(self) -> bool:
        """Whether synthesis reads it, so that a new value needs a new one."""
        return self.to.startswith(("ContextKey:", "Variable:"))


@dataclass(frozen=True, slots=True)
class AskedNode:
    """What a client asks a shared enver to make: `offer` holds the request's own fields as JSON."""

    field: str
    key: str
    client: str
    account: str
    offer: str


@dataclass(frozen=True, slots=True)
class ConfigNode:
    """Private settings: their name and the lasting name of their schema."""

    name: str
    schema: str
    about: str
    read: ReadAt = "synth"
    asleep: str = ""
    """What is otherwise while a clone sleeps, as JSON; empty: nothing is. It deploys nobody anew."""

    def said(self) -> tuple[str, ...]:
        """For digests; what is read at synthesis says no more than older releases did."""
        return (self.name, self.schema) if self.read == "synth" else (self.name, self.schema, self.read)


@_node
class EnverNode:
    """One enver, its products and the wires that lead into it."""

    address: str
    build: str
    build_type: str
    slot: str
    repo: str
    folder: str
    team: str
    revision: str
    """`branch:main`, `tag:v1.0.0` or `promoted:<address>`."""
    stage: str
    stage_place: Place
    account: str
    region: str
    ephemeral: bool
    products: tuple[ProductNode, ...]
    wires: tuple[WireEdge, ...]
    place: Place
    built: Built | None
    """What it says that only envers of its build type can; None where that is nothing."""
    approver: str | None = None
    """The team that approves a promotion."""
    origin: str | None = None
    """The address of the enver that it is a clone of."""
    asked: tuple[AskedNode, ...] = ()
    configs: tuple[ConfigNode, ...] = ()
    secrets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Paths of the repository that its build reads, besides its folder."""
    declared_as: str = ""
    """The lasting name of its class; no part of its slice."""
    restarting: tuple[str, ...] = ()
    """Those of its secrets of which a new version is a new deployment."""
    verification: Verification = UNVERIFIED
    """What has to pass once it is deployed."""

    @property
    def target(self) -> Target:
        """Where it is deployed."""
        return Target(self.account, self.region)

    @property
    def reads(self) -> tuple[str, ...]:
        """The paths of the repository whose content it is made from."""
        return (self.folder, *self.also)

    @property
    def type(self) -> BuildType:
        """What is known of its build type."""
        return build_type(self.build_type)

    def built_as(self, node: type[B]) -> B:
        """What it says as one of its build type.

        Raises:
            StateUnreadable: it says none of that, as what is kept of it is not whole.
        """
        if isinstance(self.built, node):
            return self.built
        raise StateUnreadable(
            f"what is kept of {self.label} does not say how it is built",
            next_step="`odmd apply` with today's contracts",
        )

    @property
    def stack(self) -> str:
        """The stack that it goes on with, if it does."""
        return self.built.stack if isinstance(self.built, CdkNode) else ""

    def derived_names(self) -> Sequence[tuple[DerivedName, str]]:
        """What it is called where it stands."""
        return self.type.derived(self.build, self.slot, self.stack)

    @property
    def stack_name(self) -> str:
        return naming.stack_name(self.build, self.slot, continued=self.stack)

    @property
    def label(self) -> str:
        return naming.enver_label(self.address)

    @property
    def promoted_from(self) -> str:
        """The enver whose source this one takes over, or nothing."""
        kind, _, origin = self.revision.partition(":")
        return origin if kind == "promoted" else ""

    def slice(self) -> str:
        """Digest of what the contracts say of this enver, so that other people's edits are no change to it."""
        commands, stack, stacks = _in_their_old_places(self.built)
        itself = (
            *(self.address, self.build_type, self.repo, self.folder, self.team, self.revision),
            *(self.stage, self.account, self.region, self.ephemeral, commands, self.secrets),
            [(asked.field, asked.key, asked.client, asked.account, asked.offer) for asked in self.asked],
            [config.said() for config in self.configs],
            *((stack,) if stack else ()),  # nothing where it says nothing: digests are kept over releases
        )
        products = [(one.name, one.kind, one.source, one.regions, _told(one)) for one in self.products]
        wires = [(w.name, w.product, w.kind, w.access, w.mode, w.gate, w.placeholder) for w in self.wires]
        own = [(one.name, one.of) for one in self.products if one.of], [(w.name, w.to) for w in self.wires if w.to]
        adopted = (*own, stacks) if any((*own, stacks)) else ()  # who says none of it keeps the digest it had
        restarting = (("restarts for", self.restarting),) if self.restarting else ()
        by_type = self.built.in_slice() if self.built else ()
        verified = self.verification.in_slice()
        return digest((itself, products, wires, *adopted, *by_type, *restarting, *verified))


def _in_their_old_places(built: Built | None) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Commands, the stack gone on with, and names of stacks: what stood in slices before types had nodes, and stays."""
    match built:
        case CommandNode():
            return built.commands, "", ()
        case CdkNode():
            return (), built.stack, built.stacks
        case _:
            return (), "", ()


def _told(product: ProductNode) -> Sequence[object] | None:
    if product.told is None:
        return None
    return [  # nothing of roles where nothing is said: digests are kept over releases
        (one.enver, one.account, one.region, one.access, *((one.roles,) if one.roles else ())) for one in product.told
    ]


@dataclass(frozen=True, slots=True)
class PermissionNode:
    """A service of AWS, or actions of one, that a build needs besides what its products and wires say."""

    action: str
    on: str
    place: Place


@dataclass(frozen=True, slots=True)
class ActionsNode:
    """Jobs of GitHub: the branch on which their workflow stands, and what they run on."""

    branch: str
    runner: str


@dataclass(frozen=True, slots=True)
class BuildNode:
    """One build, be it that no enver runs it yet."""

    name: str
    type: str
    """Empty while neither an enver nor a class says it."""
    repo: str
    folder: str
    team: str
    documents: tuple[str, ...]
    place: Place
    may: tuple[PermissionNode, ...] = ()
    """What it needs in AWS besides what its products and wires say; no part of the digest."""
    repo_ids: tuple[str, ...] = ()
    """GitHub's own of the repository's owner and of itself."""
    runs_on: ActionsNode | None = None
    """The jobs of GitHub that carry out its runs; None: workers do."""


@dataclass(frozen=True, slots=True)
class CloneNode:
    """One clone: of whom, and what it follows."""

    origin: str
    branch: str


@dataclass(frozen=True, slots=True)
class CloneSetNode:
    """Clones made on demand, together: a wire from one to another leads to the other's clone."""

    slot: str
    """What each is called by within the slot of its origin."""
    clones: tuple[CloneNode, ...]
    """The first is what the others were cloned for."""

    @property
    def address(self) -> str:
        """Of the first, by which people call all of them."""
        return clone_address(self.clones[0].origin, self.slot)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple([clone_address(one.origin, self.slot) for one in self.clones])


def clone_address(origin: str, slot: str) -> str:
    """The address of an enver's clone."""
    return f"{origin}-_b..{slot}"


@dataclass(frozen=True)
class Graph:
    """All envers, producers before consumers where wires without placeholder decide."""

    organisation: str
    central_account: str
    envers: Mapping[str, EnverNode]
    moves_after: Mapping[str, tuple[str, ...]]
    """Writer of a product → its readers, which move to a replaced one first. Never closes a cycle with the wires."""
    version: str = ""
    """Version of the contracts package, as its `__version__` says; no part of the digest."""
    builds: Mapping[str, BuildNode] = field(default_factory=dict[str, BuildNode])
    """All builds by name, those without envers included."""
    stages: tuple[str, ...] = ()
    """In their declared order; no part of the digest."""
    governed: Governed = UNGOVERNED
    """Who may do what."""
    clones: tuple[CloneSetNode, ...] = ()
    """Those among its envers that were made on demand; no part of the digest, as what follows from them is."""
    declared: Graph | None = field(default=None, compare=False, repr=False)
    """What the contracts' text says, without these; None where there are none."""

    @cached_property
    def _consumers(self) -> Mapping[str, tuple[WireEdge, ...]]:
        consumers: dict[str, list[WireEdge]] = {}
        for wire in self.wires():
            consumers.setdefault(wire.product, []).append(wire)
        return {product: tuple(wires) for product, wires in consumers.items()}

    @cached_property
    def products(self) -> Mapping[str, ProductNode]:
        """All that is produced, by address."""
        return {product.address: product for enver in self.envers.values() for product in enver.products}

    @cached_property
    def asks(self) -> Mapping[str, Sequence[tuple[str, AskedNode]]]:
        """By client: whom it asks, and for what."""
        found: dict[str, list[tuple[str, AskedNode]]] = {}
        for enver in self.envers.values():
            for asked in enver.asked:
                found.setdefault(asked.client, []).append((enver.address, asked))
        return found

    def wires(self) -> Iterator[WireEdge]:
        for enver in self.envers.values():
            yield from enver.wires

    def build_of(self, enver: str) -> BuildNode | None:
        """The build of an enver that is declared."""
        node = self.envers.get(enver)
        return self.builds.get(node.build) if node else None

    def consumers(self, product: str) -> tuple[WireEdge, ...]:
        """The wires that lead a product to its consumers."""
        return self._consumers.get(product, ())

    def downstream(self, enver: str) -> Iterator[WireEdge]:
        """The wires out of an enver."""
        for product in self.envers[enver].products:
            yield from self.consumers(product.address)

    @cached_property
    def _slices(self) -> Mapping[str, str]:
        return {address: enver.slice() for address, enver in self.envers.items()}

    @property
    def repositories(self) -> Collection[str]:
        """Those that builds are made of; packages are none."""
        return {one.repo for one in self.builds.values() if not naming.is_package(one.repo)}

    def slice(self, enver: str) -> str:
        """The digest of what the contracts say of one enver."""
        return self._slices[enver]

    @property
    def text(self) -> Graph:
        """What the contracts' text says, without clones that were made on demand."""
        return self.declared or self

    def with_slices(self, changed: Mapping[str, str]) -> Graph:
        """The same, told the digests of what it says otherwise than what its text declares, so that nobody makes all
        of them again."""
        if self.declared is not None:
            self.__dict__["_slices"] = {**self.declared._slices, **changed}
        return self

    @cached_property
    def _stack_heads(self) -> tuple[str, ...]:
        builds = [naming.stack_head(build) for build in self.builds]
        return tuple({*builds, *(naming.stack_head(one.build, one.stack) for one in self.envers.values())})

    def longer_heads(self, enver: EnverNode) -> tuple[str, ...]:
        """What stacks of others begin with, which might be read as an enver's name and a part: `kitchen-data` beside
        `kitchen`."""
        own = f"{naming.stack_head(enver.build, enver.stack)}-"
        return tuple(sorted(one for one in self._stack_heads if one.startswith(own)))

    def digest(self) -> str:
        """Digest of what all of the contracts say, whatever the order of declaration."""
        idle = self.builds.keys() - {enver.build for enver in self.envers.values()}
        builds = [self.builds[name] for name in sorted(idle)]
        said: dict[str, object] = {f"build {one.name}": (one.type, one.repo, one.folder, one.team) for one in builds}
        said |= {f"jobs of {one.name}": astuple(one.runs_on) for one in self.builds.values() if one.runs_on}
        objectives = {"objectives": one} if (one := [astuple(each) for each in self.governed.objectives]) else {}
        if asleep := {
            f"{enver.address} {one.name}": one.asleep
            for enver in self.envers.values()
            for one in enver.configs
            if one.asleep
        }:
            said["asleep"] = asleep
        if one := [astuple(each) for each in self.governed.wire_objectives]:
            said["objectives of wires"] = one
        limits = self.governed.clones
        clones = {"clones": astuple(limits)} if limits != CloneLimits() else {}
        return digest({**self._slices, **said, **self.governed.said(), **objectives, **clones})


def digest(data: Any) -> str:
    """SHA-256 over canonical JSON, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(_canonical(data).encode()).hexdigest()


_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode  # made once
