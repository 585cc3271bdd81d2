"""`odmd drift`: whether what runs is still what was deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.texts import first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.control.reading.drift import DriftView, EnverDrift

_COLUMNS: Final = ("enver", "unit", "what", "was deployed", "is")
_NAMED: Final = 5


def drift(
    envers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENVER]...", help="Which to look at; without any, all that run.", autocompletion=complete_enver
        ),
    ] = None,
    resources: Annotated[
        bool,
        typer.Option("--resources", help="Also compare every resource with its template; takes a while for a stack."),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 if something drifted, or nobody could tell.")
    ] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say whether what runs is still what was deployed: stacks that others changed, or took away. Moves nothing.

    A stack is compared by its template, parameters, tags and outputs; with --resources CloudFormation compares what is
    in it, too."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as
    from odmd.control.leading.drift import DriftAsked

    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        found = there.drift(DriftAsked(tuple(envers or ()), resources))
    say(found, json=json)
    if exit_code and (found.drifted() or any(one.unknown for one in found.envers)):
        raise typer.Exit(1)


def say(found: DriftView, *, json: bool) -> None:
    """What was found: first what differs, then what nobody could tell."""
    from odmd.cli.output import console, print_json, show_rows

    if json:
        print_json(found)
        return
    if rows := [row for one in found.drifted() for row in _rows(one)]:
        show_rows(_COLUMNS, rows)
    out = console()
    for one in found.envers:
        for line in _untold(one):
            out.print(line, soft_wrap=True, markup=False)
    out.print(_summed(found.envers), soft_wrap=True)


def _rows(one: EnverDrift) -> Sequence[tuple[str, ...]]:
    from odmd.model import naming

    label = naming.enver_label(one.enver)
    return [
        (
            label,
            seen.unit,
            f"{seen.sort} {seen.what}" if seen.sort != "gone" else seen.what,
            seen.expected or "–",
            seen.found or "–",
        )
        for seen in one.deviations
    ]


def _untold(one: EnverDrift) -> Sequence[str]:
    """What nobody could tell of an enver."""
    from odmd.model import naming

    label, lines = naming.enver_label(one.enver), list[str]()
    if one.unknown:
        lines.append(f"{label}: not compared: {one.unknown}")
    if one.unchecked:
        lines.append(f"{label}: CloudFormation cannot compare {first_of(one.unchecked, _NAMED)}")
    return lines


def _summed(envers: Sequence[EnverDrift]) -> str:
    if not envers:
        return "nothing runs"
    drifted, unknown = sum(bool(one.deviations) for one in envers), sum(bool(one.unknown) for one in envers)
    same = len(envers) - drifted - unknown
    return f"{drifted} drifted, {unknown} not compared, {same} as deployed; nothing was changed"
