"""`odmd diff`: two envers, or one at two times; with `--contracts`, two versions of the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from odmd.cli.diff_contracts import DiffFormat, FailOn, diff_contracts
from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Json, Server, StateFolder


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="An enver, such as orders@dev; with --contracts, a module, a file, a branch, tag or commit.",
            autocompletion=complete_enver,
        ),
    ],
    after: Annotated[
        str | None,
        typer.Argument(
            metavar="B",
            help="Another one. Without it: the same enver now, with --at; the contracts of the working tree.",
            autocompletion=complete_enver,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help="Envers as they were then: `1w`, `2d`, `3h` ago, a time (2030-01-31T18:00), or the number of a run.",
        ),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Of envers: exit with 1 if anything differs.")] = False,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Of envers: in two columns.")] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Of envers: write it as a page, too."),
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    contracts: Annotated[
        bool,
        typer.Option("--contracts", help="Compare contracts, not envers."),
    ] = False,
    format: Annotated[
        DiffFormat, typer.Option(help="Of contracts; `markdown` is for a pull request.")
    ] = DiffFormat.TEXT,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="Of contracts: exit with 1 if a change is this bad, or worse."),
    ] = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say what differs between two envers, or one now and earlier, and why; or between two versions of contracts."""
    if contracts:
        if given := [name for name, one in (("--at", at), ("--html", html), ("--exit-code", exit_code)) if one]:
            raise typer.BadParameter(f"{given[0]} is for envers: with --contracts, say --fail-on or --format")
        diff_contracts(before, after, DiffFormat.JSON if json else format, fail_on, isolation)
        return
    if fail_on or format is not DiffFormat.TEXT:
        raise typer.BadParameter("--fail-on and --format are for contracts: say odmd diff --contracts A B")

    from odmd.cli.diff_envers import diff_envers, moment_or_run

    moment, run = moment_or_run(at) if at is not None else (None, None)
    if diff_envers(before, after or "", moment, run, state, server, html, side_by_side=side_by_side, json=json):
        raise typer.Exit(1 if exit_code else 0)
