"""ODMD034: clones and promotions follow an enver of their build."""

from collections.abc import Iterator, Mapping

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import Branch, Enver, Promoted


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds clones of clones or in their origin's slot, and promotions of another build or of what is not listed."""
    for node, enver in zip(draft.nodes, draft.organisation.envers, strict=True):
        if node.origin is None and not isinstance(enver.on, Promoted):
            continue
        if (wrong := _wrong_clone(enver) or _wrong_promotion(enver, draft.envers)) is not None:
            yield Diagnostic("ODMD034", f"{enver} {wrong[0]}", enver.place, wrong[1])


def _wrong_clone(enver: Enver) -> tuple[str, str] | None:
    origin = enver.origin
    if origin is None:
        return None
    if origin.origin is not None:
        return f"is a clone of {origin}, itself a clone", "clone the first one"
    if isinstance(origin.on, Branch) and isinstance(enver.on, Branch) and origin.on.short == enver.on.short:
        return (
            f"is a clone of {origin} on the same branch",
            "give it a branch or a slot of its own: Branch(…, slot=…)",
        )
    return None


def _wrong_promotion(enver: Enver, nodes: Mapping[str, EnverNode]) -> tuple[str, str] | None:
    if not isinstance(enver.on, Promoted):
        return None
    after = enver.on.after
    if after.build.name != enver.build.name:
        return f"is promoted after {after}, another build", "promote what its own build runs elsewhere"
    if after.address not in nodes:
        return f"is promoted after {after}, which is not listed", "add it to Organisation(envers=…)"
    return None
