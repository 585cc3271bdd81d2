"""ODMD027: somebody consumes each product."""

from collections.abc import Iterator

from odmd.errors import Diagnostic, Severity
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Warns of products that nobody consumes, once a build."""
    makers: dict[tuple[str, str], EnverNode] = {}
    used: set[tuple[str, str]] = set()
    for node in draft.nodes:
        made_on_request = tuple([f"{asked.key}/" for asked in node.asked])
        for product in node.products:
            if made_on_request and product.name.startswith(made_on_request):
                continue
            of_build = (node.build, product.name)
            makers.setdefault(of_build, node)
            if product.external or product.address in draft.consumed:
                used.add(of_build)
    for (build, name), maker in makers.items():
        if (build, name) not in used:
            yield Diagnostic(
                "ODMD027",
                f"{build} produces `{name}`, and nobody consumes it",
                maker.place,
                "remove it, or say that somebody outside uses it: produced(…, external=True)",
                Severity.WARNING,
            )
