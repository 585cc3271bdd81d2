"""`odmd token`: who may do what at the server, until when."""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer

from odmd.cli.options import Json, Server, StateFolder
from odmd.control.access.tokens import Token
from odmd.control.scheduler.actor import Scope

token = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Make, list and revoke the tokens that a server takes.",
)
_COLUMNS: Final = ("token", "name", "scope", "teams", "state", "expires", "made by", "used")


@token.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who acts with it: every change says so.")],
    scope: Annotated[
        Scope,
        typer.Option(
            help="`run` carries out runs, `prepare` makes their recipes; `write` includes both and `read`, `admin` all."
        ),
    ] = Scope.READ,
    expires: Annotated[
        str, typer.Option(metavar="WHEN", help="`30d`, `12h`, or a time such as 2030-01-31T18:00.")
    ] = "30d",
    run: Annotated[int | None, typer.Option(min=1, help="Good for carrying out this run, and nothing else.")] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="A team for which it approves; may be given several times.")
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Make a token; its text is shown this once."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, write
    from odmd.cli.pause import moment

    until = moment(expires)
    with errors_as(json=json), plane(server, state) as there:
        made = there.tokens.create_token(name, scope, until, run, tuple(team or ()))
    if json:
        print_json(made)
        return
    write(f"{made.text}\n")
    console(stderr=True).print(f"good for {made.token.scope.value} until {_day(made.token.expires)}; shown this once")


@token.command("list")
def list_tokens(state: StateFolder = None, server: Server = None, json: Json = False) -> None:
    """Show all tokens, revoked and expired ones included; their texts are nowhere."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = there.tokens.tokens()
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print("there are no tokens")


@token.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, as `odmd token list` shows it.")],
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End a token at once."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json), plane(server, state) as there:
        there.tokens.revoke_token(id)
    if json:
        print_json({"revoked": id})
    else:
        console().print(f"[green]✓[/] token {id} is good for nothing any more")


def _row(one: Token) -> tuple[str, ...]:
    from odmd.cli.output import ago

    state = "revoked" if one.revoked else "good" if one.is_good(time.time()) else "expired"
    teams, used = ", ".join(one.teams) or "–", ago(one.used) if one.used else "–"
    return (one.id, one.name, one.scope.value, teams, state, _day(one.expires), one.by, used)


def _day(at: float) -> str:
    from odmd.plan.words import clock

    return clock(at)
