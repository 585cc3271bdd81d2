"""A view as lines for a terminal. Pure: styles are words, whoever prints gives them colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final, Literal

from odmd.graph.views.names import plural
from odmd.graph.views.view import Edge, Form, Node, Outlet, Strand, Style, View
from odmd.texts import harmless

_ITEMS: Final = 8
"""How many consumers of one product are named."""
_INPUTS: Final = 12
"""How many inputs of one node are listed."""
_LONG: Final = 120
"""From how many nodes on each of them gets one line only."""
_NARROW: Final = 40
WIRE: Final = "wire"
"""The type of the edges whose strands are told one by one."""


class Ink(StrEnum):
    """What a piece of a line is, so that it can be coloured."""

    PLAIN = "plain"
    TITLE = "title"
    HEAD = "head"
    NAME = "name"
    FAINT = "faint"
    IN = "in"
    OUT = "out"
    MARKED = "marked"
    WARNING = "warning"
    PROMOTED = "promoted"


Span = tuple[str, Ink]
Line = tuple[Span, ...]
_INKS: Final = {
    Style.PLAIN: Ink.PLAIN,
    Style.LOOSE: Ink.FAINT,
    Style.MARKED: Ink.MARKED,
    Style.WARNING: Ink.WARNING,
    Style.PROMOTED: Ink.PROMOTED,
}


def is_short(view: View) -> bool:
    """Whether the listing has one line a node only."""
    return view.form is Form.LAYERS and len(view.nodes) > _LONG


def lines(view: View, width: int = 80) -> Iterator[Line]:
    """The listing; no line is wider than `width` unless one name is."""
    width = max(width, _NARROW)
    yield from _fold(
        ((f"{view.organisation} ", Ink.TITLE),), [((word, Ink.PLAIN),) for word in _words(view.title)], width
    )
    for note in view.notes:
        yield from _fold((("  ", Ink.FAINT),), [((word, Ink.FAINT),) for word in _words(note)], width)
    yield from _tree(view, width) if view.form is Form.TREE else _layers(view, width)


def text(view: View, width: int = 100) -> str:
    """The listing without colours."""
    return "".join("".join(word for word, _ in line).rstrip() + "\n" for line in lines(view, width))


def _layers(view: View, width: int) -> Iterator[Line]:
    for number, layer in enumerate(view.in_layers(), 1):
        yield ()
        yield _heading(view, number, layer, width)
        if is_short(view):
            widest = max(len(_clean(node.label)) for node in layer)
            for node in layer:
                yield from _one_line(view, node, min(widest, width // 2), width)
        else:
            for node in layer:
                yield from _in_full(view, node, width)


def _heading(view: View, number: int, layer: Sequence[Node], width: int) -> Line:
    sources = {view.layers[edge.source] + 1 for node in layer for edge in view.into.get(node.id, ()) if edge.holds}
    before = sources & {*range(1, number)}
    nouns = {node.type for node in layer}
    counted = plural(len(layer), nouns.pop() if len(nouns) == 1 else "node")
    waits = "wait" if len(layer) > 1 else "waits"
    said = f"── {number} ── {counted}, {waits} for {_numbers(before) or 'nobody'} ──"
    return ((said + "─" * max(0, width - len(said)), Ink.HEAD),)


def _numbers(found: Iterable[int]) -> str:
    """`1, 3-5`."""
    runs: list[list[int]] = []
    for number in sorted(found):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _one_line(view: View, node: Node, wide: int, width: int) -> Iterator[Line]:
    sources, targets = (
        [edge for edge in edges if edge.style is not Style.PROMOTED]
        for edges in (view.into.get(node.id, ()), view.out_of.get(node.id, ()))
    )
    items: list[Line] = []
    if sources:
        items.append(((f"← {_strands(sources)} from {plural(len(sources), 'producer')}", Ink.IN),))
    if targets:
        items.append(((f"→ {_strands(targets)} to {plural(len(targets), 'consumer')}", Ink.OUT),))
    items += _promotions(view, node)
    items += [((_clean(note), Ink.FAINT),) for note in node.notes]
    yield from _fold(((f"  {_clean(node.label):<{wide}}  ", Ink.NAME),), items, width, " · ")


def _promotions(view: View, node: Node) -> Iterator[Line]:
    for edge in view.into.get(node.id, ()):
        if edge.style is Style.PROMOTED:
            yield ((f"{_clean(edge.passive)} {_clean(view.by_id[edge.source].label)}", Ink.PROMOTED),)


def _strands(edges: Sequence[Edge]) -> int:
    return sum(max(1, len(edge.strands)) for edge in edges)


def _in_full(view: View, node: Node, width: int) -> Iterator[Line]:
    yield from _fold(
        ((f"  {_clean(node.label)}  ", Ink.NAME),), [((_clean(note), Ink.FAINT),) for note in node.notes], width, " · "
    )
    yield from _inputs(view, node, width)
    yield from _outputs(view, node, width)


def _inputs(view: View, node: Node, width: int) -> Iterator[Line]:
    edges = view.into.get(node.id, ())
    said = [*_bare(view, edges, "source")]
    said += [one for edge in edges for one in _arrivals(edge, _clean(view.by_id[edge.source].label))]
    for name, items in said[:_INPUTS]:
        yield from _fold((("    ← ", Ink.IN), (f"{name}: ", Ink.IN)), items, width)
    if len(said) > _INPUTS:
        more = f"and {len(said) - _INPUTS} more, {len(said)} from {plural(len(edges), 'source')} in all"
        yield (("    ← ", Ink.IN), (more, Ink.FAINT))


def _arrivals(edge: Edge, source: str) -> Iterator[tuple[str, list[Line]]]:
    """What comes in over an edge: the name that it has here, and where it comes from."""
    for strand in edge.strands:
        origin = (f"{source}/{_clean(strand.outlet)}", _INKS[strand.style])
        yield _clean(strand.inlet), [(origin,), *_noted(strand)]


def _bare(view: View, edges: Sequence[Edge], end: Literal["source", "target"]) -> Iterator[tuple[str, list[Line]]]:
    """What edges without strands say, and who stands at their other ends."""
    said: dict[str, dict[tuple[str, Ink], None]] = {}
    for edge in edges:
        if not edge.strands:
            other = view.by_id[edge.source if end == "source" else edge.target]
            label = edge.passive if end == "source" and edge.passive else edge.label
            said.setdefault(label, {})[_clean(other.label), _INKS[edge.style]] = None
    for label, named in said.items():
        more = [(f"and {len(named) - _INPUTS} more", Ink.FAINT)] if len(named) > _INPUTS else []
        shown = [*sorted(named)[:_INPUTS], *more]
        yield _clean(label), [((f"{name}{',' * (n < len(shown))}", ink),) for n, (name, ink) in enumerate(shown, 1)]


def _noted(strand: Strand) -> Iterator[Line]:
    """What a strand says of itself, by word."""
    ink = _INKS[strand.style] if strand.style in (Style.MARKED, Style.WARNING) else Ink.FAINT
    if strand.notes:
        yield from (((word, ink),) for word in _words(f"({', '.join(strand.notes)})"))


def _outputs(view: View, node: Node, width: int) -> Iterator[Line]:
    edges = view.out_of.get(node.id, ())
    by_outlet: dict[str, list[tuple[str, Strand]]] = {}
    for edge in edges:
        for strand in edge.strands:
            by_outlet.setdefault(strand.outlet, []).append((view.by_id[edge.target].label, strand))
    for outlet in node.outlets:
        yield from _output(outlet, by_outlet.pop(outlet.name, []), width)
    for name, users in by_outlet.items():
        yield from _output(Outlet(name, name, ""), users, width)
    for name, items in _bare(view, edges, "target"):
        yield from _fold((("    → ", Ink.OUT), (f"{name}: ", Ink.OUT)), items, width)


def _output(outlet: Outlet, users: Sequence[tuple[str, Strand]], width: int) -> Iterator[Line]:
    kind = f" {_clean(outlet.type)}" if outlet.type else ""
    prefix = (("    → ", Ink.OUT), (_clean(outlet.name), Ink.OUT), (f"{kind}: ", Ink.FAINT))
    names = sorted({label for label, _ in users})
    items: list[Line] = [((_clean(name), Ink.PLAIN),) for name in names[:_ITEMS]]
    if len(names) > _ITEMS:
        items.append(((f"{len(names) - _ITEMS} more", Ink.FAINT),))
    items += [((_clean(note), Ink.FAINT),) for note in outlet.notes]
    yield from _fold(prefix, items, width, ", ")


def _tree(view: View, width: int) -> Iterator[Line]:
    below: dict[str | None, list[Node]] = {}
    for node in view.nodes:
        below.setdefault(node.parent if node.parent in view.by_id else None, []).append(node)
    for root in sorted(below.get(None, ()), key=lambda node: (node.id not in below, node.label)):
        yield ()
        yield from _branch(view, below, root, "", "", width)


def _branch(
    view: View, below: dict[str | None, list[Node]], node: Node, first: str, rest: str, width: int
) -> Iterator[Line]:
    head: list[Span] = [(first, Ink.FAINT)]
    if (way := _from_parent(view, node)) is not None:
        said = way.label if way.target == node.id else way.passive or way.label
        head.append((f"{_clean(said)} ", Ink.FAINT))
    head.append((f"{_clean(node.label)}  ", Ink.NAME))
    children = below.get(node.id, [])
    bar = "│ " if children else "  "
    yield from _fold(tuple(head), list(_noted_words(node)), width, " ", rest + bar)
    yield from _references(view, node, rest + bar, width)
    for number, child in enumerate(children, 1):
        last = number == len(children)
        yield from _branch(
            view, below, child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), width
        )


def _noted_words(node: Node) -> Iterator[Line]:
    """A node's notes by word, as they may be long."""
    for number, note in enumerate(node.notes):
        first, *others = _words(note)
        yield ((f"· {first}" if number else first, Ink.FAINT),)
        yield from (((word, Ink.FAINT),) for word in others)


