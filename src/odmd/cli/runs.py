"""`odmd runs`: what was deployed, when, how and why."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Json, Limit, StateFolder


def runs(
    enver: Annotated[str | None, typer.Argument(metavar="ENVER", help="Only this enver's, e.g. orders@main.")] = None,
    state: StateFolder = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show runs, newest first: what each deployed, how long it took, and why it was."""
    from rich.text import Text

    from odmd.cli.history import history
    from odmd.cli.output import ago, cells, console, print_json, short, table, took
    from odmd.model import naming

    with history(state) as store:
        found = store.runs(naming.enver_address(enver) if enver else None, limit)
    if json:
        print_json(list(found))
        return
    shown = table("run", "enver", "how", "status", "commit", "took", "began", "why")
    for run in found:
        colour = {"succeeded": "green", "failed": "red"}.get(run.status.value, "yellow")
        row = cells(
            str(run.id),
            naming.enver_label(run.enver),
            run.mode.value,
            Text(run.status.value, colour),
            short(run.fingerprint.commit),
            took(run.started_at, run.finished_at),
            ago(run.started_at),
            "; ".join(run.reasons),
        )
        shown.add_row(*row)
    console().print(shown)
