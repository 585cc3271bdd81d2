"""`odmd plan`: what would be done, in which order, and why."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.cli.preflight import say

if TYPE_CHECKING:
    from odmd.cli.moved import MovedConfig
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.preflight import PreflightView
    from odmd.plan import Plan
    from odmd.plan.build import Limited


class PlanFormat(StrEnum):
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

LookUp = Annotated[
    bool,
    typer.Option(
        "--look-up-again",
        help="Let the targets, or all, look up anew in their accounts what their apps looked up before; "
        "else the answers are kept.",
    ),
]

Look = Annotated[
    bool, typer.Option("--look", help="Look whether the stacks of what is deployed are still there; asks AWS.")
]


def plan(
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    target: Targets = None,
    only_values: OnlyValues = False,
    look_up_again: LookUp = False,
    refresh: Refresh = True,
    look: Look = False,
    steps: Annotated[
        bool, typer.Option("--steps", help="Say of each step what its run will do; `--json` says it always.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Prove, too, that all is there which the steps need; ends with 1 if it is not."),
    ] = False,
    format: Annotated[
        PlanFormat, typer.Option(help="`markdown` is for a pull request; `html` is a page of its own.")
    ] = PlanFormat.TEXT,
    json: Json = False,
) -> None:
    """Show the stages that lead from what runs to what the contracts and repositories say. Moves nothing.

    Ends with 1 when a repository, branch or tag cannot be read; the rest is planned all the same."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.moved import moved_config
    from odmd.cli.output import errors_as
    from odmd.cli.whose import say_whose_contracts
    from odmd.control.leading.preflight import PreflightAsked

    format = PlanFormat.JSON if json else format
    if check and format not in (PlanFormat.TEXT, PlanFormat.JSON):
        raise typer.BadParameter("--check goes with text, and with --json")
    with errors_as(json=format is PlanFormat.JSON), plane(server, state, contracts, isolation) as there:
        refuse_look(there, look)
        say_whose_contracts(there)
        limited = limits(target, only_values, look_up_again)
        made = there.plan(limited, refresh=refresh, look=look)
        config = moved_config(there, made)
        found = there.preflight(PreflightAsked(limited=limited), refresh=False) if check else None
    _say(made, format, config, found, steps=steps)
    if made.unreadable or (found and found.missing()):
        raise typer.Exit(1)


def refuse_look(there: Plane, look: bool) -> None:
    """A server looks by its own means.

    Raises:
        BadParameter
    """
    if look and not there.is_local:
        raise typer.BadParameter("--look looks from here: give it where the state is, and without --server")


def limits(target: Sequence[str] | None, only_values: bool, look_up: bool) -> Limited:
    """What the options leave of a plan."""
    from odmd.plan.build import Limited

    return Limited(tuple(target or ()), only_values, look_up)


def _say(plan: Plan, format: PlanFormat, config: MovedConfig, found: PreflightView | None, *, steps: bool) -> None:
    from odmd.cli.moved import in_words
    from odmd.cli.output import console, print_json, write
    from odmd.cli.plan_text import show_plan

    match format:
        case PlanFormat.TEXT:
            show_plan(plan, steps=steps, values=in_words(config))
            if found is not None and found.envers:
                console().print()
                console().print("What the steps need", style="bold")
                say(found, json=False)
        case PlanFormat.JSON:
            from odmd.plan.data import as_data

            more = {"config": config or None, "preflight": found}
            more = {name: told for name, told in more.items() if told is not None}
            print_json({"digest": plan.digest(), "plan": as_data(plan), **more})
        case PlanFormat.MARKDOWN:
            from odmd.plan.markdown import markdown

            write(f"{markdown(plan, steps=steps, values=in_words(config))}\n")
        case PlanFormat.HTML:
            from odmd.plan.html import html

            write(f"{html(plan, steps=steps, values=in_words(config))}\n")
