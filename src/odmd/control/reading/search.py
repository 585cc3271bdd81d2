"""Finding by a few letters: envers, builds, teams, products and commits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from odmd.control.reading.views import EnverView
from odmd.graph import Graph
from odmd.model import naming

_COMMIT: Final = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found."""

    kind: str
    """enver, build, team, product or commit."""
    name: str
    """As people write it."""
    address: str
    """Of the enver; the build, team or product; for a commit, of who runs it."""
    about: str


def search(text: str, graph: Graph, envers: Iterable[EnverView], most: int) -> tuple[Hit, ...]:
    """What begins with the text comes first, then what has it in it; the shortest first."""
    sought = text.strip().lower()
    if not sought:
        return ()
    found = [one for one in (*_declared(graph), *_commits(sought, envers)) if sought in one.name.lower()]
    return tuple(
        sorted(found, key=lambda one: (not one.name.lower().startswith(sought), len(one.name), one.name))[:most]
    )


def _declared(graph: Graph) -> Iterator[Hit]:
    for node in graph.envers.values():
        yield Hit("enver", node.label, node.address, f"{node.build_type} of {node.team} in {node.stage}")
        for product in node.products:
            yield Hit("product", naming.product_label(product.address), product.address, product.about)
    yield from (Hit("build", one, one, "build") for one in dict.fromkeys(node.build for node in graph.envers.values()))
    yield from (Hit("team", one, one, "team") for one in dict.fromkeys(node.team for node in graph.envers.values()))


def _commits(sought: str, envers: Iterable[EnverView]) -> Iterator[Hit]:
    if not _COMMIT.fullmatch(sought):
        return
    for one in envers:
        if one.commit and one.commit.startswith(sought):
            yield Hit("commit", one.commit[:12], one.enver, f"runs in {naming.enver_label(one.enver)}: {one.subject}")
