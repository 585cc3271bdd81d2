"""A plan on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rich.text import Text

from odmd.cli.output import console
from odmd.model import naming
from odmd.plan import words
from odmd.plan.settings import SettingMoved

if TYPE_CHECKING:
    from odmd.control.leading.plane import Plane
    from odmd.plan import Plan, Step

_DETAIL: Final = " " * 7
_STYLES: Final = {"breaking": "bold red", "gate": "magenta", "steps": "dim"}


def show_plan(plan: Plan, *, steps: bool = False, values: Mapping[str, str] = MappingProxyType({})) -> None:
    """Prints a plan for people.

    Args:
        steps: with what each run will do.
        values: what stands beside where a setting changes, by enver and that, for who may see it.
    """
    out = console()
    beside = {
        enver: [(kind, f"{said}{values.get(f'{enver} {said}', '')}") for kind, said in lines]
        for enver, lines in words.beside(plan, steps=steps).items()
    }
    for line in _lines(plan, beside):
        out.print(line, soft_wrap=True)


def moved_values(there: Plane, plan: Plan) -> Mapping[str, str]:
    """Old and new values of the settings that a plan's steps change; none of those that this one may not see."""
    from odmd.control.leading.config_views import spelled
    from odmd.errors import NotAllowed

    found = dict[str, str]()
    for step in plan.steps():
        with suppress(NotAllowed):
            for one in there.config.config_moved(step.enver) if step.settings_moved else ():
                moved = SettingMoved(f"config {one.config}", one.path, "" if one.after is None else one.layer)
                found[f"{step.enver} {words.setting_moved(moved)}"] = f": {spelled(one.before)} → {spelled(one.after)}"
    return found


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
        yield Text(f"{_DETAIL}{given.name} ← {words.product_label(given.product)}: {words.source_of(given)}")


def _after(plan: Plan) -> Iterator[Text]:
    for title, lines in words.sections(plan):
        yield Text()
        yield Text(title, "bold")
        yield from (Text(f"  {line}") for line in lines)
