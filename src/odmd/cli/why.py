"""`odmd why`: the chain of causes behind what an enver runs, or behind its waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, PictureOf, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.views import Cause


def why(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ENVER|VALUE", help="E.g. orders@main, or orders@main/bus.", autocompletion=complete_enver
        ),
    ],
    version: Annotated[
        int | None, typer.Option("--version", min=1, metavar="N", help="Of a value; else the newest.")
    ] = None,
    format: PictureOf = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say why an enver runs what it runs, or why it does not; or where a value comes from: back to who started it."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    if _is_value(what):
        from odmd.cli.provenance import show_provenance

        with errors_as(json=json), plane(server, state) as there:
            found = there.trail.ancestors(what, version)
        show_provenance(found, f"where {what} comes from", format, backwards=True, json=json)
        return
    if version is not None or format is not None:
        raise typer.BadParameter("--version and --format are for values: name one, as in orders@main/bus")
    with errors_as(json=json), plane(server, state) as there:
        causes = there.past.why(what)
    if json:
        print_json(causes)
        return
    for cause in causes:
        _show(cause)


def _is_value(what: str) -> bool:
    """Whether it names a product of an enver: `orders@main/bus`, `orders/b..main/bus`."""
    return "/" in what.partition("@")[2] or what.count("/") > 1


def _show(cause: Cause) -> None:
    from odmd.cli.output import console, next_step

    out, indent = console(), "  " * cause.depth
    out.print(f"{indent}{'└ ' if cause.depth else ''}{cause.text}", soft_wrap=True, markup=False)
    if cause.next_step:
        out.print(indent, next_step(cause.next_step), sep="", soft_wrap=True)
