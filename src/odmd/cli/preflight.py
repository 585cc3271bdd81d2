"""`odmd preflight`: whether all is there that next runs need, before one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.reading.preflight import PreflightView, ProofView

_MARKS: Final = {"missing": ("✗", "red"), "unknown": ("?", "yellow"), "proven": ("✓", "green")}
_COLUMNS: Final = ("", "need", "of", "where", "is", "what mends it")


def preflight(
    envers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENVER]...",
            help="Whose next runs; without any, those that `odmd apply` would begin.",
            autocompletion=complete_enver,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All envers of the contracts, whether they move or not.")
    ] = False,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh/--no-refresh", help="Read the heads of the repositories; or take those of the last plan."
        ),
    ] = True,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Prove that all is there which the next runs need, and say at once what is missing, with what mends it. Moves
    nothing.

    Ends with 1 when something is missing. What nobody could tell is said, and is no failure."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as
    from odmd.cli.whose import say_whose_contracts
    from odmd.control.leading.preflight import PreflightAsked

    if envers and every:
        raise typer.BadParameter("name envers, or say --all")
    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        say_whose_contracts(there)
        found = there.preflight(PreflightAsked(tuple(envers or ()), every), refresh=refresh)
    say(found, json=json)
    if found.missing():
        raise typer.Exit(1)


def say(found: PreflightView, *, json: bool) -> None:
    """What was found, the missing first."""
    from odmd.cli.output import console, print_json, show_rows

    if json:
        print_json(found)
        return
    if not found.envers:
        console().print("nothing would begin: nothing is needed")
        return
    by_verdict = {verdict: [one for one in found.proofs if one.verdict == verdict] for verdict in _MARKS}
    show_rows(_COLUMNS, [_row(one) for several in by_verdict.values() for one in several])
    said = [f"{len(several)} {verdict}" for verdict, several in by_verdict.items() if several]
    console().print(f"{', '.join(said)}; nothing was changed", soft_wrap=True)


def _row(one: ProofView) -> tuple[str | Text, ...]:
    from rich.text import Text as Marked

    from odmd.cli.output import product_label

    mark, style = _MARKS[one.verdict]
    where = product_label(one.where) if one.sort == "input" else one.where
    says = f"{one.code} {one.says}" if one.code else one.says
    return (Marked(mark, style), f"{one.sort}: {one.what}", _of(one.envers), where or "–", says, one.next_step or "–")


def _of(envers: tuple[str, ...]) -> str:
    from odmd.model import naming

    first, *others = [naming.enver_label(enver) for enver in envers]
    return f"{first} and {len(others)} more" if others else first
