"""A plan as Markdown for a pull request: escaped, and shorter than the 65,536 characters that GitHub takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from odmd.model import naming
from odmd.plan import words
from odmd.plan.settings import NO_VALUES, MovedValues
from odmd.plan.stages import Plan, PlanStage, Step

LIMIT: Final = 65_000
"""Characters; GitHub takes some more."""
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()+!|~])")
_LINKED: Final = re.compile(r"(?<!\w)([@#])(?=\w)|(?<=:)(?=//)")
"""A mention, an issue, an address: what GitHub would make a link."""
_ICONS: Final = {
    "create": "🆕",
    "adopt": "🤝",
    "update": "🔄",
    "values only": "🔢",
    "live config": "🎚️",
    "promote": "⏫",
    "replace": "♻️",
}


def markdown(plan: Plan, *, steps: bool = False, values: MovedValues = NO_VALUES, limit: int = LIMIT) -> str:
    """The whole as text; what does not fit is counted at its end. `steps`: with what each run will do."""
    head, after = _fit(_head(plan), limit), _fit(_after(plan), limit)
    beside = words.beside(plan, steps=steps, values=values)
    left = limit - sum(len(line) + 1 for line in (*head, *after, _cut(plan.stages)))
    body: list[str] = []
    for number, stage in enumerate(plan.stages):
        table, details = "\n".join(_table(stage)), "\n".join(_details(stage, beside))
        block = f"{table}\n{details}" if len(table) + len(details) < left else table
        if len(block) >= left:
            body.append(_cut(plan.stages[number:]))
            break
        body.append(block)
        left -= len(block) + 1
    return "\n".join((*head, *body, *after)) + "\n"


def _fit(lines: Iterator[str], limit: int) -> Sequence[str]:
    """At most a third of it."""
    kept, left = list[str](), limit // 3
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return [*kept, "", "*… and more: `odmd plan` shows all of it.*"]
        kept.append(line)
    return kept


def _cut(stages: Sequence[PlanStage]) -> str:
    steps = words.plural(sum(len(stage.steps) for stage in stages), "step")
    return f"\n> [!NOTE]\n> {steps} more in {words.plural(len(stages), 'stage')}: `odmd plan` shows all of them.\n"


def _head(plan: Plan) -> Iterator[str]:
    yield f"### Plan `{words.short(plan.digest())}` for {plain(plan.organisation)}"
    yield ""
    yield f"**{plain(words.headline(plan))}**"
    if said := words.summary(plan):
        yield ""
        yield " · ".join(map(plain, said))
    if breaking := [one for one in plan.verdicts if one.verdict == "breaking"]:
        yield from ("", "> [!CAUTION]")
        for one in breaking:
            yield f"> {_label(one.enver)}: {plain(words.verdict(one))}<br>"


def _table(stage: PlanStage) -> Iterator[str]:
    yield from ("", f"#### Stage {stage.number}", "", "| step | | enver | commit | because |", "|---:|---|---|---|---|")
    for step in stage.steps:
        action = step.action if step.certain else f"{step.action}?"
        commit = words.at(step).removeprefix("at ")
        why = "<br>".join(map(plain, (*step.reasons, *words.aside(step))))
        yield f"| {step.number} | {_ICONS[step.action]} {action} | {_label(step.enver)} | {plain(commit)} | {why} |"


def _details(stage: PlanStage, beside: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    lines = [line for step in stage.steps for line in _of_step(step, beside.get(step.enver, ()))]
    if lines:
        yield from ("", "<details><summary>inputs, approvals, verdicts</summary>", "", *lines, "", "</details>")


def _of_step(step: Step, beside: Iterable[tuple[str, str]]) -> Iterator[str]:
    inputs = [f"{one.name} ← {naming.product_label(one.product)}: {words.source_of(one)}" for one in step.inputs]
    if lines := [*inputs, *(said for _, said in beside)]:
        yield f"- **{step.number}. {_label(step.enver)}**"
        yield from (f"  - {plain(line)}" for line in lines)


def _after(plan: Plan) -> Iterator[str]:
    for title, lines in words.sections(plan):
        yield from ("", f"<details><summary>{title} ({len(lines)})</summary>", "")
        yield from (f"- {plain(line)}" for line in lines)
        yield from ("", "</details>")


def _label(enver: str) -> str:
    return plain(naming.enver_label(enver))


def plain(text: str) -> str:
    """Text that nothing in it makes markup, a mention or another line."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(lambda found: f"{found[0]}<!-- -->", _SPECIAL.sub(r"\\\1", text))
