"""Organisation → draft → rules → graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import rustworkx

from odmd.errors import ContractsUnsound, Diagnostic, Place, Severity
from odmd.graph.draft import Draft, draft
from odmd.graph.nodes import EnverNode, Graph, WireEdge
from odmd.graph.purity import Noticed
from odmd.graph.rules import RULES
from odmd.graph.schemas import Schema
from odmd.model import Enver, Organisation
from odmd.model.access import READ
from odmd.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Compiled:
    """A sound organisation: its graph, and the kinds that parse its values, by lasting name."""

    graph: Graph
    kinds: Mapping[str, type[Kind]]
    schemas: Mapping[str, Schema]
    """Types and documents that messages, items and APIs are declared as, by lasting name."""
    warnings: Sequence[Diagnostic] = ()


def compile_contracts(
    organisation: Organisation,
    declared: Sequence[Enver] = (),
    noticed: Sequence[Noticed] = (),
    version: str = "",
) -> Compiled:
    """Proves the contracts and orders them.

    Args:
        declared: every enver that was made while the contracts were loaded.
        noticed: what they asked of the world meanwhile.
        version: of the contracts package.

    Raises:
        ContractsUnsound: with every finding of every rule, if one is a mistake.
    """
    drafted = draft(organisation, declared, noticed)
    found = findings(drafted)
    if any(one.severity is Severity.ERROR for one in found):
        raise ContractsUnsound(found)
    ordered, moves_after = _order(drafted.nodes)
    graph = Graph(organisation.name, organisation.central.id, ordered, moves_after, version)
    return Compiled(graph, drafted.kinds, drafted.schemas, found)


def findings(drafted: Draft) -> Sequence[Diagnostic]:
    """What the rules find, by place."""
    found = {diagnostic for rule in RULES for diagnostic in rule(drafted)}
    return sorted(found, key=lambda one: (one.place or Place("", 0), one.code, one.fact))


def _order(nodes: Sequence[EnverNode]) -> tuple[Mapping[str, EnverNode], Mapping[str, tuple[str, ...]]]:
    """Producers before consumers, readers before writers of the same product, else by address."""
    digraph = rustworkx.PyDiGraph[EnverNode, None]()
    index = dict(zip((node.address for node in nodes), digraph.add_nodes_from(nodes), strict=True))
    wires = [wire for node in nodes for wire in node.wires]
    ends = {(wire.producer, wire.consumer) for wire in wires if wire.placeholder is None}
    digraph.add_edges_from_no_data([(index[producer], index[consumer]) for producer, consumer in ends])
    moves_after: dict[str, tuple[str, ...]] = {}
    for writer, readers in _readers_of_what_it_writes(wires).items():
        after_it = rustworkx.descendants(digraph, index[writer])  # stays so while edges into the writer are added
        moves_after[writer] = tuple(reader for reader in readers if index[reader] not in after_it)
        digraph.add_edges_from_no_data([(index[reader], index[writer]) for reader in moves_after[writer]])
    ordered = rustworkx.lexicographical_topological_sort(digraph, key=lambda node: node.address)
    return {node.address: node for node in ordered}, moves_after


def _readers_of_what_it_writes(wires: Sequence[WireEdge]) -> Mapping[str, Sequence[str]]:
    """Writer → the other envers that only read one of the products that it writes; both by address."""
    by_product: dict[str, list[WireEdge]] = {}
    for wire in wires:
        by_product.setdefault(wire.product, []).append(wire)
    found: dict[str, set[str]] = {}
    for shared in by_product.values():
        readers = {wire.consumer for wire in shared if wire.access == READ}
        for writer in {wire.consumer for wire in shared if wire.access != READ}:
            found.setdefault(writer, set()).update(readers - {writer})
    return {writer: sorted(found[writer]) for writer in sorted(found)}
