"""`odmd history` and `odmd reached`: what became of an enver, and what a commit has touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Limit, PictureOf, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.history import Happening, HistoryView


def history(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.", autocompletion=complete_enver)],
    before: Annotated[
        float | None, typer.Option("--before", metavar="SECONDS", help="Only what was before; since the epoch.")
    ] = None,
    limit: Limit = 50,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what became of an enver, newest first: who changed what, when, why and from where; and who made it."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state) as there:
        found = there.trail.history(enver, limit, before)
    if json:
        print_json(found)
    else:
        _show(found)


def reached(
    commit: Annotated[str, typer.Argument(metavar="COMMIT", help="Its id, or the beginning of it.")],
    format: PictureOf = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show all that a commit has touched: what was made from it, what that published, who ran with it, and so on."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as
    from odmd.cli.provenance import show_provenance

    with errors_as(json=json), plane(server, state) as there:
        found = there.trail.reached(commit)
    show_provenance(found, f"what commit {commit} has touched", format, backwards=False, json=json)


def _show(found: HistoryView) -> None:
    from odmd.cli.output import console, next_step
    from odmd.plan.words import clock

    out = console()
    for one in found.happenings:
        who = f" by {one.by}" if one.by else ""
        where = f" from {one.origin}" if one.origin else ""
        out.print(f"{clock(one.at)}  {one.what}{who}{where}", markup=False, highlight=False, soft_wrap=True)
        for line in _lines(one):
            out.print(f"    {line}", markup=False, highlight=False, soft_wrap=True)
    for first in found.first_said:
        version = f" {first.version}" if first.version else ""
        by = f", carried out by {first.by}: {first.cause}" if first.by else ""
        said = f"{first.what}: first said {clock(first.at)} by contracts{version} {first.edition[:14]}{by}"
        out.print(said, markup=False, highlight=False, soft_wrap=True)
    if found.happenings:
        out.print(next_step(f"for what was before: --before {found.happenings[-1].at}"), soft_wrap=True)


def _lines(one: Happening) -> list[str]:
    from odmd.plan.words import written_by

    moved = f"{one.before} → {one.after}" if one.before and one.before != one.after else one.after
    moved = " ".join(filter(None, (moved, written_by(one.author))))
    changes = [
        f"for change {each.change} by {each.by}: {each.cause}{f': {each.why}' if each.why else ''}"
        for each in one.wanted_by
    ]
    return [line for line in (one.text, one.why, moved, *one.settings, *changes) if line]
