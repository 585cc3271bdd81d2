"""`odmd apply`: carries out a plan, live."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.applying import Left, Wanted, conclude, look_and_confirm
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
