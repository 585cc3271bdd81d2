"""`odmd runs`: what was deployed, when, how and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Limit, Server, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.reading.views import RunView, StepView

_COLUMNS: Final = ("run", "enver", "how", "status", "commit", "took", "began", "why")
_COLOURS: Final = {"succeeded": "green", "failed": "red", "interrupted": "red"}


def runs(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="ENVER|RUN",
            help="Only this enver's, e.g. orders@main; or one run by its number, with its steps.",
            autocompletion=complete_enver,
        ),
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show runs, newest first: what each deployed, how long it took, and why it was; or the steps of one."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        if which is not None and which.isdecimal():
            _show_run(there.past.run(int(which)), json=json)
            return
        found = there.past.runs(which, limit)
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(run) for run in found])
    else:
        console().print(f"{which} was not run yet" if which else "nothing is deployed yet", markup=False)
        console().print(next_step(f"`odmd why {which}` says why" if which else "`odmd plan` shows what would be"))


def _show_run(run: RunView, *, json: bool) -> None:
    from odmd.cli.output import console, print_json, show_rows

    if json:
        print_json(run)
        return
    show_rows(_COLUMNS, [_row(run)])
    if run.job:
        console().print(f"its job: {run.job}", markup=False, soft_wrap=True)
    console().print()
    for step in run.steps:
        console().print(_line(step), soft_wrap=True)


def _line(step: StepView) -> Text:
    from rich.text import Text

    line = Text("  ✓ " if step.done else "  · ", "green" if step.done else "dim").append(step.step, "default")
    return line if step.seconds is None else line.append(f"  {step.seconds:.1f} s", "dim")


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
