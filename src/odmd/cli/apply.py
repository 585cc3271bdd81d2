"""`odmd apply`: carries out a plan, live."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.applying import ApplyOptions, conclude, look_and_confirm
from odmd.cli.options import Caged, Contracts, Json, Message, Server, StateFolder
from odmd.cli.plan import Look, LookUp, OnlyValues, Refresh, Targets

if TYPE_CHECKING:
    from odmd.cli.live import Live
    from odmd.control.leading.plane import Change, Plane
    from odmd.plan import Plan


def _a_digest(given: str | None) -> str | None:
    """A digest as `odmd plan` quotes it, whole or its first seven characters or more."""
    if given is not None and not re.fullmatch(r"(sha256:)?[0-9a-f]{7,64}", given):
        raise typer.BadParameter("a plan's digest has at least 7 of 0-9 and a-f, as `odmd plan` shows it")
    return given


def apply(
    digest: Annotated[
        str | None,
        typer.Argument(
            metavar="PLAN", callback=_a_digest, help="Digest of a plan; refused if what it rests on has moved."
        ),
    ] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    target: Targets = None,
    only_values: OnlyValues = False,
    look_up_again: LookUp = False,
    refresh: Refresh = True,
    look: Look = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_dirty: Annotated[
        bool,
        typer.Option("--allow-dirty", help="Deploy contracts with uncommitted changes, too; noted with the change."),
    ] = False,
    accept_misfits: Annotated[
        str,
        typer.Option(
            "--accept-misfits", metavar="WHY", help="Break who runs beside it, as the plan says; kept with the change."
        ),
    ] = "",
    server: Server = None,
    message: Message = "",
    json: Json = False,
) -> None:
    """Carry out the plan: first goes on with what an earlier process left, then plans, shows, asks and deploys."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.plan import limits, refuse_look

    if digest and (target or only_values or look_up_again):
        raise typer.BadParameter("a plan that was looked at has its own limits: give either PLAN or these options")
    limited = limits(target, only_values, look_up_again)
    wanted = ApplyOptions(
        digest, limited, refresh, look, yes, allow_dirty, message or "odmd apply", json, accept_misfits
    )
    with plane(server, state, contracts, isolation) as there:
        refuse_look(there, look)
        carry_out(there, wanted)


def carry_out(there: Plane, wanted: ApplyOptions) -> None:
    """Plans, shows, asks and deploys; says what is left.

    Raises:
        Interrupted, NotConfirmed, NotCommitted, SchemasBroken, PlanOutdated
    """
    with _leaving_at_once(there):
        _carry_out(there, wanted)


def _carry_out(there: Plane, wanted: ApplyOptions) -> None:
    from odmd.cli.live import Live
    from odmd.cli.whose import say_whose_contracts

    live = Live(quiet=wanted.json)
    if wanted.digest is None:
        say_whose_contracts(there)
    with there.change(live) as change:
        finish_interrupted(change, live)
        plan = _planned(change, wanted)
        if plan is not None:
            look_and_confirm(plan, wanted, there)
        if change.begin(wanted.cause, allow_dirty=wanted.allow_dirty, accepted=wanted.accept_misfits):
            with live.shown(plan):
                change.follow()
        conclude(change.left().beside(None if wanted.digest else plan), live, json=wanted.json)


def _planned(change: Change, wanted: ApplyOptions) -> Plan | None:
    if wanted.digest is not None:
        return change.approved(wanted.digest, look=wanted.look)
    return change.plan(wanted.limited, refresh=wanted.refresh, look=wanted.look)


@contextmanager
def _leaving_at_once(there: Plane) -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        raise there.stopped() from stop


def finish_interrupted(change: Change, live: Live) -> None:
    """What an earlier process began, shown as it goes on."""
    from odmd.cli.output import console, plural

    if not (runs := change.interrupted()):
        return
    if not live.quiet:
        console().print(f"[yellow]↻[/] going on with {plural(len(runs), 'interrupted run')}")
    for run in runs:
        live.resumed(run.id, run.enver)
    with live.shown(None):
        change.finish_interrupted()
