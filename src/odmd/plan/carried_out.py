"""What this release can check and draw, and cannot deploy yet: said before anything moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from odmd.errors import NotYetCarriedOut
from odmd.graph import EnverNode, Graph

_TOLD: Final = 10


def refuse_what_is_not_carried_out(graph: Graph) -> None:
    """Refuses a graph with config, secrets, or builds of a type that has no provider.

    Raises:
        NotYetCarriedOut: naming each.
    """
    if found := [line for enver in graph.envers.values() for line in _beyond(enver)]:
        more = f"\n  and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
        raise NotYetCarriedOut(
            "these contracts are sound, and this release cannot deploy all of them:"
            + "".join(f"\n  {line}" for line in found[:_TOLD])
            + more,
            next_step="take these out, or wait for the release that carries them out (CHANGELOG.md)",
        )


def _beyond(enver: EnverNode) -> Iterator[str]:
    if enver.build_type != "cdk":
        yield f"{enver.label} is built as {enver.build_type or 'nothing known'}"
    for config in enver.configs:
        yield f"{enver.label} needs config `{config.name}`"
    for secret in enver.secrets:
        yield f"{enver.label} needs secret {secret}"
    for product in enver.products:
        if product.sensitive:
            yield f"{enver.label} publishes {product.name}, which is sensitive (publish a reference to it instead)"
