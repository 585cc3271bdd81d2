"""What some of a build's envers of one class need in one place: services, and what their wires let them do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from odmd.errors import Place
from odmd.graph.nodes import EnverNode, Graph, PermissionNode, ProductNode, WireEdge
from odmd.graph.rights.accesses import DOES, Grant, grant_of
from odmd.graph.rights.scopes import Member, NamePatterns, Namer, together
from odmd.graph.rights.services import COMMON, NEVER, OF_DATA, OF_KINDS, SHARED, arn
from odmd.graph.rights.statements import EVERYTHING, Condition, Statement
from odmd.model import naming
from odmd.model.access import Access
from odmd.model.kinds import EventBus, Image, ImageRepository, Kind
from odmd.model.targets import Target

TAG: Final = "aws:ResourceTag/odmd:enver"
_GLOBAL: Final = frozenset({"cloudfront", "directconnect", "networkmanager", "route53", "route53domains", "shield"})


@dataclass(frozen=True, slots=True)
class Why:
    """In words, and where it is declared."""

    said: str
    place: Place | None


class Needs:
    """Asked by whoever writes statements."""

    def __init__(
        self,
        graph: Graph,
        kinds: Mapping[str, type[Kind]],
        namer: Namer,
        revision_class: str,
        members: Sequence[Member],
    ) -> None:
        self._graph, self._kinds, self._namer = graph, kinds, namer
        self.revision_class, self._members = revision_class, members
        self.envers = [one.enver for one in members]
        self.build = graph.builds[self.envers[0].build]

    @property
    def target(self) -> Target:
        return self.envers[0].target

    @cached_property
    def names(self) -> NamePatterns:
        return together(one.names for one in self._members)

    @property
    def itself(self) -> Why:
        """Why it may do something with what is its own."""
        return Why(f"build {self.build.name}", self.build.place)

    @property
    def lasts(self) -> bool:
        """Whether what it makes is meant to stay."""
        return self.revision_class in ("tag", "promoted")

    @cached_property
    def services(self) -> Mapping[str, Why]:
        """Those of which it has resources of its own; the first reason is told."""
        found = {one: Why("what stacks commonly need", self.build.place) for one in COMMON}
        for enver in self.envers:
            for product in enver.products:
                for cls in self._kinds[product.kind].__mro__ if product.kind in self._kinds else ():
                    for service in OF_KINDS.get(cls.__name__, ()):
                        why = Why(f"{enver.label} makes {product.name} ({cls.__name__})", enver.place)
                        found.setdefault(service, why)
        whole = (one for one in self.rights if ":" not in one.action and not one.on)
        found |= {one.action: Why(f"build {self.build.name} says so", one.place) for one in whole}
        return {one: why for one, why in found.items() if self._may(one)}

    @cached_property
    def rights(self) -> Sequence[PermissionNode]:
        """What the build says, as far as its class may have it."""
        return [one for one in self.build.may if self._may(one.action)]

    def _may(self, action: str) -> bool:
        service = action.partition(":")[0]
        if action == "iam:CreateServiceLinkedRole":
            return self.revision_class != "clone"
        return service not in NEVER and not (self.revision_class == "clone" and service in SHARED)

    def is_bridged(self, product: ProductNode) -> bool:
        """Whether it is handed over by a bridge of odmd's own when it is replaced."""
        return issubclass(self._kinds.get(product.kind, Kind), EventBus)

    def granted(self) -> Iterator[Statement]:
        """What runs may do with what others make, by its wires."""
        for member, wire, grant in self._accesses:
            actions = grant.actions(Access(wire.access))
            if actions:
                yield self._of_wire(
                    member.enver, wire, grant, actions, self._resources(wire, grant, self._theirs(wire))
                )

    def described(self) -> Iterator[Statement]:
        """Secrets of others that are handed over to it, whose being there is proven."""
        for member, wire, grant in self._accesses:
            if grant.service == "secretsmanager":
                resources = self._resources(wire, grant, self._theirs(wire))
                yield self._of_wire(member.enver, wire, grant, ("secretsmanager:DescribeSecret",), resources)

    def names_of_producers(self, enver: EnverNode, kind: type[Kind]) -> tuple[str, ...]:
        """Patterns of the names of what an enver consumes of a kind."""
        wires = [wire for wire in enver.wires if issubclass(self._kinds.get(wire.kind, Kind), kind)]
        return tuple(name for wire in wires for name in self._theirs(wire).resources)

    def wired_up(self) -> Iterator[Statement]:
        """What its stacks do to what others make, in order to hear of it."""
        for member, wire, grant in self._accesses:
            if grant.wires_up and wire.access != Access.WRITE:
                theirs = self._theirs(wire)
                resources = self._resources(wire, grant, theirs)
                if grant.service == "events":
                    at = self._graph.envers[wire.producer].target
                    both = [f"rule/{bus}/{rule}" for bus in theirs.resources for rule in member.names.resources]
                    resources = tuple(arn("events", one, at.region, at.account) for one in both)
                yield self._of_wire(member.enver, wire, grant, grant.wires_up, resources)

    @property
    def bridges(self) -> Sequence[str]:
        """Patterns of the names of stacks and roles that lead from buses of its own to their successors."""
        if not any(self.is_bridged(one) for enver in self.envers for one in enver.products):
            return ()
        return [f"{naming.bridge_head(one)}*" for one in self.names.addresses]

    def producers(self, service: str) -> Sequence[str]:
        """Addresses of those into whose nameless things of a service (networks, clusters) its own are put."""
        found = [wire.producer for enver in self.envers for wire in enver.wires if service in self._led_to(wire)]
        return tuple(dict.fromkeys(found))

    def _led_to(self, wire: WireEdge) -> Set[str]:
        """The services of what is behind a wire, where no name says whose it is; data are nobody else's."""
        kind = self._kinds.get(wire.kind)
        if kind is None or grant_of(kind) is not None:
            return frozenset()
        return {service for cls in kind.__mro__ for service in OF_KINDS.get(cls.__name__, ())} - OF_DATA

    @cached_property
    def _accesses(self) -> Sequence[tuple[Member, WireEdge, Grant]]:
        found = list[tuple[Member, WireEdge, Grant]]()
        for member in self._members:
            for wire in member.enver.wires:
                kind = self._kinds.get(wire.kind)
                if kind is not None and (grant := grant_of(kind)) is not None:
                    found.append((member, wire, grant))
        return found

    def _theirs(self, wire: WireEdge) -> NamePatterns:
        producer, kind = self._graph.envers[wire.producer], self._kinds[wire.kind]
        if issubclass(kind, (Image, ImageRepository)):
            repository = naming.repository_name(producer.build)
            return NamePatterns(resources=(repository,), addresses=(producer.address,))
        return self._namer.of(producer)

    def _resources(self, wire: WireEdge, grant: Grant, theirs: NamePatterns) -> tuple[str, ...]:
        at = self._graph.envers[wire.producer].target
        return arns(grant.service, grant.resources, theirs, at)

    def _of_wire(
        self, enver: EnverNode, wire: WireEdge, grant: Grant, actions: tuple[str, ...], resources: tuple[str, ...]
    ) -> Statement:
        why = f"{enver.label} {DOES[Access(wire.access)]} {naming.product_label(wire.product)}"
        tagged = (Condition("StringEquals", TAG, (wire.producer,)),) if grant.by_tag else ()
        return Statement(actions, resources, why, wire.place, tagged, product=wire.product)


def arns(service: str, templates: Sequence[str], names: NamePatterns, target: Target) -> tuple[str, ...]:
    """The ARNs of what has such names. A template without a name is one ARN."""
    made = dict.fromkeys(
        one.replace("{n}", name).replace("{low}", name.lower()) for one in templates for name in names.resources
    )
    return tuple(arn(service, one, target.region, target.account) for one in made)


def in_region(region: str) -> Condition:
    """That a request is made in a region."""
    return Condition("StringEquals", "aws:RequestedRegion", (region,))


def nameless(service: str, needs: Needs, why: Why, actions: tuple[str, ...] = ()) -> Statement:
    """What is its own, or nobody's yet, by the tag of its stacks; or what its wires lead it to."""
    own = (*needs.names.addresses, *needs.producers(service))
    tagged = Condition("StringLikeIfExists", TAG, own)
    conditions = (tagged,) if service in _GLOBAL else (in_region(needs.target.region), tagged)
    return Statement(actions or (f"{service}:*",), EVERYTHING, why.said, why.place, conditions)
