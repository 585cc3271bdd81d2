"""Contracts as nodes, not proven yet: may hold what a graph never does, so that rules can speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple, TypeVar

from rustworkx import PyDiGraph

from odmd.errors import Place
from odmd.graph.approvals import stage_subject
from odmd.graph.governed import CloneLimits
from odmd.graph.nodes import BuildNode, EnverNode, ProductNode, WireEdge
from odmd.graph.purity import Noticed
from odmd.graph.schemas import Schema
from odmd.graph.waits import waits
from odmd.model import Account, Approval, Build, Enver, Lag, Organisation, Stage
from odmd.model.build_types import DerivedName
from odmd.model.kinds import Kind

T = TypeVar("T")

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


class WireForm(NamedTuple):
    """What a wire is like, whatever it leads where: of all wires of an organisation there are few, and most rules need
    to look at no more."""

    kind: str
    access: str
    mode: str
    gate: str | None
    placeholder: str | None
    schema: str
    to: str


_form: Final = itemgetter(*(WireEdge._fields.index(name) for name in WireForm._fields))


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
    unwired: list[Unwired] = field(default_factory=list[Unwired])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    wired_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    approvals: dict[str, Approval] = field(default_factory=dict[str, Approval])
    """By subject, those of wires and promotions."""
    objectives: dict[str, tuple[Lag, Place]] = field(default_factory=dict[str, tuple[Lag, Place]])
    """By subject, those of wires and promotions, and where they are said."""
    hub_keys_twice: list[AssignedAgain] = field(default_factory=list[AssignedAgain])
    documents: dict[Named, None] = field(default_factory=dict[Named, None])
    kinds: dict[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])
    schemas: dict[str, Schema] = field(default_factory=dict[str, Schema])
    """Types and documents that messages, items and APIs are declared as, by lasting name."""

    @property
    def limits(self) -> CloneLimits:
        """How many clones there may be."""
        said = self.organisation
        return CloneLimits(said.clones_per_enver, said.clones_per_team, said.clones_per_account)

    @cached_property
    def wires(self) -> Sequence[WireEdge]:
        return [wire for node in self.nodes for wire in node.wires]

    @cached_property
    def forms(self) -> Set[WireForm]:
        """What the wires are like."""
        return set(map(WireForm._make, set(map(_form, self.wires))))

    @cached_property
    def producers(self) -> Sequence[Sequence[str]]:
        """Whom each node consumes from."""
        return [tuple(dict.fromkeys(map(_producer, node.wires))) for node in self.nodes]

    @cached_property
    def waits(self) -> PyDiGraph[str, None]:
        """From each producer to who waits for it: over wires without a placeholder. Numbered as the nodes."""
        producers = self.producers
        if any(form.placeholder is not None for form in self.forms):
            producers = [[wire.producer for wire in node.wires if wire.placeholder is None] for node in self.nodes]
            producers = [tuple(dict.fromkeys(one)) for one in producers]
        return waits([node.address for node in self.nodes], producers)

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
    def all_approvals(self) -> Mapping[str, Approval]:
        """By subject, those of stages included."""
        stages = (*self.organisation.stages, *self.used_stages)
        of_stages = {stage_subject(one.name): one.approval for one in stages if one.approval is not None}
        return {**self.approvals, **of_stages}

    @cached_property
    def derived_names(self) -> Sequence[Sequence[tuple[DerivedName, str]]]:
        """What each node is called where it stands."""
        return [node.derived_names() for node in self.nodes]


def draft_of_nodes(
    name: str,
    central: str,
    nodes: Sequence[EnverNode],
    builds: Mapping[str, BuildNode],
    kinds: Mapping[str, type[Kind]],
) -> Draft:
    """What rules about nodes look at, where nobody has the declarations themselves.

    Args:
        name: of the organisation.
        central: id of its central account.
    """
    organisation = Organisation(name, central=Account("central", central), envers=())
    drafted = Draft(organisation, nodes=list(nodes), builds=dict(builds), kinds=dict(kinds))
    drafted.envers = {node.address: node for node in nodes}
    drafted.consumed = {wire.product: wire for wire in drafted.wires}
    drafted.products = {product.address: product for node in nodes for product in node.products}
    return drafted


_producer: Final = attrgetter("producer")


def _each_once(things: Iterable[T]) -> Sequence[T]:
    return list({id(one): one for one in things}.values())


def lasting_name(cls: type[Any]) -> str:
    """The lasting name of a kind or a schema, `module:class`; of ours by the module that people import."""
    module = _KINDS if cls.__module__.startswith(f"{_KINDS}.") else cls.__module__
    return f"{module}:{cls.__qualname__}"
