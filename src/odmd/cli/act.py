"""Tells the control plane one thing, whoever leads it, and shows what comes of it."""

from __future__ import annotations

import getpass
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from odmd.errors import NothingDeployed, StateInUse

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.events import Event
    from odmd.control.messages import Message
    from odmd.control.state import State

_PATIENCE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05


def who() -> str:
    """Who sits at this machine."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def act(contracts: str | None, state: Path | None, make: Callable[[State], Message], *, json: bool) -> None:
    """Tells the message that `make` derives from the state (or refuses to), and carries out what follows.

    If another process leads, it carries that out; then this ends when the message was answered.
    """
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as

    settings = read_settings(contracts, state)
    with errors_as(json=json):
        if not database(settings).exists():
            where = settings.database or settings.state
            raise NothingDeployed(f"there is no state in {where}", next_step="run `odmd apply` first")
        try:
            _lead(settings, make, json=json)
        except StateInUse:
            _tell_the_leader(settings, make, json=json)


def _lead(settings: Settings, make: Callable[[State], Message], *, json: bool) -> None:
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.embedded import control_plane
    from odmd.cli.live import Live

    compiled = load_contracts(settings)
    live = Live(quiet=json)
    with control_plane(settings, compiled, (live.listen,), live.report) as control:
        events = control.leader.ask(make(control.state))
        if json or not events:  # else `Live` said it
            _show(events, json=json)
        with live.shown(None):
            control.wait()
        control.wait_for_mirror()
        failed = [run for run in live.ended if run["outcome"] != "deployed"]
    if failed:
        raise typer.Exit(1)


def _tell_the_leader(settings: Settings, make: Callable[[State], Message], *, json: bool) -> None:
    from odmd.bootstrap.planning import database
    from odmd.cli.output import console
    from odmd.store.sql import SqlStore

    store = SqlStore(database(settings))
    try:
        id = uuid.uuid4().hex
        store.receive(id, make(store.load()), time.time())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if (answer := store.answer(id)) is not None:
                _show([logged.event for logged in answer], json=json)
                return
            time.sleep(_POLL_SECONDS)
    finally:
        store.close()
    if not json:
        console().print("[yellow]![/] told the process that works on this state; it has not answered yet")


def _show(events: Sequence[Event], *, json: bool) -> None:
    from odmd.cli.output import console, print_json
    from odmd.cli.words import words

    if json:
        print_json([{"event": type(event).__name__, "body": event} for event in events])
        return
    for event in events:
        if line := words(event):
            console().print(f"[green]✓[/] {line}", soft_wrap=True)
    if not events:
        console().print("[yellow]![/] nothing changed: it is so already, or somebody was faster")
