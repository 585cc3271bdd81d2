"""A view as GraphML, for yEd, Gephi and the like: http://graphml.graphdrawing.org"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Final

from odmd.graph.views.names import xml_text
from odmd.graph.views.view import Scalar, View

_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "int"}
Data = Mapping[str, Scalar]


def graphml(view: View) -> str:
    """The whole document; one edge for each strand, so that none loses its attributes."""
    nodes, edges = list(_nodes(view)), list(_edges(view))
    root = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    keys = {**_keys("node", (row for _, row in nodes), root), **_keys("edge", (row for *_, row in edges), root)}
    graph = ET.SubElement(root, "graph", id="view", edgedefault="directed")
    _data(graph, {"title": f"{view.organisation}: {view.title}"}, _keys("graph", [{"title": ""}], root, at=0), "graph")
    for name, row in nodes:
        _data(ET.SubElement(graph, "node", id=xml_text(name)), row, keys, "node")
    for number, (source, target, row) in enumerate(edges):
        element = ET.SubElement(graph, "edge", id=f"e{number}", source=xml_text(source), target=xml_text(target))
        _data(element, row, keys, "edge")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _nodes(view: View) -> Iterator[tuple[str, Data]]:
    for node in view.nodes:
        products = "\n".join(f"{one.name}: {one.type}" for one in node.outlets)
        row = {**node.attributes, "label": node.label, "type": node.type, "group": node.group}
        yield node.id, {**row, "layer": view.layers[node.id], "products": products or None}


def _edges(view: View) -> Iterator[tuple[str, str, Data]]:
    for edge in view.edges:
        common = {**edge.attributes, "type": edge.type, "label": edge.label, "style": edge.style.value}
        for strand in edge.strands:
            own = {**strand.attributes, "label": strand.inlet, "style": strand.style.value}
            yield edge.source, edge.target, {**common, **own}
        if not edge.strands:
            yield edge.source, edge.target, common


def _keys(
    of: str, rows: Iterator[Data] | list[dict[str, str]], root: ET.Element, at: int | None = None
) -> dict[tuple[str, str], str]:
    """Declares what the rows hold; (what, name) → the key's id."""
    types: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            if value is not None:
                kind = _TYPES.get(type(value), "string")
                types[name] = kind if types.get(name, kind) == kind else "string"
    for name, kind in types.items():
        key = ET.Element("key", {"id": f"{of}-{name}", "for": of, "attr.name": name, "attr.type": kind})
        root.insert(len(root) if at is None else at, key)
    return {(of, name): f"{of}-{name}" for name in types}


def _data(element: ET.Element, row: Data, keys: Mapping[tuple[str, str], str], of: str) -> None:
    for name, value in row.items():
        if value is not None:
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(element, "data", key=keys[of, name]).text = xml_text(shown)
