"""`odmd policy role`: whether a role in AWS may do something, and which line of the contracts says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json

if TYPE_CHECKING:
    from rich.console import Console

    from odmd.bootstrap.roles import EngineVerdict
    from odmd.graph.rights.explain import Explained
    from odmd.graph.rights.letting import Admission

_REFUSED: Final = 1


def role(
    name: Annotated[str, typer.Argument(metavar="ROLE", help="Its name or ARN, or a boundary's.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="As IAM calls it: dynamodb:PutItem.")],
    resource: Annotated[str, typer.Argument(metavar="[RESOURCE]", help="Its ARN; nothing: any.")] = "",
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Ask AWS's own engine, too (iam:SimulateCustomPolicy).")
    ] = False,
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say whether a role in AWS may do something, and which lines of the contracts say so; exit code 1 where not."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.roles import needed, verdict_of_engine
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json
    from odmd.graph.rights.explain import as_data, explained, with_ends

    with errors_as(json=json):
        settings = read_settings(contracts, isolation=isolation)
        compiled = load_contracts(settings)
        needs = needed(settings, compiled)
        found = explained(needs.values(), name, action, resource)
        found = with_ends(found, compiled.graph, compiled.kinds)
        engine = verdict_of_engine(settings, needs, name, action, resource) if simulate else None
    if json:
        print_json({**as_data(found), **({"engine": engine} if engine else {})})
    else:
        _show(found, f"{found.role} may {'' if found.allowed else 'not '}{action}{' on ' * bool(resource)}{resource}")
        if engine:
            _show_verdict(engine)
    if not found.allowed or (engine is not None and not engine.allowed):
        raise typer.Exit(_REFUSED)


def _show(found: Explained, says: str) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step

    out = console()
    out.print(Text("✓ " if found.allowed else "✗ ", "green" if found.allowed else "red").append(says, "default"))
    for one in found.by:
        place = f"{one.place}: " if one.place else ""
        does = "denies" if one.denies else "allows"
        out.print(f"  {place}{does} {', '.join(one.actions)}: {one.why}", soft_wrap=True, markup=False)
        for resource in one.resources if one.resources != ("*",) else ():
            out.print(Text(f"    {resource}", "dim"), soft_wrap=True)
        for condition in one.conditions:
            out.print(Text(f"    if {condition}", "dim"), soft_wrap=True)
    for end in found.ends:
        _show_end(end, out)
    if found.would:
        out.print(next_step(found.would), soft_wrap=True)


def _show_verdict(engine: EngineVerdict) -> None:
    from rich.text import Text

    from odmd.cli.output import console

    mark = Text("✓ " if engine.allowed else "✗ ", "green" if engine.allowed else "red")
    console().print(mark.append(f"AWS's own engine says: {engine.decision}", "default"))
    if engine.unsaid:
        console().print(f"  where nothing is said of {', '.join(engine.unsaid)}", soft_wrap=True, markup=False)


def _show_end(end: Admission, out: Console) -> None:
    """What the policy of the thing at the other end of a wire says, if its app writes it."""
    from rich.text import Text

    from odmd.model import naming

    actions = ", ".join(end.statement.actions)
    out.print(
        f"  at its other end, {naming.product_label(end.product)} lets in {actions}:", soft_wrap=True, markup=False
    )
    for role in end.roles:
        out.print(Text(f"    {role}", "dim"), soft_wrap=True)