def _from_parent(view: View, node: Node) -> Edge | None:
    """The arrow that is the branch of the tree: from the parent, else to it."""
    down = (edge for edge in view.into.get(node.id, ()) if edge.source == node.parent)
    up = (edge for edge in view.out_of.get(node.id, ()) if edge.target == node.parent)
    return next(down, None) or next(up, None)


def _references(view: View, node: Node, indent: str, width: int) -> Iterator[Line]:
    """The arrows that are no branches of the tree: of wires each strand that arrives, others by what they say."""
    own = _from_parent(view, node)
    arriving = [edge for edge in view.into.get(node.id, ()) if edge.source != node.parent]
    leaving = [edge for edge in view.out_of.get(node.id, ()) if view.by_id[edge.target].parent != node.id]
    arriving = [edge for edge in arriving if _from_parent(view, view.by_id[edge.source]) is not edge]
    leaving = [edge for edge in leaving if edge is not own]
    for arrow, ink, edges in (("←", Ink.IN, arriving), ("→", Ink.OUT, leaving)):
        bare = [replace(edge, strands=()) for edge in edges if edge.type != WIRE]
        for label, items in _bare(view, bare, "source" if arrow == "←" else "target"):
            yield from _fold(((indent, Ink.FAINT), (f"{arrow} {label}: ", ink)), items, width, " ", indent)
    for edge in view.into.get(node.id, ()):
        for name, items in _arrivals(edge, _clean(view.by_id[edge.source].label)) if edge.type == WIRE else ():
            yield from _fold(((indent, Ink.FAINT), (f"← {name}: ", Ink.IN)), items, width, " ", indent)
    yield from _used_outlets(view, node, indent, width)


