"""ODMD057: a package comes from one build."""

import re
from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.built import PackageNode
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model.build_types import NPM


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds builds that publish under one name in one index: whoever is second has no version to raise."""
    first: dict[tuple[str, str], EnverNode] = {}
    for node in draft.nodes:
        if not isinstance(package := node.built, PackageNode):
            continue
        said = package.distribution
        name = said if node.type is NPM else re.sub(r"[-_.]+", "-", said).lower()
        other = first.setdefault((package.index.rstrip("/"), name), node)
        if other.build != node.build:
            yield Diagnostic(
                "ODMD057",
                f"{node.label} and {other.label} both publish {name}: also at {other.place}",
                node.place,
                "give one of them another distribution, or make both envers of one build",
            )
