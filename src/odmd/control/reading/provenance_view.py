"""A provenance as a picture, in every format that pictures have."""

from __future__ import annotations

from typing import Final

from odmd.control.reading.provenance import FactSort, Provenance
from odmd.graph.views.view import Edge, Node, Style, View
from odmd.plan.words import clock

_STYLES: Final = {FactSort.CHANGE: Style.LOOSE, FactSort.CONTRACTS: Style.LOOSE, FactSort.SETTING: Style.LOOSE}


def picture(found: Provenance, title: str) -> View:
    """What comes first stands first."""
    facts = {fact.id: fact for fact in found.facts}
    nodes = [
        Node(
            id=fact.id,
            label=fact.text,
            type=fact.sort.value,
            group=fact.sort.value,
            notes=tuple(
                note
                for note in (f"by {fact.by}" if fact.by else "", fact.why, clock(fact.at) if fact.at else "")
                if note
            ),
        )
        for fact in (facts[id] for id in _causes_first(found))
    ]
    edges = [Edge(one.of, one.id, "came from", "", _STYLES.get(facts[one.of].sort, Style.PLAIN)) for one in found.links]
    return View("provenance", found.of, title, nodes, edges, group="sort")


def _causes_first(found: Provenance) -> list[str]:
    causes: dict[str, list[str]] = {}
    for one in found.links:
        causes.setdefault(one.id, []).append(one.of)
    order, seen = list[str](), set[str]()
    for root in (fact.id for fact in found.facts):
        todo = [(root, False)]
        while todo:
            id, done = todo.pop()
            if done:
                order.append(id)
            elif id not in seen:
                seen.add(id)
                todo += [(id, True), *((of, False) for of in causes.get(id, ()) if of not in seen)]
    return order
