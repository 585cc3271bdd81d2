"""ODMD056: contracts that are published produce a Python package, and nothing else."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft, lasting_name
from odmd.model.kinds import PythonPackage


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products that publishing a package cannot give."""
    expected = lasting_name(PythonPackage)
    for node in draft.nodes:
        for product in node.products if node.package else ():
            if product.kind != expected:
                yield Diagnostic(
                    "ODMD056",
                    f"{node.label} publishes a Python package, and {product.name} is {product.kind.rpartition(':')[2]}",
                    node.place,
                    "make it a PythonPackage, or a product of an enver of another build type",
                )
