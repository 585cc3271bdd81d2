"""`odmd apply`: carries out a plan, live."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.cli.plan import Look, LookUp, OnlyValues, Refresh, Targets
from odmd.errors import Interrupted

if TYPE_CHECKING:
    from odmd.bootstrap.embedded import ControlPlane
    from odmd.bootstrap.settings import Settings
    from odmd.cli.live import Live
    from odmd.control.scheduler.envers import Enver
    from odmd.control.scheduler.state import State
    from odmd.graph import Graph
    from odmd.plan import Plan, Unreadable
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
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.plan import limits, refuse_look

    if digest and (target or only_values or look_up_again):
        raise typer.BadParameter("a plan that was looked at has its own limits: give either PLAN or these options")
    limited = limits(target, only_values, look_up_again)
    wanted = Wanted(digest, limited, refresh, look, yes, allow_dirty, message or "odmd apply", json)
    if server is not None:
        refuse_look(look)
        from odmd.cli.apply_at import apply_at

        apply_at(server, contracts, isolation, wanted)
    else:
        _apply_here(read_settings(contracts, state, isolation), wanted)


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


def _apply_here(settings: Settings, wanted: Wanted) -> None:
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.embedded import control_plane
    from odmd.bootstrap.gone import gone
    from odmd.bootstrap.planning import Planner, new_state, repositories
    from odmd.bootstrap.uncommitted import uncommitted
    from odmd.cli.live import Live
    from odmd.cli.output import console
    from odmd.control.access.here import whoever_is_here
    from odmd.model.naming import enver_label

    compiled = load_contracts(settings)
    live = Live(quiet=wanted.json)
    if not wanted.json and (said := new_state(settings)):
        console().print(said, soft_wrap=True, markup=False)
    led = control_plane(settings, compiled, (live.listen,), live.report, until_confirmed=True)
    with _leaving_at_once(), led as control:
        _finish_interrupted(control, live)
        lost = gone(settings) if wanted.look else dict[str, str]()
        sources, dirty = repositories(settings), uncommitted(settings, compiled)
        planner = Planner(compiled, control.state, control.store, sources, settings.runs_at_once, dirty, lost)
        digest = wanted.digest
        plan = planner.approved(digest) if digest else planner.make(wanted.limited, refresh=wanted.refresh)
        look_and_confirm(plan, wanted)
        planner.carried_out()
        control.apply(plan, compiled, whoever_is_here(), wanted.cause, lost)
        with live.shown(plan):
            retired = control.wait(live.waits)
        unmirrored = control.wait_for_mirror()
        troubles = [f"{enver_label(one.enver)}: {one}" for one in control.troubles()]
        left = _left(compiled.graph, control.state, unmirrored, retired, troubles)
        conclude(left.beside(None if digest else plan), live, json=wanted.json)


def look_and_confirm(plan: Plan, wanted: Wanted) -> None:
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
def _leaving_at_once() -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Interrupted("stopped; nothing is lost", next_step="`odmd apply` goes on where this one stopped") from stop


def _finish_interrupted(control: ControlPlane, live: Live) -> None:
    from odmd.cli.output import console, plural

    if not (runs := control.interrupted()):
        return
    if not live.quiet:
        console().print(f"[yellow]↻[/] going on with {plural(len(runs), 'interrupted run')}")
    for run in runs:
        live.resumed(run.id, run.enver)
    with live.shown(None):
        control.wait_for_runs()


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


@dataclass(frozen=True, slots=True)
class Left:
    """What is not as it should be when `apply` ends."""

    failed: Mapping[str, str]
    held: Mapping[str, Sequence[str]]
    unmirrored: int
    retired: bool
    troubles: Sequence[str] = ()
    """What could not be done in the world so far, and why."""
    unreadable: Sequence[Unreadable] = ()
    asks: Sequence[str] = ()
    """Those of the failed that go on as soon as somebody allows a loss of data."""

    def beside(self, plan: Plan | None) -> Left:
        """With what a plan that was made now could not read."""
        return replace(self, unreadable=plan.unreadable) if plan is not None else self


def _left(graph: Graph, state: State, unmirrored: int, retired: bool, troubles: Sequence[str]) -> Left:
    from odmd.control.reading.explain import held_by, leftovers
    from odmd.control.scheduler.envers import LOSS
    from odmd.plan.wiring import Wiring

    wiring = Wiring(graph)
    declared = [state.envers[address] for address in graph.envers if address in state.envers]
    leaving = [state.envers[address] for address in state.leaving]
    kept = {one.address: one.units.left for one in declared if any(left.why for left in one.units.left)}
    held = {one.address: held_by(wiring, state, one) for one in declared if one.owes and one.failed is None}
    asked = {address: tuple(leftovers(one for one in left if one.asks)) for address, left in kept.items()}
    failed = {address: "; ".join(leftovers(one for one in left if not one.asks)) for address, left in kept.items()}
    return Left(
        failed={
            **{enver.address: enver.failure for enver in declared if enver.failed is not None},
            **{one.address: why for one in leaving if (why := _why_still_there(one))},
            **{address: why for address, why in failed.items() if why},
        },
        held=held | {address: (*held.get(address, ()), *said) for address, said in asked.items() if said},
        unmirrored=unmirrored,
        retired=retired,
        troubles=troubles,
        asks=[one.address for one in (*declared, *leaving) if LOSS in one.offers],
    )


def _why_still_there(leaving: Enver) -> str:
    """Why an enver that left the contracts could not be removed, and how that is allowed where it is asked about."""
    from odmd.control.scheduler.envers import LOSS
    from odmd.model.naming import enver_label

    why = leaving.departure.failure if leaving.departure else ""
    label = enver_label(leaving.address)
    return f"{why}\n`odmd approve {label} data` lets it happen" if why and LOSS in leaving.offers else why


def conclude(left: Left, live: Live, *, json: bool) -> None:
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
