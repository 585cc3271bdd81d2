"""`odmd pause`, `odmd resume` and `odmd cancel`: nothing new starts, or it does again; a run ends before it moves."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, Server, StateFolder
from odmd.texts import seconds_of

Which = Annotated[
    str | None, typer.Argument(metavar="[ENVER]", help="One enver, e.g. orders@main.", autocompletion=complete_enver)
]
Team = Annotated[str | None, typer.Option("--team", metavar="TEAM", help="All envers of a team.")]
Stage = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="All envers of a stage.")]
All = Annotated[bool, typer.Option("--all", help="Everything.")]


def pause(
    enver: Which = None,
    team: Team = None,
    stage: Stage = None,
    everything: All = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="`2h`, `30min`, or a time such as 2030-01-31T18:00.")
    ] = None,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Start nothing new for an enver, a team, a stage or everything; what is under way goes on to its end."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Pausing

    wish = Pausing(_scope(enver, team, stage, everything=everything), message, moment(until) if until else None)
    act(wish, server, contracts, state, json=json)


def resume(
    enver: Which = None,
    team: Team = None,
    stage: Stage = None,
    everything: All = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End a pause; what waited for it is deployed."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Resuming

    act(Resuming(_scope(enver, team, stage, everything=everything), message), server, contracts, state, json=json)


def cancel(
    run: Annotated[int, typer.Argument(metavar="RUN", help="Its number, as `odmd runs` shows it.")],
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End a run before it moves anything; one that changes stacks already goes on."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Cancelling

    act(Cancelling(run, message), server, contracts, state, json=json)


def _scope(enver: str | None, team: str | None, stage: str | None, *, everything: bool) -> str:
    from odmd.graph.paused import EVERYTHING, PausedGroup

    if [enver is not None, team is not None, stage is not None, everything].count(True) != 1:
        raise typer.BadParameter("name one enver, or --team TEAM, or --stage STAGE, or --all")
    if enver is not None:
        return enver
    if stage is not None:
        return str(PausedGroup("stage", stage))
    return str(PausedGroup("team", team)) if team is not None else EVERYTHING


def lasting(said: str) -> float:
    """Seconds of a duration such as `2h`."""
    if not (seconds := seconds_of(said)):
        raise typer.BadParameter(f"{said} is no duration (2h, 30min, 3d)")
    return seconds


def moment(said: str) -> float:
    """Seconds since the epoch of a time, or of now and a duration such as `2h`."""
    if (seconds := seconds_of(said)) is not None:
        return time.time() + seconds
    try:
        at = datetime.fromisoformat(said).timestamp()
    except ValueError:
        raise typer.BadParameter(f"{said} is neither a duration (2h, 30min) nor a time (2030-01-31T18:00)") from None
    if at <= time.time():
        raise typer.BadParameter(f"{said} is over")
    return at
