"""ODMD056: what is published as a package produces that package, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.built import PackageNode
from odmd.graph.draft import Draft, lasting_name
from odmd.model.build_types import NPM
from odmd.model.checked import an
from odmd.model.kinds import Kind, NpmPackage, PythonPackage

_KINDS: Final[Mapping[str, type[Kind]]] = {NPM.name: NpmPackage}
"""By build type; that of all others is a PythonPackage."""


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products that publishing a package cannot give."""
    for node in draft.nodes:
        expected = _KINDS.get(node.build_type, PythonPackage)
        for product in node.products if isinstance(node.built, PackageNode) else ():
            if product.kind != lasting_name(expected):
                yield Diagnostic(
                    "ODMD056",
                    f"{node.label} publishes {an(expected.__name__)}, and {product.name} is "
                    f"{product.kind.rpartition(':')[2]}",
                    node.place,
                    f"make it {an(expected.__name__)}, or a product of an enver of another build type",
                )
