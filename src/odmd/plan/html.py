"""A plan as a page of its own: stages as columns, steps as cards, light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from odmd.model import naming
from odmd.plan import words
from odmd.plan.settings import NO_VALUES, MovedValues
from odmd.plan.stages import Plan, Step

_STYLE: Final = """
:root { color-scheme: light dark; --card: #fff; --page: #f4f5f7; --line: #d5d9e0; --text: #1c2330; --dim: #5d6778;
  --create: #18794e; --update: #8a5a00; --promote: #5746af; --replace: #c62a2f; --gate: #8e4ec6; }
@media (prefers-color-scheme: dark) { :root { --card: #1d2430; --page: #12161d; --line: #38414f; --text: #e6e9ee;
  --dim: #9aa5b5; --create: #4cc38a; --update: #f1a10d; --promote: #9e8cfc; --replace: #ff6369; --gate: #bf7af0; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; } h2 { margin: 0 0 .5rem; font-size: .95rem; color: var(--dim); }
p { margin: .2rem 0; } .dim { color: var(--dim); } code { font: .92em ui-monospace, monospace; }
main { display: flex; gap: 1rem; align-items: flex-start; overflow-x: auto; padding: 1rem 0; }
section.stage { flex: 0 0 20rem; }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--kind);
  border-radius: 6px; padding: .6rem .75rem; margin-bottom: .6rem; overflow-wrap: anywhere; }
article.possible { border-style: dashed; border-left-style: dashed; }
article h3 { margin: 0; font-size: 1rem; } .badge { color: var(--kind); font-weight: 600; }
.create { --kind: var(--create); } .update, .values { --kind: var(--update); } .promote { --kind: var(--promote); }
.replace { --kind: var(--replace); } .breaking { color: var(--replace); font-weight: 600; }
.gate { color: var(--gate); } details { margin-top: .35rem; } summary { cursor: pointer; color: var(--dim); }
ul { margin: .3rem 0; padding-left: 1.1rem; }
"""


def html(plan: Plan, *, steps: bool = False, values: MovedValues = NO_VALUES) -> str:
    """The whole page; it loads nothing. `steps`: with what each run will do."""
    return "\n".join(_page(plan, words.beside(plan, steps=steps, values=values)))


def _page(plan: Plan, beside: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    title = f"Plan {words.short(plan.digest())} for {plan.organisation}"
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    yield f"<header><h1>{escape(title)}</h1><p>{escape(words.headline(plan))}</p>"
    yield f'<p class="dim">{escape(" · ".join(words.summary(plan)))}</p></header><main>'
    for stage in plan.stages:
        yield f'<section class="stage"><h2>Stage {stage.number}</h2>'
        for step in stage.steps:
            yield from _card(step, beside.get(step.enver, ()))
        yield "</section>"
    yield "</main><footer>"
    for name, lines in words.sections(plan):
        yield f"<details open><summary>{name} ({len(lines)})</summary>{_listed(lines)}</details>"
    yield "</footer></html>"


def _card(step: Step, beside: Iterable[tuple[str, str]]) -> Iterator[str]:
    kind, possible = step.action.partition(" ")[0], "" if step.certain else " possible"
    label = escape(naming.enver_label(step.enver))
    yield f'<article id="step-{step.number}" class="{kind}{possible}"><h3>{step.number} {label}</h3>'
    action = step.action if step.certain else f"{step.action}?"
    yield f'<p><span class="badge">{action}</span> <code>{escape(words.at(step))}</code></p>'
    yield "".join(f'<p class="dim">{escape(line)}</p>' for line in (*step.reasons, *words.aside(step)))
    yield "".join(f'<p class="{kind}">{escape(said)}</p>' for kind, said in beside)
    if step.inputs:
        inputs = [f"{one.name} ← {naming.product_label(one.product)}: {words.source_of(one)}" for one in step.inputs]
        yield f"<details><summary>{words.plural(len(inputs), 'input')}</summary>{_listed(inputs)}</details>"
    yield "</article>"


def _listed(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
