"""ODMD019: names that differ stay different as CloudFormation parameters and outputs."""

from collections.abc import Iterable, Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs, or products, of one enver that become one logical id."""
    for node in draft.nodes:
        inputs = ((wire.parameter, wire.name) for wire in node.wires)
        products = ((product.output, product.name) for product in node.products)
        for what, names in (("inputs", inputs), ("products", products)):
            for logical_id, one, other in _collisions(names):
                yield Diagnostic(
                    "ODMD019",
                    f"{node.label}: {what} {one!r} and {other!r} both become {logical_id}",
                    node.place,
                    "rename one of them",
                )


def _collisions(names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    taken: dict[str, str] = {}
    for logical_id, name in names:
        if taken.setdefault(logical_id, name) != name:
            yield logical_id, taken[logical_id], name
