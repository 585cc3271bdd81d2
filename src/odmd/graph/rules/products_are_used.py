"""ODMD027: somebody consumes each product."""

from collections.abc import Iterator

from odmd.errors import Diagnostic, Severity
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Warns of products that nobody consumes, once a build."""
    used = {wire.product for node in draft.nodes for wire in node.wires}
    makers: dict[tuple[str, str], list[EnverNode]] = {}
    for node in draft.nodes:
        made_on_request = tuple(f"{asked.key}/" for asked in node.asked)
        for product in (product for product in node.products if not product.name.startswith(made_on_request)):
            makers.setdefault((node.build, product.name), []).append(node)
            if product.external or product.address in used:
                used.add(f"{node.build} {product.name}")
    for (build, name), nodes in makers.items():
        if f"{build} {name}" not in used:
            yield Diagnostic(
                "ODMD027",
                f"{build} produces `{name}`, and nobody consumes it",
                nodes[0].place,
                "remove it, or say that somebody outside uses it: produced(…, external=True)",
                Severity.WARNING,
            )
