"""Shows where something comes from, or what came of it: as a tree, as data, or as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odmd.cli.options import PictureFormat
    from odmd.control.reading.provenance import Fact, Provenance

_DEEPEST = 40
_MOST = 400
"""Lines of a tree; all of it is in `--json` and in pictures."""


def show_provenance(
    found: Provenance, title: str, format: PictureFormat | None, *, backwards: bool, json: bool
) -> None:
    """Prints it; `backwards`: from what is to what it comes from."""
    from odmd.cli.output import print_json, write

    if format is not None:
        write(_drawn(found, title, format))
    elif json:
        print_json(found)
    else:
        _tree(found, backwards=backwards)


def _drawn(found: Provenance, title: str, format: PictureFormat) -> str:
    from odmd.cli.graph import GraphFormat, written
    from odmd.control.reading.provenance_view import picture

    return written(picture(found, title), GraphFormat(format.value))


def _tree(found: Provenance, *, backwards: bool) -> None:
    from odmd.cli.output import console, next_step, plural

    following: dict[str, list[str]] = {}
    for one in found.links:
        near, far = (one.id, one.of) if backwards else (one.of, one.id)
        following.setdefault(near, []).append(far)
    facts, out = {fact.id: fact for fact in found.facts}, console()
    todo, seen, shown = [(found.of, 0)], set[str](), 0
    while todo and shown < _MOST:
        id, depth = todo.pop()
        again = id in seen
        seen.add(id)
        shown += 1
        line = (
            f"{'  ' * min(depth, _DEEPEST)}{'└ ' if depth else ''}{_line(facts[id])}{' (see above)' if again else ''}"
        )
        out.print(line, markup=False, highlight=False, soft_wrap=True)
        todo += [] if again else [(one, depth + 1) for one in reversed(following.get(id, ()))]
    if todo:
        hint = f"{plural(len(found.facts), 'fact')} in all: `--json` has them, `--format html` draws them"
        out.print(next_step(hint), soft_wrap=True)


def _line(fact: Fact) -> str:
    from odmd.plan.words import clock

    by = f" by {fact.by}" if fact.by else ""
    why = f": {fact.why}" if fact.why else ""
    return f"{fact.text}{by}{why}{f', {clock(fact.at)}' if fact.at else ''}"
