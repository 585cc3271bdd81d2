"""ODMD020: envers whose addresses differ get physical names that differ."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers of one account and region that would give their stacks or resources the same names."""
    taken: dict[tuple[str, str, str], EnverNode] = {}
    for node in draft.nodes:
        for name in _names(node):
            other = taken.setdefault((node.account, node.region, name), node)
            if other.address != node.address:
                yield Diagnostic(
                    "ODMD020",
                    f"{node.label} and {other.label} both name things {name}…: also at {other.place}",
                    node.place,
                    "rename one of the builds",
                )
                break


def _names(node: EnverNode) -> Iterator[str]:
    """CloudFormation tells capitals apart, Kubernetes and most services that resources are named in do not."""
    yield naming.stack_name(node.build, node.slot)
    yield naming.physical_name(node.build, node.slot, "").lower()
