"""`odmd policy role`: whether a role in AWS may do something, and which line of the contracts says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json

if TYPE_CHECKING:
    from odmd.graph.rights.explain import Explained

_REFUSED: Final = 1


def role(
    name: Annotated[str, typer.Argument(metavar="ROLE", help="Its name or ARN, or a boundary's.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="As IAM calls it: dynamodb:PutItem.")],
    resource: Annotated[str, typer.Argument(metavar="[RESOURCE]", help="Its ARN; nothing: any.")] = "",
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say whether a role in AWS may do something, and which lines of the contracts say so; exit code 1 where not."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.roles import needed
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json
    from odmd.graph.rights.explain import as_data, explained

    with errors_as(json=json):
        settings = read_settings(contracts, isolation=isolation)
        found = explained(needed(settings, load_contracts(settings)).values(), name, action, resource)
    if json:
        print_json(as_data(found))
    else:
        _show(found, f"{found.role} may {'' if found.allowed else 'not '}{action}{' on ' * bool(resource)}{resource}")
    if not found.allowed:
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
    if found.would:
        out.print(next_step(found.would), soft_wrap=True)
