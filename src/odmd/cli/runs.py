"""`odmd runs`: what was deployed, when, how and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Limit, Server, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.reading.views import RunView

_COLUMNS: Final = ("run", "enver", "how", "status", "commit", "took", "began", "why")
_COLOURS: Final = {"succeeded": "green", "failed": "red", "interrupted": "red"}


def runs(
    enver: Annotated[
        str | None,
        typer.Argument(metavar="ENVER", help="Only this enver's, e.g. orders@main.", autocompletion=complete_enver),
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show runs, newest first: what each deployed, how long it took, and why it was."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = there.past.runs(enver, limit)
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(run) for run in found])
    else:
        console().print(f"{enver} was not run yet" if enver else "nothing is deployed yet", markup=False)
        console().print(next_step(f"`odmd why {enver}` says why" if enver else "`odmd plan` shows what would be"))


def _row(run: RunView) -> tuple[str | Text, ...]:
    from rich.text import Text

    from odmd.cli.output import ago, quoted, took
    from odmd.model import naming

    return (
        str(run.id),
        naming.enver_label(run.enver),
        run.mode,
        Text(run.status, _COLOURS.get(run.status, "yellow")),
        quoted(run.fingerprint.commit, run.fingerprint.subject),
        "–" if run.status == "interrupted" else took(run.started_at, run.finished_at),
        ago(run.started_at),
        "; ".join(run.reasons),
    )
