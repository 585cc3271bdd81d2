"""`odmd where`: is what I merged in production?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_product
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.leading.where import Whereabouts, WhereView

_STYLE: Final = {"runs it": "green", "ahead": "green", "behind": "yellow", "unknown": "red"}


def where(
    what: Annotated[
        str,
        typer.Argument(
            metavar="COMMIT|BRANCH|TAG|VALUE",
            help="E.g. 1f0c2ab, main, v1.2.0, or orders@main/bus#3.",
            autocompletion=complete_product,
        ),
    ],
    stage: Annotated[
        str | None,
        typer.Option("--in", metavar="STAGE", help="Only there; exit with 1 unless every enver there has it."),
    ] = None,
    repo: Annotated[
        str | None, typer.Option("--repo", metavar="NAME", help="Of a commit, branch or tag: in this repository.")
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say where a commit or a value is now: which envers run it, are ahead of it, or behind, and by how much."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json
    from odmd.control.leading.where import WhereAsked, Whether, refuse_stage

    with errors_as(json=json):
        with plane(server, state) as there:
            found = there.where(WhereAsked(what, repo or ""))
        if stage is not None:
            refuse_stage(found, stage)
    envers = found.of(stage) if stage is not None else found.envers
    if json:
        about = {"what": found.what, "repo": found.repo, "made_of": found.made_of, "author": found.author}
        print_json({**about, "envers": envers, "notes": found.notes})
    else:
        _show(found, envers)
    if stage is not None and not all(one.whether in (Whether.RUNS, Whether.AHEAD) for one in envers):
        raise typer.Exit(1)


def _show(found: Whereabouts, envers: Sequence[WhereView]) -> None:
    from rich.text import Text

    from odmd.cli.output import console, show_rows
    from odmd.plan.reasons import quoted
    from odmd.plan.words import written_by
    from odmd.texts import harmless

    out = console()
    what = f"{quoted(found.what, found.subject)} of {found.repo}" if found.repo else found.what
    out.print(Text(harmless(what), "bold"), soft_wrap=True)
    made = f"made of commit {quoted(found.made_of, found.subject)}" if found.made_of else ""
    if line := " ".join(filter(None, (made, written_by(found.author)))):
        out.print(harmless(line), markup=False, highlight=False, soft_wrap=True)
    if envers:
        show_rows(("enver", "stage", "", "runs", "since", "by"), [_row(one) for one in envers])
    else:
        out.print("nobody consumes it" if not found.repo else "nothing of its repository is deployed")
    for note in found.notes:
        out.print(Text(f"! {harmless(note)}", "yellow"), soft_wrap=True)


def _row(one: WhereView) -> tuple[str | Text, ...]:
    from rich.text import Text

    from odmd.model import naming
    from odmd.plan.words import clock, short

    count = f" {one.count}" if one.count else ""
    beside = f", and {one.beside} on another line" if one.beside else ""
    runs = one.runs if one.runs.startswith("#") or " " in one.runs else short(one.runs)
    since = f"{clock(one.at)} (run {one.run})" if one.at else "–"
    state = Text(f"{one.whether}{count}{beside}", _STYLE[one.whether])
    return naming.enver_label(one.enver), one.stage, state, runs, since, one.by or "–"
