"""ODMD033: an organisation whose contracts are a build has them in each of its regions."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model.build_types import CONTRACTS


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds regions without a contracts enver, where there is one at all."""
    there = {node.region for node in draft.nodes if node.type is CONTRACTS}
    missing: dict[str, EnverNode] = {}
    for node in draft.nodes if there else ():
        if node.region not in there:
            missing.setdefault(node.region, node)
    for region, node in missing.items():
        yield Diagnostic(
            "ODMD033",
            f"{node.label} is in {region}, where no contracts enver is",
            node.place,
            f"declare a ContractsEnver in {region}",
        )
