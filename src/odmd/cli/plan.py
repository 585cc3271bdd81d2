"""`odmd plan`: what would be done, in which order, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.cli.options import Contracts, Json, StateFolder

if TYPE_CHECKING:
    from odmd.plan import Plan, Step


def plan(contracts: Contracts = None, state: StateFolder = None, json: Json = False) -> None:
    """Show the stages that lead from what runs to what the contracts and repositories say. Moves nothing."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.planning import make_plan, recorded_state, repositories
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import print_json

    settings = read_settings(contracts, state)
    graph = load_contracts(settings).graph
    made = make_plan(graph, recorded_state(settings), repositories(settings))
    if json:
        print_json({"digest": made.digest(), "plan": made})
    else:
        show_plan(made)


def show_plan(plan: Plan) -> None:
    """Prints a plan for people."""
    from rich.markup import escape

    from odmd.cli.output import console, plural, short
    from odmd.model import naming

    out = console()
    steps = list(plan.steps())
    if not steps:
        out.print(f"[green]✓[/] nothing to do: {plural(len(plan.unchanged), 'enver')} run what the code says")
    else:
        certain = sum(step.certain for step in steps)
        maybe = f", {len(steps) - certain} of them only if a value changes" if certain < len(steps) else ""
        out.print(
            f"Plan [bold]{short(plan.digest())}[/] for {escape(plan.organisation)}: "
            f"{plural(len(steps), 'step')} in {plural(len(plan.stages), 'stage')}{maybe}"
        )
    for stage in plan.stages:
        out.print(f"\n[bold]Stage {stage.number}[/]")
        for step in stage.steps:
            _show_step(step)
    for address in plan.undeclared:
        out.print(f"[yellow]![/] {naming.enver_label(address)} runs and is no longer declared; it is left as it is")


def _show_step(step: Step) -> None:
    from rich.text import Text

    from odmd.cli.output import console, product_label, short
    from odmd.model import naming
    from odmd.plan import FromStep, Known

    out = console()
    mark, style = ("+", "green") if step.action.value == "create" else ("~", "yellow")
    line = Text(f"  {step.number:>2} ").append(mark if step.certain else "?", style)
    line.append(f" {step.action.value} ").append(naming.enver_label(step.enver), "bold")
    out.print(line.append(f" at {short(step.commit)}"), soft_wrap=True)
    for reason in step.reasons:
        out.print(Text(f"       because: {reason}" if step.certain else f"       {reason}", "dim"), soft_wrap=True)
    for given in step.inputs:
        match given.source:
            case FromStep(number):
                value = f"from step {number}"
            case Known(0, ""):
                value = "never published"
            case Known(0, text):
                value = f"{text} (placeholder)"
            case Known(version, text):
                value = f"{text} (#{version})"
        out.print(Text(f"       {given.name} ← {product_label(given.product)}: {value}"), soft_wrap=True)
