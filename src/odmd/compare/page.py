"""A comparison as a page of its own: two columns, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from odmd.compare.comparison import Because, Differs, EnverComparison, Section, SideView
from odmd.model import naming
from odmd.plan.reasons import quoted
from odmd.plan.words import clock, plural

_STYLE: Final = """
:root { color-scheme: light dark; --card: #fff; --page: #f4f5f7; --line: #d5d9e0; --text: #1c2330; --dim: #5d6778;
  --unexplained: #c62a2f; --age: #8a5a00; --intent: #00749e; }
@media (prefers-color-scheme: dark) { :root { --card: #1d2430; --page: #12161d; --line: #38414f; --text: #e6e9ee;
  --dim: #9aa5b5; --unexplained: #ff6369; --age: #f1a10d; --intent: #4ccce6; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; color: var(--kind); }
h3 { font-size: .95rem; color: var(--dim); margin: .8rem 0 .3rem; } .dim { color: var(--dim); }
table { width: 100%; table-layout: fixed; border-collapse: collapse; background: var(--card); }
th, td { text-align: left; vertical-align: top; border: 1px solid var(--line); padding: .35rem .5rem;
  overflow-wrap: anywhere; white-space: pre-wrap; } td { font: .92em ui-monospace, monospace; }
.unexplained { --kind: var(--unexplained); } .age { --kind: var(--age); } .intent { --kind: var(--intent); }
"""


def page(found: EnverComparison) -> str:
    """The whole page; it loads nothing."""
    return "\n".join(_page(found))


def _page(found: EnverComparison) -> Iterator[str]:
    title = f"{naming.enver_label(found.before.enver)} and {naming.enver_label(found.after.enver)}"
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style><header><h1>{escape(title)}</h1>"
    yield f"<p>{plural(len(found.differences), 'difference')}</p></header><main>"
    yield f"<table><tr><th>before</th><th>after</th></tr><tr>{_side(found.before)}{_side(found.after)}</tr></table>"
    for because in (Because.UNEXPLAINED, Because.AGE, Because.INTENT):
        if found.of(because):
            yield f'<section class="{because}"><h2>{because}</h2>'
            yield from (_section(found, because, one) for one in Section if found.of(because, one))
            yield "</section>"
    yield "".join(f"<p>! {escape(note)}</p>" for note in found.notes)
    yield "</main></html>"


def _side(side: SideView) -> str:
    when = f"run {side.run}, {clock(side.at)}" if side.at else f"run {side.run}"
    place = f"{side.stage} ({side.account}, {side.region})"
    said = "\n".join((quoted(side.commit, side.subject), place, when))
    return f"<td>{escape(said)}</td>"


def _section(found: EnverComparison, because: Because, section: Section) -> str:
    rows = "".join(map(_row, found.of(because, section)))
    commits = "".join(_commits(found)) if section is Section.COMMITS else ""
    return f"<h3>{section}</h3><table><tr><th></th><th>before</th><th>after</th></tr>{rows}</table>{commits}"


def _row(one: Differs) -> str:
    says = f'<p class="dim">{escape(one.says)}</p>' if one.says else ""
    return f"<tr><th>{escape(one.what)}{says}</th><td>{escape(one.before)}</td><td>{escape(one.after)}</td></tr>"


def _commits(found: EnverComparison) -> Iterator[str]:
    yield "<ul>"
    for one in found.commits:
        yield f"<li>only {one.only_in}: <code>{escape(one.commit[:12])}</code> {escape(one.subject)}</li>"
    yield f"</ul><p>and {found.more_commits} more</p>" if found.more_commits else "</ul>"
