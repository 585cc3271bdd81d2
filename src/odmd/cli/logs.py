"""`odmd logs`: what a run says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder
from odmd.errors import EnverUnknown
from odmd.texts import harmless

if TYPE_CHECKING:
    from odmd.control.ports.run_log import Line
    from odmd.control.reading.past import Past
    from odmd.control.reading.views import RunView

_POLL_SECONDS: Final = 0.3


def logs(
    which: Annotated[
        str,
        typer.Argument(
            metavar="RUN|ENVER", help="A run's number, or an enver for its last run.", autocompletion=complete_enver
        ),
    ],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run ends.")] = False,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what a run said: its steps, what its app printed, what was changed."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as

    with errors_as(json=json), plane(server, state) as there:
        past = there.past
        run, after = _run(past, which), 0
        while True:
            over = run.finished_at is not None
            for line in past.lines(run.id, after):
                after = line.number
                _show(line, json=json)
            if over or not follow:
                return
            time.sleep(_POLL_SECONDS)
            run = past.run(run.id)


def _run(past: Past, which: str) -> RunView:
    if which.isdecimal():
        return past.run(int(which))
    if not (found := past.runs(which, 1)):
        raise EnverUnknown(f"{which} was not run yet", next_step="`odmd runs` lists runs")
    return found[0]


def _show(line: Line, *, json: bool) -> None:
    from odmd.cli.output import json_line, write

    if json:
        write(json_line({"run": line.run, "at": line.at, "line": line.text, "lasting": line.lasting}) + "\n")
        return
    clock = time.strftime("%H:%M:%S", time.localtime(line.at))
    said = harmless(" ".join(line.text.splitlines()))
    typer.echo(f"{typer.style(clock, dim=True)} {said}")
