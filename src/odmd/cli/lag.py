"""`odmd lag`: how far envers are behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.lag import LagView


def lag(
    enver: Annotated[
        str | None,
        typer.Argument(metavar="ENVER", help="E.g. orders@prod; else all.", autocompletion=complete_enver),
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="Only of this stage.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if an objective is broken.")] = False,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show how far envers are behind what they consume and are promoted from, and whose objective is broken."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state) as there:
        found = [one for one in there.past.all_lags(enver) if stage in (None, one.stage)]
    found.sort(key=lambda one: (not one.broken, one.enver, one.input))
    if json:
        print_json(found)
    else:
        _show(found)
    if exit_code and any(one.broken for one in found):
        raise typer.Exit(1)


def _show(found: Sequence[LagView]) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step, show_rows
    from odmd.model import naming
    from odmd.plan.words import duration

    if not found:
        console().print("nothing is behind")
        return
    now = time.time()
    rows = [
        (
            naming.enver_label(one.enver),
            one.input,
            naming.product_label(one.of) if one.of.count("/") > 1 else naming.enver_label(one.of),
            str(one.versions),
            duration(max(0.0, now - one.since)) if one.since is not None else "?",
            Text(", ".join(one.broken) or "–", "red" if one.broken else "dim"),
        )
        for one in found
    ]
    show_rows(("enver", "input", "behind", "versions", "for", "objective broken"), rows)
    for one in [one for one in found if one.broken]:
        console().print(next_step(f"`{one.mend}` mends {naming.enver_label(one.enver)}"), soft_wrap=True)
