"""ODMD037: an enver, a team and an account have no more clones than the organisation allows."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.clone_limits import Counted, too_many
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds clones that are too many."""
    nodes = [node for node in draft.nodes if node.origin is not None]
    clones = (Counted(node.address, node.origin or "", node.team, node.account) for node in nodes)
    places = {node.address: node.place for node in nodes}
    for address, why in too_many(draft.limits, clones):
        yield Diagnostic(
            "ODMD037",
            why,
            places[address],
            "delete a clone that nobody needs, or raise clones_per_enver, clones_per_team or clones_per_account",
        )
