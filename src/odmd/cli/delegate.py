"""`odmd delegate`: who answers for a team for a while, besides its own people."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from odmd.cli.options import Contracts, Json, Message, Server, StateFolder

delegate = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Let somebody answer for a team for a while, list who does, and end it.",
)
_COLUMNS: Final = ("team", "answered by", "until", "let by", "why")

To = Annotated[str, typer.Option("--to", metavar="NAME", help="Who answers, by the name that he signs in with.")]
Team = Annotated[str, typer.Option("--team", metavar="TEAM", help="For which team; one of your own.")]


@delegate.command("create")
def create(
    to: To,
    team: Team,
    until: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="`3d`, `12h`, or a time such as 2030-01-31T18:00.")
    ] = "7d",
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let somebody answer for a team until then; policies hold for him as for anybody, and he cannot pass it on."""
    from odmd.cli.act import act
    from odmd.cli.pause import moment
    from odmd.control.leading.wishes import Delegating

    act(Delegating(to, team, moment(until), message), server, contracts, state, json=json)


@delegate.command("list")
def list_delegations(
    contracts: Contracts = None, state: StateFolder = None, server: Server = None, json: Json = False
) -> None:
    """Show who answers for which team now."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows
    from odmd.plan.words import clock

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.past.delegations()
    if json:
        print_json(found)
    elif not found:
        console().print("nobody answers for a team that is not his own")
    else:
        show_rows(_COLUMNS, [(one.team, one.to, clock(one.until), one.by, one.why) for one in found])


@delegate.command("end")
def end(
    to: To,
    team: Team,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End it before its time."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import EndingDelegation

    act(EndingDelegation(to, team), server, contracts, state, json=json)
