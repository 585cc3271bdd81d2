"""A plan on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from odmd.cli.output import console
from odmd.model import naming
from odmd.plan import words
from odmd.plan.settings import NO_VALUES, MovedValues

if TYPE_CHECKING:
    from odmd.plan import Plan, Step

_DETAIL: Final = " " * 7
_STYLES: Final = {"breaking": "bold red", "gate": "magenta", "steps": "dim"}


def show_plan(plan: Plan, *, steps: bool = False, values: MovedValues = NO_VALUES) -> None:
    """Prints a plan for people.

    Args:
        steps: with what each run will do.
        values: what stands beside where a setting changes.
    """
    out = console()
    for line in _lines(plan, words.beside(plan, steps=steps, values=values)):
        out.print(line, soft_wrap=True)


def _lines(plan: Plan, beside: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Text]:
    yield from _head(plan)
    for stage in plan.stages:
        yield Text()
        yield Text(f"Stage {stage.number}", "bold")
        for step in stage.steps:
            yield from _step(step)
            for kind, said in beside.get(step.enver, ()):
                yield Text(f"{_DETAIL}{said}", _STYLES.get(kind, "cyan"))
    yield from _after(plan)


def _head(plan: Plan) -> Iterator[Text]:
    if not plan.is_empty():
        head = Text("Plan ").append(words.short(plan.digest()), "bold")
        yield head.append(f" for {plan.organisation}: {words.headline(plan)}")
    else:
        mark = Text("!", "yellow") if plan.unreadable else Text("✓", "green")
        yield mark.append(f" {words.headline(plan)}", "default")
    if said := words.summary(plan):
        yield Text(f"  {' · '.join(said)}", "dim")


def _step(step: Step) -> Iterator[Text]:
    mark, style = ("+", "green") if step.action.value == "create" else ("~", "yellow")
    line = Text(f"  {step.number:>2} ").append(mark if step.certain else "?", style)
    line.append(f" {step.action.value} ").append(naming.enver_label(step.enver), "bold")
    aside = " · ".join(words.aside(step))
    yield line.append(f" {words.at(step)}").append(f"  {aside}" if aside else "", "dim")
    for reason in step.reasons:
        yield Text(f"{_DETAIL}because: {reason}" if step.certain else f"{_DETAIL}{reason}", "dim")
    for given in step.inputs:
        yield Text(f"{_DETAIL}{given.name} ← {naming.product_label(given.product)}: {words.source_of(given)}")


def _after(plan: Plan) -> Iterator[Text]:
    for title, lines in words.sections(plan):
        yield Text()
        yield Text(title, "bold")
        yield from (Text(f"  {line}") for line in lines)
