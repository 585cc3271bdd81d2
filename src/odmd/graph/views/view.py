"""What every view is made into and every format is made from: titled nodes and edges, no word of envers or wires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

Scalar = str | int | bool | None
Attributes = Mapping[str, Scalar]
NOTHING: Final[Attributes] = {}


class Style(StrEnum):
    """How an edge, or one strand of it, is drawn."""

    PLAIN = "plain"
    LOOSE = "loose"
    """What is new does not flow on by itself: drawn dashed."""
    MARKED = "marked"
    """What the reader of this view looks for."""
    PROMOTED = "promoted"
    """No value flows: source moves on."""
    WARNING = "warning"
    """Something that somebody should see to."""


class Form(StrEnum):
    """How a listing in text is arranged."""

    LAYERS = "layers"
    """Sources before targets."""
    TREE = "tree"
    """Every node below its parent."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Something of a node that strands come from."""

    id: str
    name: str
    type: str
    about: str = ""
    notes: tuple[str, ...] = ()
    attributes: Attributes = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class Strand:
    """One of the connections that an edge stands for."""

    outlet: str
    """Its name at the source."""
    inlet: str
    """Its name at the target."""
    notes: tuple[str, ...] = ()
    style: Style = Style.PLAIN
    attributes: Attributes = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class Node:
    """One box."""

    id: str
    label: str
    type: str
    group: str
    """What it is drawn together with."""
    notes: tuple[str, ...] = ()
    """Short facts that stand beside it."""
    attributes: Attributes = field(default_factory=dict[str, Scalar])
    outlets: tuple[Outlet, ...] = ()
    parent: str | None = None
    """Below which node a tree shows it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow between two boxes."""

    source: str
    target: str
    type: str
    label: str
    style: Style = Style.PLAIN
    attributes: Attributes = field(default_factory=dict[str, Scalar])
    strands: tuple[Strand, ...] = ()
    passive: str = ""
    """How the label reads from the target: `read by` for `reads`. Empty: the same."""
    holds: bool = True
    """Whether the target waits for the source."""


@dataclass(frozen=True)
class View:
    """One picture of an organisation. An edge that leads from a later node to an earlier one closes a cycle."""

    name: str
    organisation: str
    title: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    version: str = ""
    notes: Sequence[str] = ()
    """What the picture alone does not say, as sentences."""
    form: Form = Form.LAYERS
    group: str = "group"
    """What the nodes are grouped by."""
    order: Sequence[str] = ()
    """The groups in their order, where they have one."""
    builds: Sequence[Attributes] = ()
    """All builds, those without envers too; none in a cut-out."""

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def groups(self) -> Sequence[str]:
        """What the nodes are in: in its own order where it has one, else by name."""
        place = {group: number for number, group in enumerate(self.order)}
        return sorted({node.group for node in self.nodes}, key=lambda one: (place.get(one, len(place)), one))

    @cached_property
    def into(self) -> Mapping[str, Sequence[Edge]]:
        """Target → the edges that lead into it."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found

    @cached_property
    def out_of(self) -> Mapping[str, Sequence[Edge]]:
        """Source → the edges that lead out of it."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def layers(self) -> Mapping[str, int]:
        """Node → 0 where no forward edge leads in, else one more than the latest source of such an edge."""
        place = {node.id: number for number, node in enumerate(self.nodes)}
        layers: dict[str, int] = {}
        for node in self.nodes:
            before = [edge.source for edge in self.into.get(node.id, ()) if place[edge.source] < place[node.id]]
            layers[node.id] = 1 + max((layers[source] for source in before), default=-1)
        return layers

    def in_layers(self) -> Sequence[Sequence[Node]]:
        """The nodes by layer, each layer by group and label."""
        found: list[list[Node]] = [[] for _ in range(max(self.layers.values(), default=-1) + 1)]
        for node in self.nodes:
            found[self.layers[node.id]].append(node)
        place = {group: number for number, group in enumerate(self.groups)}
        return [sorted(layer, key=lambda node: (place[node.group], node.label)) for layer in found]
