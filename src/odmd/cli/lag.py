"""`odmd lag`: how far envers are behind."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.lag import LagView
    from odmd.plan import Plan


def lag(
    enver: Annotated[
        str | None,
        typer.Argument(metavar="ENVER", help="E.g. orders@prod; else all.", autocompletion=complete_enver),
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="Only of this stage.")] = None,
    propose: Annotated[
        bool, typer.Option("--propose", help="Plan what mends broken objectives, and say who is asked. Moves nothing.")
    ] = False,
    contracts: Contracts = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if an objective is broken.")] = False,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show how far envers are behind what they consume and are promoted from, and whose objective is broken."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = [one for one in there.past.all_lags(enver) if stage in (None, one.stage)]
        proposed = _plan_of(there, found) if propose else None
    found.sort(key=lambda one: (not one.broken, one.enver, one.input))
    if json:
        print_json(_as_data(found, proposed) if propose else found)
    elif propose:
        _show_proposed(found, proposed)
    else:
        _show(found)
    unread = proposed is not None and bool(proposed.unreadable)
    if unread or (exit_code and any(one.broken for one in found)):
        raise typer.Exit(1)


def _plan_of(there: Plane, found: Sequence[LagView]) -> Plan | None:
    """What mends broken objectives by deployments alone; None where none would."""
    from odmd.plan.build import Limited

    targets = tuple(dict.fromkeys(one.enver for one in found if one.broken and one.deploys))
    return there.plan(Limited(targets), refresh=True, look=False) if targets else None


def _as_data(found: Sequence[LagView], plan: Plan | None) -> Mapping[str, object]:
    from odmd.plan.data import as_data

    asked = [one.mend for one in found if one.broken and not one.deploys]
    told = {"digest": plan.digest(), "plan": as_data(plan)} if plan is not None else {}
    return {"lags": found, "commands": list(dict.fromkeys(asked)), **told}


def _show_proposed(found: Sequence[LagView], plan: Plan | None) -> None:
    from odmd.cli.output import console, next_step
    from odmd.cli.plan_text import show_plan
    from odmd.plan.words import short

    broken = [one for one in found if one.broken]
    if not broken:
        console().print("no objective is broken")
        return
    _show(broken, mends=False)
    if plan is not None:
        console().print()
        show_plan(plan)
        if not plan.is_empty():
            console().print(next_step(f"`odmd apply {short(plan.digest())}` does exactly this"), soft_wrap=True)
    for mend in dict.fromkeys(one.mend for one in broken if not one.deploys):
        console().print(next_step(f"`{mend}`: no plan decides this"), soft_wrap=True)


def _show(found: Sequence[LagView], *, mends: bool = True) -> None:
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
    for one in [one for one in found if one.broken and mends]:
        console().print(next_step(f"`{one.mend}` mends {naming.enver_label(one.enver)}"), soft_wrap=True)
