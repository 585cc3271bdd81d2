"""ODMD019: names that differ stay different as CloudFormation parameters and outputs, and as variables of commands."""

from collections.abc import Callable, Iterator, Sequence

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming
from odmd.model.build_types import COMMAND


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds inputs, products, or secrets, of one enver that become one logical id or variable."""
    if _all_differ(draft):
        return
    for node in draft.nodes:
        derived = naming.variable_name if node.type is COMMAND else naming.parameter_name
        inputs = _collisions(derived, [wire.name for wire in node.wires])
        products = _collisions(naming.output_name, [product.name for product in node.products])
        secrets = _collisions(naming.secret_variable, node.secrets)
        secrets = secrets or _collisions(naming.secret_parameter, node.secrets)
        for what, found in (("inputs", inputs), ("products", products), ("secrets", secrets)):
            for logical_id, one, other in found:
                yield Diagnostic(
                    "ODMD019",
                    f"{node.label}: {what} {one!r} and {other!r} both become {logical_id}",
                    node.place,
                    "rename one of them",
                )


def _all_differ(draft: Draft) -> bool:
    """Whether not even names of different envers become the same, as mostly: envers share most of their names."""
    inputs = {wire.name for wire in draft.wires}
    products = {product.name for node in draft.nodes for product in node.products}
    secrets = {name for node in draft.nodes for name in node.secrets}
    derived = (
        *((naming.parameter_name, inputs), (naming.variable_name, inputs), (naming.output_name, products)),
        *((naming.secret_parameter, secrets), (naming.secret_variable, secrets)),
    )
    return all(len(set(map(derive, names))) == len(names) for derive, names in derived)


def _collisions(derive: Callable[[str], str], names: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    taken: dict[str, str] = {}
    return [(derive(name), first, name) for name in names if (first := taken.setdefault(derive(name), name)) != name]
