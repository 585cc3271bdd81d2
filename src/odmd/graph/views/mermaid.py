"""A view as a Mermaid flowchart: https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from odmd.graph.views.view import Style, View

_ARROWS: Final = {
    Style.PLAIN: "-->",
    Style.LOOSE: "-.->",
    Style.MARKED: "==>",
    Style.WARNING: "==>",
    Style.PROMOTED: "--o",
}
_SHAPES: Final = {"network": ('(["', '"])'), "role": ('{{"', '"}}'), "repo": ('[("', '")]')}
_BOX: Final = ('["', '"]')
_HARMLESS: Final = re.compile(r"[^\w \-@/.,()+=]", re.ASCII)


def mermaid(view: View) -> str:
    """The whole diagram."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    yield f"%% {_comment(view.organisation)}: {_comment(view.title)}"
    yield "flowchart LR"
    ids = {node.id: f"n{number}" for number, node in enumerate(view.nodes)}
    for number, group in enumerate(view.groups):
        yield f'  subgraph g{number}["{_label(group)}"]'
        for node in view.nodes:
            if node.group == group:
                before, after = _SHAPES.get(node.type, _BOX)
                yield f"    {ids[node.id]}{before}{_label(node.label)}{after}"
        yield "  end"
    for edge in view.edges:
        yield f'  {ids[edge.source]} {_ARROWS[edge.style]}|"{_label(edge.label)}"| {ids[edge.target]}'
    warned = [str(number) for number, edge in enumerate(view.edges) if edge.style is Style.WARNING]
    if warned:
        yield f"  linkStyle {','.join(warned)} stroke:#c2410c"


def _label(text: str) -> str:
    """Everything that Mermaid might take for syntax as the number of its character."""
    return _HARMLESS.sub(lambda found: f"#{ord(found[0])};", " ".join(text.split())) or " "


def _comment(text: str) -> str:
    return " ".join(text.split()).replace("%%", "% %").replace("{", "(").replace("}", ")")
