"""`odmd runs`: what was deployed, when, how and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Limit, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.cli.history import Reading
    from odmd.control.state import Run

_COLUMNS: Final = ("run", "enver", "how", "status", "commit", "took", "began", "why")
_COLOURS: Final = {"succeeded": "green", "failed": "red", "interrupted": "red"}


def runs(
    enver: Annotated[
        str | None,
        typer.Argument(metavar="ENVER", help="Only this enver's, e.g. orders@main.", autocompletion=complete_enver),
    ] = None,
    state: StateFolder = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show runs, newest first: what each deployed, how long it took, and why it was."""
    from odmd.cli.history import history
    from odmd.cli.names import find_enver
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows

    with errors_as(json=json), history(state) as past:
        now = past.read()
        found = past.store.runs(find_enver(enver, now.state) if enver else None, limit)
    if json:
        print_json([_as_json(run, now) for run in found])
    elif found:
        show_rows(_COLUMNS, [_row(run, now) for run in found])
    else:
        console().print(f"{enver} was not run yet" if enver else "nothing is deployed yet", markup=False)
        console().print(next_step(f"`odmd why {enver}` says why" if enver else "`odmd plan` shows what would be"))


def _row(run: Run, now: Reading) -> tuple[str | Text, ...]:
    from rich.text import Text

    from odmd.cli.output import ago, short, took
    from odmd.model import naming

    status = now.status_of(run)
    return (
        str(run.id),
        naming.enver_label(run.enver),
        run.mode.value,
        Text(status, _COLOURS.get(status, "yellow")),
        short(run.fingerprint.commit),
        "–" if status == "interrupted" else took(run.started_at, run.finished_at),
        ago(run.started_at),
        "; ".join(run.reasons),
    )


def _as_json(run: Run, now: Reading) -> dict[str, object]:
    from dataclasses import fields

    return {**{field.name: getattr(run, field.name) for field in fields(run)}, "status": now.status_of(run)}