def _used_outlets(view: View, node: Node, indent: str, width: int) -> Iterator[Line]:
    """What of a node somebody takes, and who: without what lies apart from wires."""
    users: dict[str, set[str]] = {}
    for edge in view.out_of.get(node.id, ()):
        for strand in edge.strands if edge.type == WIRE else ():
            users.setdefault(strand.outlet, set()).add(_clean(view.by_id[edge.target].label))
    for outlet, labels in users.items():
        named = sorted(labels)[:_ITEMS]
        more = [((f"{len(labels) - _ITEMS} more", Ink.FAINT),)] if len(labels) > _ITEMS else []
        items: list[Line] = [*(((name, Ink.PLAIN),) for name in named), *more]
        yield from _fold(((indent, Ink.FAINT), (f"→ {_clean(outlet)}: ", Ink.OUT)), items, width, ", ", indent)


def _fold(
    prefix: Line, items: Sequence[Line], width: int, between: str = " ", indent: str | None = None
) -> Iterator[Line]:
    """The prefix and then the items, as many on a line as fit; what does not fit stands below the first item."""
    start = sum(len(word) for word, _ in prefix)
    left = (indent or "").ljust(start if start <= width // 2 else min(8, start))
    line, used, gap = list(prefix), start, ""
    for number, item in enumerate(items):
        size = sum(len(word) for word, _ in item)
        ahead = len(between.rstrip()) if number + 1 < len(items) else 0
        if used + len(gap) + size + ahead > width and used > len(left):
            yield (*line, (gap.rstrip(), Ink.FAINT))
            line, used, gap = [(left, Ink.FAINT)], len(left), ""
        line += [(gap, Ink.FAINT), *item]
        used += len(gap) + size
        gap = between
    yield tuple(line)


def _words(said: str) -> Sequence[str]:
    return _clean(said).split(" ")


def _clean(said: str) -> str:
    """A name on one line, without what a terminal would obey."""
    return harmless(" ".join(said.split()))
