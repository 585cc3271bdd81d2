"""`odmd why`: the chain of causes behind what an enver runs, or behind its waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.views import Cause


def why(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.", autocompletion=complete_enver)],
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say why an enver runs what it runs, or why it does not: back to who started it."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state) as there:
        causes = there.past.why(enver)
    if json:
        print_json(causes)
        return
    for cause in causes:
        _show(cause)


def _show(cause: Cause) -> None:
    from odmd.cli.output import console, next_step

    out, indent = console(), "  " * cause.depth
    out.print(f"{indent}{'└ ' if cause.depth else ''}{cause.text}", soft_wrap=True, markup=False)
    if cause.next_step:
        out.print(indent, next_step(cause.next_step), sep="", soft_wrap=True)
