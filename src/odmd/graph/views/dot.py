"""A view for Graphviz: https://graphviz.org/doc/info/lang.html"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from odmd.graph.views.names import xml_text
from odmd.graph.views.view import Style, View

_STYLES: Final = {
    Style.PLAIN: "",
    Style.LOOSE: ", style=dashed",
    Style.MARKED: ", penwidth=2",
    Style.PROMOTED: ', style=dotted, penwidth=2, arrowhead=odot, color="#7c3aed"',
    Style.WARNING: ', penwidth=2, color="#c2410c"',
}
_SHAPES: Final = {"network": "ellipse", "role": "hexagon", "repo": "cylinder", "product": "note"}


def dot(view: View) -> str:
    """The whole digraph, groups as clusters."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    yield f"digraph {_quoted(view.organisation)} {{"
    title = _quoted(f"{view.organisation}: {view.title}")
    yield f"  graph [rankdir=LR, labelloc=t, fontname=Helvetica, label={title}];"
    yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname=Helvetica];'
    yield '  edge [fontname=Helvetica, fontsize=10, color="#64748b"];'
    for number, group in enumerate(view.groups):
        yield f"  subgraph {_quoted(f'cluster_{number}')} {{"
        yield f'    label={_quoted(group)}; style="rounded,filled"; color="#e2e8f0"; fillcolor="#f8fafc";'
        for node in view.nodes:
            if node.group == group:
                shape = f", shape={_SHAPES[node.type]}" if node.type in _SHAPES else ""
                yield f"    {_quoted(node.id)} [label={_quoted(node.label)}{shape}];"
        yield "  }"
    for edge in view.edges:
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        yield f"  {ends} [label={_quoted(edge.label)}{_STYLES[edge.style]}];"
    yield "}"


def _quoted(text: str) -> str:
    """A DOT string: a backslash would begin an escape such as \\N; what XML forbids would spoil an SVG."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "")
    return '"' + xml_text(escaped).replace("\n", "\\n") + '"'
