"""`odmd audit`: who did what, when, why and from where; and whether the log is what it was when it was written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Limit, Server, StateFolder
from odmd.errors import LogBroken

if TYPE_CHECKING:
    from odmd.control.reading.proven import LogProof
    from odmd.control.reading.trail import Sought, TrailEntry

audit = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Say who did what, when, why and from where; prove that the log of it is what it was.",
)
_COLUMNS: Final = ("position", "at", "action", "by", "from", "why")
_NEWEST: Final = 2**53 - 1

Actor = Annotated[str, typer.Option("--actor", metavar="NAME", help="Only what he did.")]
Action = Annotated[str, typer.Option("--action", metavar="EVENT", help="Only these: approved, change-accepted, …")]
AboutEnver = Annotated[
    str, typer.Option("--enver", metavar="ENVER", help="Only what names it.", autocompletion=complete_enver)
]
Holding = Annotated[str, typer.Option("--text", help="Only what holds this text.")]
Since = Annotated[float | None, typer.Option("--since", metavar="SECONDS", help="Not before; since the epoch.")]
Until = Annotated[float | None, typer.Option("--until", metavar="SECONDS", help="Before; since the epoch.")]


@audit.command("search")
def search(
    actor: Actor = "",
    action: Action = "",
    enver: AboutEnver = "",
    text: Holding = "",
    since: Since = None,
    until: Until = None,
    before: Annotated[
        int, typer.Option("--before", metavar="POSITION", min=1, help="Only what stands before it in the log.")
    ] = _NEWEST,
    limit: Limit = 50,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what was done, newest first: who, when, why and from where."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = list(there.trail.entries(_sought(actor, action, enver, text, since, until), 0, limit, before))
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print("the log has nothing of that")


@audit.command("export")
def export(
    after: Annotated[
        int, typer.Option("--after", metavar="POSITION", min=0, help="Go on after this entry: the last that you have.")
    ] = 0,
    actor: Actor = "",
    action: Action = "",
    enver: AboutEnver = "",
    text: Holding = "",
    since: Since = None,
    until: Until = None,
    state: StateFolder = None,
    server: Server = None,
) -> None:
    """Print the log, oldest first, an entry a line as JSON, with all that its link is made of."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import json_line
    from odmd.control.reading.looking_back import everything

    with plane(server, state) as there:
        there.trail.chain()  # refused to who does not see all: what has entries left out is no export
        for one in everything(there.trail, _sought(actor, action, enver, text, since, until), after):
            sys.stdout.write(f"{json_line(one)}\n")


@audit.command("verify")
def verify(state: StateFolder = None, server: Server = None, json: Json = False) -> None:
    """Prove each entry of the log against the one before, and against all anchors; say where it breaks first."""
    from odmd.bootstrap.auditing import anchors
    from odmd.bootstrap.plane import plane
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json
    from odmd.control.reading.looking_back import proof_of

    with errors_as(json=json):
        outside = anchors(read_settings(state=state))
        kept = outside.all() if outside else ()  # before the log is read: what is anchored since is no part of it
        with plane(server, state) as there:
            found = proof_of(there.trail, kept)
    if json:
        print_json(found)
        raise typer.Exit(LogBroken.exit_code if found.broken else 0)
    if found.broken is not None:
        raise LogBroken(
            f"the log is broken at position {found.broken.position}: {found.broken.why}",
            next_step="keep the state as it is, and compare it with a backup, or an export, from before",
        )
    _show(found, is_anchored=outside is not None)


@audit.command("anchor")
def anchor(state: StateFolder = None, json: Json = False) -> None:
    """Write down the end of the log where the settings say, signed; a server does so by itself, now and then."""
    from odmd.bootstrap.auditing import anchor as write_down
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json):
        made = write_down(read_settings(state=state))
    if json:
        print_json(made)
    elif made:
        console().print(f"[green]✓[/] anchored at position {made.position}")
    else:
        console().print("there is nothing to anchor yet")


@audit.command("key")
def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.", dir_okay=False)],
    json: Json = False,
) -> None:
    """Make a key that signs anchors; its public half is printed, for who proves elsewhere."""
    from odmd.bootstrap.auditing import make_key
    from odmd.cli.output import errors_as, print_json, write

    with errors_as(json=json):
        public = make_key(file)
    if json:
        print_json({"file": str(file), "public": public})
    else:
        write(public)


def _sought(actor: str, action: str, enver: str, text: str, since: float | None, until: float | None) -> Sought:
    from odmd.control.reading.trail import Sought

    return Sought(actor, action, enver, text, since, until)


def _row(one: TrailEntry) -> tuple[str, ...]:
    from odmd.plan.words import clock

    return (str(one.position), clock(one.at), one.action, one.actor or "–", one.origin or "–", one.why or "–")


def _show(found: LogProof, *, is_anchored: bool) -> None:
    from odmd.cli.output import console, next_step, plural

    out = console()
    out.print(
        f"[green]✓[/] {plural(found.entries, 'event')} of the log, to position {found.ends}, as they were written"
    )
    if found.begins:
        out.print(
            f"  the chain begins after position {found.begins}: what was before is forgotten, or older than chains"
        )
    if is_anchored:
        others = [f"{found.older} of what is forgotten"] * bool(found.older)
        others += [f"{found.lost} of what was lost when the state was recovered"] * bool(found.lost)
        out.print(f"  {plural(found.anchored, 'anchor')} say the same{'; ' if others else ''}{'; '.join(others)}")
    else:
        out.print("  nothing was anchored: who owns the database could have rewritten it from some entry on")
        out.print(next_step("write [tool.odmd.audit] anchors and key in pyproject.toml"))
