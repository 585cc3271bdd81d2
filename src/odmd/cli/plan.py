"""`odmd plan`: what would be done, in which order, and why."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from odmd.cli.options import Contracts, Json, StateFolder

if TYPE_CHECKING:
    from odmd.plan import Plan
    from odmd.plan.build import Limited


class Format(StrEnum):
    """How `plan` says what would be done."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="ENVER", help="Only this enver and what it needs; may be given several times."),
]
OnlyValues = Annotated[
    bool, typer.Option("--only-values", help="Only what needs no new source and no new contracts: no build, no synth.")
]
Refresh = Annotated[
    bool,
    typer.Option(
        "--refresh/--no-refresh",
        help="Read the heads of all repositories; or take those that the last plan read, which is faster and works "
        "without a network.",
    ),
]


def plan(
    contracts: Contracts = None,
    state: StateFolder = None,
    target: Targets = None,
    only_values: OnlyValues = False,
    refresh: Refresh = True,
    format: Annotated[
        Format, typer.Option(help="`markdown` is for a pull request; `html` is a page of its own.")
    ] = Format.TEXT,
    json: Json = False,
) -> None:
    """Show the stages that lead from what runs to what the contracts and repositories say. Moves nothing."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.planning import planner
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as

    format = Format.JSON if json else format
    with errors_as(json=format is Format.JSON):
        settings = read_settings(contracts, state)
        compiled = load_contracts(settings)
        with planner(settings, compiled) as plans:
            made = plans.make(limits(target, only_values), refresh=refresh)
    _say(made, format)


def limits(target: Sequence[str] | None, only_values: bool) -> Limited:
    """What the options leave of a plan."""
    from odmd.plan.build import Limited

    return Limited(tuple(target or ()), only_values)


def _say(plan: Plan, format: Format) -> None:
    from odmd.cli.output import print_json
    from odmd.cli.plan_text import show_plan

    match format:
        case Format.TEXT:
            show_plan(plan)
        case Format.JSON:
            print_json({"digest": plan.digest(), "plan": _data(plan)})
        case Format.MARKDOWN:
            from odmd.plan.markdown import markdown

            typer.echo(markdown(plan))
        case Format.HTML:
            from odmd.plan.html import html

            typer.echo(html(plan))


def _data(thing: object) -> object:
    """Objects with named fields instead of tuples."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(thing):
        return {field.name: _data(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, tuple):
        items = cast("tuple[object, ...]", thing)
        names: tuple[str, ...] = getattr(items, "_fields", ())
        return dict(zip(names, map(_data, items), strict=True)) if names else [_data(one) for one in items]
    return thing
