"""`odmd session`: who is signed in at a server."""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer

from odmd.cli.options import Json, Server
from odmd.control.access.tokens import Token

session = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="List and end sessions: your own, or for admins everybody's.",
)
_COLUMNS: Final = ("session", "name", "known by", "scope", "teams", "began", "expires", "used")


@session.command("list")
def list_sessions(
    everybody: Annotated[bool, typer.Option("--all", help="Those of everybody, for admins.")] = False,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show the sessions that are good; their texts are nowhere."""
    from odmd.cli.login import server_or_refuse
    from odmd.cli.output import console, errors_as, print_json, show_rows
    from odmd.client import Client

    with errors_as(json=json), Client(server_or_refuse(server)) as client:
        found = client.sessions(everybody=everybody)
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print("there are no sessions" if everybody else "you have no session")


@session.command("revoke")
def revoke(
    id: Annotated[
        str | None, typer.Argument(metavar="SESSION", help="Its id, as `odmd session list` shows it.")
    ] = None,
    of: Annotated[str | None, typer.Option(metavar="NAME", help="All sessions of somebody, for admins.")] = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End a session at once, or all of somebody who leaves."""
    from odmd.cli.login import server_or_refuse
    from odmd.cli.output import console, errors_as, print_json
    from odmd.client import Client

    if (id is None) is (of is None):
        raise typer.BadParameter("name a session, or say --of NAME")
    with errors_as(json=json), Client(server_or_refuse(server)) as client:
        ended = [id] if id else [one.id for one in client.sessions(everybody=True) if one.name == of]
        for one in ended:
            client.end_session(one)
        tokens = [one.id for one in client.tokens() if one.name == of and one.is_good(time.time())] if of else []
    if json:
        print_json({"ended": ended, "tokens": tokens})
        return
    for one in ended:
        console().print(f"[green]✓[/] session {one} is over")
    if of and not ended:
        console().print(f"{of} has no session")
    if tokens:
        console().print(
            f"{of} still has tokens: `odmd token revoke {tokens[0]}`"
            + f", and {len(tokens) - 1} more" * (len(tokens) > 1)
        )


def _row(one: Token) -> tuple[str, ...]:
    from odmd.cli.output import ago
    from odmd.plan.words import clock

    known = one.session.identity if one.session else "–"
    teams, used = ", ".join(one.teams) or "–", ago(one.used) if one.used else "–"
    return (one.id, one.name, known, one.scope.value, teams, clock(one.created), clock(one.expires), used)
