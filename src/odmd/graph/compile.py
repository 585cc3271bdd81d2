"""Organisation → draft → rules → graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import rustworkx

from odmd.errors import ContractsUnsound, Diagnostic, Place, Severity
from odmd.graph.approvals import approval_node, freeze_node
from odmd.graph.draft import Draft
from odmd.graph.governed import Governed, Objective, PullRequestsNode, WireObjective, policy_file
from odmd.graph.named import Documents, files
from odmd.graph.nodes import EnverNode, Graph
from odmd.graph.purity import Noticed
from odmd.graph.reading import draft
from odmd.graph.rights.telling import with_roles_told
from odmd.graph.rules import RULES
from odmd.graph.schemas import Schema
from odmd.model import Enver, Lag, Organisation, Stage
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
    files: Sequence[Path] = ()
    """What they were loaded from, as far as that is known."""
    documents: Documents = field(default_factory=dict[str, dict[str, Path | str]])
    """Those that builds and envers name for people to read."""


def compile_contracts(
    organisation: Organisation,
    declared: Sequence[Enver] = (),
    noticed: Sequence[Noticed] = (),
    version: str = "",
    policies: Sequence[Path] = (),
) -> Compiled:
    """Proves the contracts and orders them.

    Args:
        declared: every enver that was made while the contracts were loaded.
        noticed: what they asked of the world meanwhile.
        version: of the contracts package.
        policies: files of them.

    Raises:
        ContractsUnsound: with every finding of every rule, if one is a mistake.
    """
    drafted = draft(organisation, declared, noticed)
    found = findings(drafted)
    if any(one.severity is Severity.ERROR for one in found):
        raise ContractsUnsound(found)
    stages = _stages(organisation)
    in_order, moves_after = ordered(drafted, stages)
    said = (version, drafted.builds, stages, _governed(organisation, drafted, policies))
    graph = with_roles_told(Graph(organisation.name, organisation.central.id, in_order, moves_after, *said))
    return Compiled(graph, drafted.kinds, drafted.schemas, found, policies, files(drafted.documents))


def _governed(organisation: Organisation, drafted: Draft, policies: Sequence[Path]) -> Governed:
    stages = [*organisation.stages, *(enver.at for enver in organisation.envers)]
    teams = {*(team.name for team in organisation.teams), *(build.team for build in drafted.builds.values())}
    production = dict.fromkeys(stage.name for stage in stages if stage.production)
    continuous = dict.fromkeys(stage.name for stage in stages if stage.continuous)
    files = tuple(map(policy_file, policies))
    approvals = tuple(approval_node(*said) for said in sorted(drafted.all_approvals.items(), key=itemgetter(0)))
    freezes = tuple(map(freeze_node, organisation.freezes))
    told = (tuple(sorted(teams)), tuple(continuous), approvals, freezes, tuple(_objectives(stages)), drafted.limits)
    wires = tuple(WireObjective(one, *_allowed(said)) for one, (said, _) in sorted(drafted.objectives.items()))
    reverting = dict.fromkeys(stage.name for stage in stages if stage.reverts_drift)
    return Governed(files, tuple(production), *told, tuple(_pull_requests(drafted)), tuple(reverting), wires)


def _pull_requests(drafted: Draft) -> Iterator[PullRequestsNode]:
    for build in sorted({one.name: one for one in drafted.all_builds}.values(), key=lambda one: one.name):
        if (said := build.clones) is not None:
            yield PullRequestsNode(build.name, said.every, said.consumers, said.ttl.total_seconds())


def _objectives(stages: Iterable[Stage]) -> Iterator[Objective]:
    for name, said in {stage.name: stage.objective for stage in stages if stage.objective}.items():
        yield Objective(name, *_allowed(said))


def _allowed(said: Lag) -> tuple[int | None, float | None]:
    return said.versions, said.age.total_seconds() if said.age is not None else None


def findings(drafted: Draft) -> Sequence[Diagnostic]:
    """What the rules find, by place."""
    found = {diagnostic for rule in RULES for diagnostic in rule(drafted)}
    return sorted(found, key=_where)


def _where(found: Diagnostic) -> tuple[str, int, str, str]:
    place = found.place or Place("", 0)
    return place.file, place.line, found.code, found.fact


def _stages(organisation: Organisation) -> tuple[str, ...]:
    """From the first to the last as they are declared, then as envers use them."""
    used = (enver.at.name for enver in organisation.envers)
    return tuple(dict.fromkeys((*(stage.name for stage in organisation.stages), *used)))


def ordered(drafted: Draft, stages: Sequence[str]) -> tuple[Mapping[str, EnverNode], Mapping[str, tuple[str, ...]]]:
    """Producers before consumers, readers before writers of the same product, else by stage, as far as these have an
    order, and address."""
    digraph, nodes = drafted.waits.copy(), drafted.envers
    number = {address: at for at, address in enumerate(nodes)}
    moves_after: dict[str, tuple[str, ...]] = {}
    for writer, readers in _readers_of_what_it_writes(nodes.values()).items():
        after_it = rustworkx.descendants(digraph, number[writer])  # stays so while edges into the writer are added
        moves_after[writer] = tuple(reader for reader in readers if number[reader] not in after_it)
        digraph.add_edges_from_no_data([(number[reader], number[writer]) for reader in moves_after[writer]])
    rank = {stage: f"{at:06}" for at, stage in enumerate(stages)}
    in_order = rustworkx.lexicographical_topological_sort(
        digraph, key=lambda one: f"{rank.get(nodes[one].stage, '')} {one}"
    )
    return {address: nodes[address] for address in in_order}, moves_after


def _readers_of_what_it_writes(nodes: Iterable[EnverNode]) -> Mapping[str, Sequence[str]]:
    """Writer → the other envers that only read one of the products that it writes; both by address."""
    wires = [wire for node in nodes for wire in node.wires]
    writers: dict[str, set[str]] = {}
    for wire in wires:
        if wire.access != READ:
            writers.setdefault(wire.product, set()).add(wire.consumer)
    found: dict[str, set[str]] = {writer: set() for of_product in writers.values() for writer in of_product}
    for wire in wires if writers else ():
        if wire.access == READ:
            for writer in writers.get(wire.product, ()):
                found[writer].add(wire.consumer)
    return {writer: sorted(readers - {writer}) for writer, readers in sorted(found.items())}
