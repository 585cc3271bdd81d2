"""ODMD020: envers whose addresses differ get physical names that differ."""

from collections.abc import Iterator, Sequence

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming
from odmd.model.build_types import DerivedName


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers of one account and region that would give their stacks or resources the same names."""
    taken: dict[tuple[str, str], dict[str, EnverNode]] = {}
    for node, derived in zip(draft.nodes, draft.derived_names, strict=True):
        there = taken.setdefault((node.account, node.region), {})
        for name, of_build in _names(node, derived):
            if (other := there.setdefault(name, node)) is node:
                continue
            if other.build != node.build if of_build else other.address != node.address:
                yield Diagnostic(
                    "ODMD020",
                    f"{node.label} and {other.label} both name things {name}…: also at {other.place}",
                    node.place,
                    _hint(node, other),
                )
                break


def _hint(node: EnverNode, other: EnverNode) -> str:
    if node.stack or other.stack:
        return "go on with a stack in one enver only"
    if node.build != other.build:
        return "rename one of the builds"
    return 'give one of them a slot of its own: Branch("…", slot="…")'


def _names(node: EnverNode, derived: Sequence[tuple[DerivedName, str]]) -> Sequence[tuple[str, bool]]:
    """Each with whether all envers of the build share it. CloudFormation tells capitals apart, Kubernetes and most
    services that resources are named in do not."""
    resources = naming.physical_name(node.build, node.slot, "").lower()
    return [*[(name, one.of_build) for one, name in derived], (resources, False)]
