"""`odmd apply --server`: the server plans and deploys, and its event stream is shown as it comes."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from odmd.cli.applying import Left, Wanted, conclude, look_and_confirm
from odmd.cli.live import Live
from odmd.cli.whose import say_whose_contracts
from odmd.client import Client, Progress
from odmd.client.client import Started
from odmd.control.reading.views import ChangeView, Happened
from odmd.control.scheduler import events as e
from odmd.errors import Interrupted
from odmd.isolation import Isolation
from odmd.plan import Plan

_RETIREMENT_PATIENCE_SECONDS: Final = 30.0
_MIRROR_PATIENCE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.1


def apply_at(server: str, contracts: str | None, isolation: Isolation | None, wanted: Wanted) -> None:
    """Plans, shows, asks, and follows the change until nothing of it moves.

    Raises:
        Interrupted: this command was stopped; the server goes on.
    """
    live = Live(quiet=wanted.json)
    with Client(server) as client, _only_watching():
        if wanted.digest is None:
            say_whose_contracts(client, contracts, isolation)
        plan = None if wanted.digest else _plan(client, wanted)
        if plan is not None:
            look_and_confirm(plan, wanted)
        digest = wanted.digest or (plan.digest() if plan is not None and plan.begins() else None)
        allowed = wanted.allow_dirty or plan is not None  # else it was refused, or nothing is dirty
        started = client.start(digest, wanted.cause, allow_dirty=allowed) if digest else None
        left = _follow(client, live, plan, started)
    conclude(left.beside(plan), live, json=wanted.json)


@contextmanager
def _only_watching() -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Interrupted(
            "stopped; what the server began goes on", next_step="`odmd status` and `odmd runs` show how far it is"
        ) from stop


def _plan(client: Client, wanted: Wanted) -> Plan:
    only = wanted.limited
    return client.plan(only.targets, only_values=only.only_values, look_up=only.look_up, refresh=wanted.refresh)


def _follow(client: Client, live: Live, plan: Plan | None, started: Started | None) -> Left:
    """What is left when nothing of the change moves any more."""
    if started is None or not started.events:
        return Left({}, {}, 0, retired=True)
    before = started.events[0].position - 1
    with live.shown(plan):
        change = _watch(client, live, started.wave, before) if started.wave else None
        removed = {one.event.enver for one in started.events if isinstance(one.event, e.RemovalAsked)}
        failures = _watch_removals(client, live, removed, before, shown=change.position if change else before)
    if change is None:
        return Left(failures, {}, 0, retired=True)
    change = _mirrored(client, change)
    return Left({**change.failed, **failures}, change.held, change.unmirrored, retired=not change.retiring)


def _watch_removals(client: Client, live: Live, envers: set[str], after: int, shown: int) -> dict[str, str]:
    """Why some of them were not removed; shows what happens, until all went one way or the other."""
    failures, left, patience = dict[str, str](), set(envers), time.monotonic() + _RETIREMENT_PATIENCE_SECONDS
    for message in client.follow(after) if left else ():
        if isinstance(message.what, Happened):
            patience = time.monotonic() + _RETIREMENT_PATIENCE_SECONDS
            if message.what.position > shown:
                live.happened(message.what.event)
            match message.what.event:
                case e.EnverRemoved(enver):
                    left.discard(enver)
                case e.RemovalFailed(enver, error) if enver in left:
                    left.discard(enver)
                    failures[enver] = error
                case _:
                    pass
        if not left or time.monotonic() > patience:
            break
    return failures


def _watch(client: Client, live: Live, wave: int, after: int) -> ChangeView:
    """Shows what happens until all of it was shown and nothing moves; the change is asked for again as it moves on."""
    change, shown, patience = client.change(wave), after, 0.0
    for message in client.follow(after, change=wave):
        match message.what:
            case Happened(position, event):
                shown = position
                live.happened(event)
                if isinstance(event, e.Settled):
                    _settled(client, live, event)
            case Progress(run, line, lasting):
                live.report(run, line, lasting=lasting)
            case _:
                change = client.change(wave)
        if shown < change.position:
            continue
        if shown > change.position:
            change = client.change(wave)
        if change.moving or shown < change.position:
            continue
        patience = patience or time.monotonic() + _RETIREMENT_PATIENCE_SECONDS
        if not change.retiring or time.monotonic() > patience:
            break
    return change


def _settled(client: Client, live: Live, event: e.Settled) -> None:
    """The log names the first envers at which a wave ended; why is told by each."""
    for address in event.envers:
        enver = client.enver(address)
        if enver.settled and not enver.waves and enver.run is None and address not in live.settled:
            live.ended_without_run(address, enver.settled)


def _mirrored(client: Client, change: ChangeView) -> ChangeView:
    """After some patience with the parameter store."""
    until = time.monotonic() + _MIRROR_PATIENCE_SECONDS
    while change.unmirrored and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        change = client.change(change.wave)
    return change
