"""A view as statements that load it into Neo4j (4.4 or newer), again and again if need be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from odmd.graph.views.view import Edge, Node, Scalar, View

_BATCH: Final = 200
"""Rows of one statement."""
Row = Mapping[str, Scalar]


def cypher(view: View) -> str:
    """A constraint, nodes, outlets as nodes of their own, edges; each statement ends with a semicolon."""
    return "\n".join(_statements(view)) + "\n"


def _statements(view: View) -> Iterator[str]:
    organisation = literal(view.organisation)
    yield f"// {' '.join(f'{view.organisation}: {view.title}'.split())}"
    yield "CREATE CONSTRAINT odmd_id IF NOT EXISTS FOR (n:Odmd) REQUIRE (n.organisation, n.id) IS UNIQUE;"
    for label, rows in _by_type(view.nodes).items():
        yield from _unwind(rows, f"MERGE (n:Odmd {{organisation: {organisation}, id: row.id}}) SET n:{label}, n += row")
    products = [_outlet_row(node, number) for node in view.nodes for number in range(len(node.outlets))]
    yield from _unwind(
        products,
        f"MERGE (p:Odmd {{organisation: {organisation}, id: row.id}}) SET p:Product, p += row "
        f"WITH p, row MATCH (n:Odmd {{organisation: {organisation}, id: row.of}}) MERGE (n)-[:PRODUCES]->(p)",
    )
    for label, rows in _by_edge(view.edges).items():
        yield from _unwind(
            rows,
            f"MATCH (a:Odmd {{organisation: {organisation}, id: row.source}}) "
            f"MATCH (b:Odmd {{organisation: {organisation}, id: row.target}}) "
            f"MERGE (a)-[r:{label} {{name: row.name}}]->(b) SET r += row",
        )


def _unwind(rows: Sequence[Row], act: str) -> Iterator[str]:
    for start in range(0, len(rows), _BATCH):
        shown = ",\n  ".join(_map(row) for row in rows[start : start + _BATCH])
        yield f"UNWIND [\n  {shown}\n] AS row\n{act};"


def _by_type(nodes: Sequence[Node]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for node in nodes:
        row = {**node.attributes, "id": node.id, "label": node.label, "group": node.group}
        found.setdefault(_identifier(node.type.capitalize()), []).append(row)
    return found


def _outlet_row(node: Node, number: int) -> Row:
    one = node.outlets[number]
    return {**one.attributes, "id": one.id, "name": one.name, "type": one.type, "about": one.about, "of": node.id}


def _by_edge(edges: Sequence[Edge]) -> Mapping[str, list[Row]]:
    """One relationship for each strand, or for the edge where it has none."""
    found: dict[str, list[Row]] = {}
    for edge in edges:
        ends: Row = {"source": edge.source, "target": edge.target, "style": edge.style.value}
        rows = found.setdefault(_identifier(edge.type.upper()), [])
        if not edge.strands:
            rows.append({**edge.attributes, **ends, "name": edge.label})
        for one in edge.strands:
            rows.append({**edge.attributes, **one.attributes, **ends, "name": f"{one.inlet} ← {one.outlet}"})
    return found


def _map(row: Row) -> str:
    return (
        "{"
        + ", ".join(f"{_identifier(name)}: {literal(value)}" for name, value in row.items() if value is not None)
        + "}"
    )


def literal(value: Scalar) -> str:
    """A value as Cypher writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"'{re.sub(_UNSAFE, _escaped, value or '')}'"


_UNSAFE: Final = re.compile(r"\\u|[\\'\"\x00-\x1f\x7f\u2028\u2029]")


def _escaped(found: re.Match[str]) -> str:
    """Neo4j reads \\u escapes before it reads strings, so no backslash may stand before a letter u."""
    letter = found[0]
    if letter == "\\u":
        return "\\\\\\u0075"
    return f"\\{letter}" if letter in "\\'\"" else f"\\u{ord(letter):04x}"


def _identifier(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) else "`" + name.replace("`", "``") + "`"
