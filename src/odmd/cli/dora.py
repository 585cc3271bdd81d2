"""`odmd dora`: how often, how fast and how well teams deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Contracts, Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.dora import Dora

_COLUMNS: Final = ("team", "build", "deployments", "a day", "lead time", "90 % within", "failed", "recovery")
_LONGEST: Final = 366.0


def dora(
    since: Annotated[
        float, typer.Option("--days", min=0.01, max=_LONGEST, help="How many days back; history is kept for `keep`.")
    ] = 30.0,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    build: Annotated[str | None, typer.Option(help="Only this build.")] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show how often teams deploy, how long a change takes, how often that fails, and how fast it is mended."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = [
            one
            for one in there.past.dora(since)
            if team in (None, one.team) and (build == one.build if build else True)
        ]
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print("nothing was deployed in that time")


def _row(one: Dora) -> tuple[str, ...]:
    return (
        one.team or "–",
        one.build or "all",
        str(one.deployments),
        f"{one.per_day:.2g}",
        _time(one.lead_time),
        _time(one.lead_time_p90),
        "–" if one.failure_rate is None else f"{one.failure_rate:.0%}",
        _time(one.recovery),
    )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
