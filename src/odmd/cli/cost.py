"""`odmd cost`: what runs, and what it costs a day by being there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.leading.costs import CostView, EnverCost

_NAMED: Final = 3
_COLUMNS: Final = ("enver", "a day", "of which", "by use", "no price known")


def cost(
    enver: Annotated[
        str | None, typer.Argument(metavar="ENVER", help="E.g. orders@prod; else all.", autocompletion=complete_enver)
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="Only of this stage.")] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what envers cost a day by being there, roughly: by list prices, without what is charged by use.

    It is read from what was deployed; nobody is asked."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state) as there:
        found = _of_stage(there.costs(enver), stage)
    if json:
        print_json(found)
    else:
        _show(found)


def _of_stage(found: CostView, stage: str | None) -> CostView:
    from odmd.control.leading.costs import CostView

    if stage is None:
        return found
    return CostView.of([one for one in found.envers if one.stage == stage], found.currency)


def _show(found: CostView) -> None:
    from odmd.cli.output import console, show_rows

    if not found.envers:
        console().print("nothing runs that has a price")
        return
    show_rows(_COLUMNS, [_row(one) for one in sorted(found.envers, key=lambda one: (-Decimal(one.a_day), one.enver))])
    console().print(f"roughly {found.a_day} {found.currency} a day, and what is charged by use", highlight=False)


def _row(one: EnverCost) -> tuple[str, ...]:
    from odmd.model import naming
    from odmd.texts import first_of

    dearest = first_of([f"{part.name} {part.a_day}" for part in one.parts], _NAMED) if one.parts else "–"
    return naming.enver_label(one.enver), one.a_day, dearest, _types(one.by_use), str(len(one.unknown) or "–")


def _types(types: tuple[str, ...]) -> str:
    from odmd.texts import first_of

    return first_of([one.rpartition("::")[2] for one in types], _NAMED) if types else "–"
