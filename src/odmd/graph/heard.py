"""What another process tells of contracts, proven again: it may have been told by the contracts' own code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from odmd.errors import ContractsNotBelieved, Severity
from odmd.graph.away import Read, kinds_away
from odmd.graph.compile import Compiled, ordered
from odmd.graph.draft import Draft, draft_of_nodes
from odmd.graph.nodes import BuildNode, EnverNode, Graph
from odmd.graph.rules import OF_NODES
from odmd.graph.rules.names_are_valid import wrong_names, wrong_place
from odmd.graph.rules.repositories_are_named import is_source, is_within
from odmd.graph.told import NOT_BELIEVED, ToldContracts, files_of
from odmd.model import naming
from odmd.model.wiring import Mode

_SHOWN = 3


def believed(told: ToldContracts, read: Read) -> Compiled:
    """The contracts that a process told of; of unsound ones the envers as they are, in no order.

    Args:
        read: asks that process how a kind of the contracts' own reads a value.

    Raises:
        ContractsNotBelieved: odmd would never have told of such contracts.
    """
    kinds = kinds_away(told.kinds, told.used, read)
    if any(one.severity is Severity.ERROR for one in told.found):
        nodes = {node.address: node for node in told.nodes}
        graph = Graph(told.organisation, told.central_account, nodes, {}, told.version, told.builds)
        return Compiled(graph, kinds, told.documents, told.found, files_of(told), told.texts)
    drafted = draft_of_nodes(told.organisation, told.central_account, told.nodes, told.builds, kinds)
    _refuse([*_wrong_central(told), *(wrong for node in told.nodes for wrong in _wrong_node(node, drafted))])
    _refuse([wrong for name, build in told.builds.items() for wrong in _wrong_build(name, build)])
    _refuse([one.fact for rule in OF_NODES for one in rule(drafted) if one.severity is Severity.ERROR])
    envers, moves_after = ordered(drafted, told.stages)
    account, builds = told.central_account, told.builds
    graph = Graph(told.organisation, account, envers, moves_after, told.version, builds, told.stages, told.governed)
    return Compiled(graph, kinds, told.documents, told.found, files_of(told), told.texts)


def _refuse(wrong: Sequence[str]) -> None:
    if wrong:
        raise ContractsNotBelieved(
            f"the contracts' process says that they are sound, and they are not: {'; '.join(wrong[:_SHOWN])}",
            next_step=NOT_BELIEVED,
        )


def _wrong_central(told: ToldContracts) -> Iterator[str]:
    yield from wrong_place(told.central_account, "eu-west-1")


def _wrong_build(name: str, build: BuildNode) -> Iterator[str]:
    if name != build.name or not is_source(build.repo) or not is_within(build.folder):
        yield f"build {name!r} is not where it says"


def _wrong_node(node: EnverNode, drafted: Draft) -> Iterator[str]:
    """What an enver says of itself that its declaration could not."""
    if node.address != f"{node.build}/{node.slot}" or not naming.is_slot(node.slot):
        yield f"{node.address!r} is no address"
    if node.build not in drafted.builds or not is_source(node.repo) or not all(map(is_within, node.reads)):
        yield f"{node.address!r} is not where it says"
    if not _is_revision(node.revision, drafted) or _goes_round(node, drafted):
        yield f"{node.address!r} follows {node.origin or node.revision!r}"
    if not all(asked.client in drafted.envers for asked in node.asked):
        yield f"{node.address!r} is asked by an enver that is not there"
    if node.built is not None and node.build_type not in node.built.types:
        yield f"{node.address!r} is not built as it says"
    yield from wrong_names(node, node.derived_names())
    yield from wrong_place(node.account, node.region)
    for product in node.products:
        if product.address != f"{node.address}/{product.name}" or product.kind not in drafted.kinds:
            yield f"{product.address!r} is no product of {node.address!r}"
    for wire in node.wires:
        is_own = wire.consumer == node.address and wire.product.startswith(f"{wire.producer}/")
        if not is_own or wire.kind not in drafted.kinds or wire.mode not in tuple(Mode):
            yield f"{wire.name!r} is no input of {node.address!r}"


def _goes_round(node: EnverNode, drafted: Draft) -> bool:
    """Whether what it is a clone or a promotion of leads back, or nowhere."""
    seen, now = {node.address}, node
    while before := now.origin or now.promoted_from:
        if before in seen or before not in drafted.envers:
            return True
        seen.add(before)
        now = drafted.envers[before]
    return False


def _is_revision(revision: str, drafted: Draft) -> bool:
    how, _, name = revision.partition(":")
    match how:
        case "promoted":
            return name in drafted.envers
        case "installed":
            return naming.is_package(name)
        case _:
            return how in ("branch", "tag") and naming.is_ref(name)
