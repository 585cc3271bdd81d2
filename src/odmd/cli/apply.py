"""`odmd apply`: carries out a plan, live."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.cli.plan import Look, LookUp, OnlyValues, Refresh, Targets

if TYPE_CHECKING:
    from odmd.cli.live import Live
    from odmd.control.leading.plane import Change, Plane
    from odmd.control.reading.left import Left
    from odmd.plan import Plan
    from odmd.plan.build import Limited


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
    server: Server = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why; kept with the change.")] = "",
    json: Json = False,
) -> None:
    """Carry out the plan: first goes on with what an earlier process left, then plans, shows, asks and deploys."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.plan import limits, refuse_look

    if digest and (target or only_values or look_up_again):
        raise typer.BadParameter("a plan that was looked at has its own limits: give either PLAN or these options")
    limited = limits(target, only_values, look_up_again)
    wanted = Wanted(digest, limited, refresh, look, yes, allow_dirty, message or "odmd apply", json)
    with plane(server, state, contracts, isolation) as there:
        refuse_look(there, look)
        with _leaving_at_once(there):
            _carry_out(there, wanted)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say."""

    digest: str | None
    limited: Limited
    refresh: bool
    look: bool
    yes: bool
    allow_dirty: bool
    cause: str
    json: bool


def _carry_out(there: Plane, wanted: Wanted) -> None:
    from odmd.cli.live import Live
    from odmd.cli.whose import say_whose_contracts

    live = Live(quiet=wanted.json)
    if wanted.digest is None:
        say_whose_contracts(there)
    with there.change(live) as change:
        _finish_interrupted(change, live)
        plan = _planned(change, wanted)
        if plan is not None:
            _look_and_confirm(plan, wanted)
        if change.begin(wanted.cause, allow_dirty=wanted.allow_dirty):
            with live.shown(plan):
                change.follow()
        _conclude(change.left().beside(None if wanted.digest else plan), live, json=wanted.json)


def _planned(change: Change, wanted: Wanted) -> Plan | None:
    if wanted.digest is not None:
        return change.approved(wanted.digest, look=wanted.look)
    return change.plan(wanted.limited, refresh=wanted.refresh, look=wanted.look)


def _look_and_confirm(plan: Plan, wanted: Wanted) -> None:
    """Shows a plan that nobody saw yet, and asks.

    Raises:
        NotConfirmed, NotCommitted
    """
    if not wanted.json and wanted.digest is None:
        from odmd.cli.plan_text import show_plan

        show_plan(plan)
    if plan.begins():
        _confirm(plan, wanted)


@contextmanager
def _leaving_at_once(there: Plane) -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        raise there.stopped() from stop


def _finish_interrupted(change: Change, live: Live) -> None:
    from odmd.cli.output import console, plural

    if not (runs := change.interrupted()):
        return
    if not live.quiet:
        console().print(f"[yellow]↻[/] going on with {plural(len(runs), 'interrupted run')}")
    for run in runs:
        live.resumed(run.id, run.enver)
    with live.shown(None):
        change.finish_interrupted()


def _confirm(plan: Plan, wanted: Wanted) -> None:
    """A yes to a plan is none to contracts that nobody else can look up: that takes a word of its own, or an answer."""
    from odmd.control.scheduler.start import refuse_uncommitted
    from odmd.errors import NotConfirmed

    yes, dirty = wanted.yes or wanted.digest is not None, bool(plan.uncommitted) and not wanted.allow_dirty
    if yes and not dirty:
        return
    if wanted.json or not sys.stdin.isatty():
        if yes:
            refuse_uncommitted(plan, allowed=False)
        raise NotConfirmed("nobody is there to say yes", next_step="give --yes")
    also = f", with uncommitted changes in {', '.join(plan.uncommitted)}" if dirty else ""
    if not typer.confirm(f"\nCarry out this plan{also}?"):
        raise NotConfirmed("the plan was declined, nothing was changed", next_step="`odmd apply` plans and asks again")


def _conclude(left: Left, live: Live, *, json: bool) -> None:
    """Says what is left, and ends with 1 if something failed, or could not be read."""
    from odmd.cli.output import print_json

    if json:
        print_json({"runs": live.ended, "settled": live.settled, "left": left})
    else:
        _say_what_is_left(left)
    if left.failed or left.unreadable:
        raise typer.Exit(1)


def _say_what_is_left(left: Left) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step, plural
    from odmd.model.naming import enver_label
    from odmd.plan.words import unreadable

    out = console()
    for address, why in left.failed.items():
        out.print(Text("✗ ", "red").append(f"{enver_label(address)}: {why}", "default"), soft_wrap=True)
    for address, reasons in left.held.items():
        out.print(
            Text("… ", "yellow").append(f"{enver_label(address)}: {'; '.join(reasons)}", "default"), soft_wrap=True
        )
    for unread in left.unreadable:
        out.print(Text("✗ ", "red").append(unreadable(unread), "default"), soft_wrap=True)
    if left.unmirrored:
        values = plural(left.unmirrored, "value")
        out.print(f"[yellow]![/] {values} not in the parameter store yet: tried again during the next deployment")
    if not left.retired:
        out.print("[yellow]![/] what nobody uses any more is not removed yet: tried again at the next `odmd apply`")
    for trouble in left.troubles:
        out.print(Text("! ", "yellow").append(trouble, "default"), soft_wrap=True)
    for asks in map(enver_label, left.asks):
        out.print(next_step(f"`odmd approve {asks} data` lets it happen, `odmd reject {asks} data` does not"))
    if left.failed.keys() - set(left.asks):
        out.print(next_step("nothing is lost: mend the cause and run `odmd apply` again"))
