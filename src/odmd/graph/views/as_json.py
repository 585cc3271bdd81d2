"""A view as data: docs/guides/views.md says what stands where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from odmd.graph.views.view import Edge, Node, View

SCHEMA: Final = "https://ondemandenv.dev/schemas/view-1.json"


def as_json(view: View) -> str:
    """The whole view, indented."""
    return json.dumps(data(view), indent=2, ensure_ascii=False) + "\n"


def data(view: View) -> Mapping[str, Any]:
    """The view as what JSON knows."""
    return {
        "schema": SCHEMA,
        "view": view.name,
        "organisation": view.organisation,
        "version": view.version or None,
        "title": view.title,
        "notes": list(view.notes),
        "grouped_by": view.group,
        "groups": [*view.groups],
        "builds": [dict(one) for one in view.builds],
        "nodes": [_node(node, view.layers[node.id]) for node in view.nodes],
        "edges": [_edge(edge) for edge in view.edges],
    }


def _node(node: Node, layer: int) -> Mapping[str, Any]:
    return {
        "id": node.id,
        "label": node.label,
        "type": node.type,
        "group": node.group,
        "layer": layer,
        "parent": node.parent,
        "notes": list(node.notes),
        "attributes": dict(node.attributes),
        "products": [
            {
                "id": one.id,
                "name": one.name,
                "type": one.type,
                "about": one.about,
                "notes": [*one.notes],
                **one.attributes,
            }
            for one in node.outlets
        ],
    }


def _edge(edge: Edge) -> Mapping[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "type": edge.type,
        "label": edge.label,
        "passive": edge.passive or edge.label,
        "style": edge.style.value,
        "attributes": dict(edge.attributes),
        "wires": [{"style": one.style.value, "notes": [*one.notes], **one.attributes} for one in edge.strands],
    }
