"""`odmd pause`, `odmd resume` and `odmd cancel`: nothing new starts, or it does again; a run ends before it moves."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, StateFolder

if TYPE_CHECKING:
    from odmd.control.messages import Message
    from odmd.control.state import State

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}

Which = Annotated[
    str | None, typer.Argument(metavar="[ENVER]", help="One enver, e.g. orders@main.", autocompletion=complete_enver)
]
Team = Annotated[str | None, typer.Option("--team", metavar="TEAM", help="All envers of a team.")]
All = Annotated[bool, typer.Option("--all", help="Everything.")]


def pause(
    enver: Which = None,
    team: Team = None,
    everything: All = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="WHEN", help="`2h`, `30min`, or a time such as 2030-01-31T18:00.")
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why; everybody who waits is told.")] = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Start nothing new for an enver, a team or everything; what is under way goes on to its end."""
    from odmd.cli.act import act, who

    end = moment(until) if until else None

    def make(now: State) -> Message:
        from odmd.control.messages import PauseScope

        return PauseScope(_scope(now, enver, team, everything=everything), who(), message, end)

    act(contracts, state, make, json=json)


def resume(
    enver: Which = None,
    team: Team = None,
    everything: All = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """End a pause; what waited for it is deployed."""
    from odmd.cli.act import act, who

    def make(now: State) -> Message:
        from odmd.control.messages import ResumeScope

        return ResumeScope(_scope(now, enver, team, everything=everything), who())

    act(contracts, state, make, json=json)


def cancel(
    run: Annotated[int, typer.Argument(metavar="RUN", help="Its number, as `odmd runs` shows it.")],
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """End a run before it moves anything; one that changes stacks already goes on."""
    from odmd.cli.act import act, who

    def make(now: State) -> Message:
        from odmd.control.messages import CancelRun
        from odmd.errors import EnverUnknown

        if run not in now.runs:
            under_way = ", ".join(str(id) for id in now.runs) or "none"
            raise EnverUnknown(f"run {run} is not under way", next_step=f"under way: {under_way}")
        return CancelRun(run, who())

    act(contracts, state, make, json=json)


def _scope(now: State, enver: str | None, team: str | None, *, everything: bool) -> str:
    from odmd.cli.names import find_enver
    from odmd.control.ready import EVERYTHING

    if [enver is not None, team is not None, everything].count(True) != 1:
        raise typer.BadParameter("name one enver, or --team TEAM, or --all")
    if enver is not None:
        return find_enver(enver, now)
    return f"team:{team}" if team is not None else EVERYTHING


def moment(said: str) -> float:
    """Seconds since the epoch of a time, or of now and a duration such as `2h`."""
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|min|h|d)", said):
        return time.time() + float(found[1]) * _UNITS[found[2]]
    try:
        at = datetime.fromisoformat(said).timestamp()
    except ValueError:
        raise typer.BadParameter(f"{said} is neither a duration (2h, 30min) nor a time (2030-01-31T18:00)") from None
    if at <= time.time():
        raise typer.BadParameter(f"{said} is over")
    return at
