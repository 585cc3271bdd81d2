"""ODMD037: an enver has no more clones than the organisation allows."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers with too many clones."""
    clones: dict[str, list[EnverNode]] = {}
    for node in draft.nodes:
        if node.origin is not None:
            clones.setdefault(node.origin, []).append(node)
    most = draft.organisation.clones_per_enver
    for origin, made in clones.items():
        for node in made[most:]:
            yield Diagnostic(
                "ODMD037",
                f"{node.label} is one clone too many: {naming.enver_label(origin)} may have {most}",
                node.place,
                "delete a clone that nobody needs, or raise Organisation(clones_per_enver=…)",
            )
