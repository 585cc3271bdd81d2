"""A view as one HTML file that needs nothing else: no network, no library; the data is JSON in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from odmd.graph.views.as_json import data
from odmd.graph.views.layout import HEIGHT, LABELLED, drawing, second_line
from odmd.graph.views.view import View


def html(view: View) -> str:
    """The page."""
    page = files("odmd.graph.views").joinpath("page")
    parts = {
        "TITLE": escape(f"{view.organisation}: {view.name}"),
        "STYLE": page.joinpath("page.css").read_text(encoding="utf-8"),
        "DATA": embedded(_data(view)),
        "SCRIPT": page.joinpath("page.js").read_text(encoding="utf-8"),
    }
    pieces = page.joinpath("page.html").read_text(encoding="utf-8").split("@@")
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def embedded(thing: object) -> str:
    """JSON that no HTML parser sees an end of a script in."""
    text = json.dumps(thing, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(view: View) -> Mapping[str, Any]:
    drawn, shown = drawing(view), data(view)
    nodes = [
        {**node, "x": box.x, "y": box.y, "w": box.width, "line": second_line(view.by_id[node["id"]])}
        for node in shown["nodes"]
        for box in (drawn.boxes[node["id"]],)
    ]
    edges = [{**edge, "route": route} for edge, route in zip(shown["edges"], drawn.routes, strict=True)]
    return {**shown, "nodes": nodes, "edges": edges, "height": HEIGHT, "labelled": LABELLED}
