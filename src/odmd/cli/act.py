"""Tells the control plane one wish, whoever leads it and wherever, and shows what comes of it."""

from __future__ import annotations

import getpass
import socket
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from odmd.errors import NothingDeployed, StateInUse

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.leading.wishes import Wish
    from odmd.control.scheduler.events import Event

_PATIENCE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05


def who() -> str:
    """Who sits at this machine."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def act(
    wish: Wish | Sequence[Wish], server: str | None, contracts: str | None, state: Path | None, *, json: bool
) -> None:
    """Tells the wish, or some, to the server, or else carries them out on the state folder, with what follows.

    If another process leads, that one carries it out; then this ends when the wish was answered.
    """
    from odmd.cli.output import errors_as

    wishes = wish if isinstance(wish, Sequence) else (wish,)
    with errors_as(json=json):
        if server is not None:
            from odmd.client import Client

            with Client(server) as client:
                _show([happened.event for one in wishes for happened in client.tell(one)], json=json)
            return
        _act_here(wishes, contracts, state, json=json)


def _act_here(wishes: Sequence[Wish], contracts: str | None, state: Path | None, *, json: bool) -> None:
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings

    settings = read_settings(contracts, state)
    if not database(settings).exists():
        raise NothingDeployed(f"there is no state in {settings.state}", next_step="run `odmd apply` first")
    try:
        _lead(settings, wishes, json=json)
    except StateInUse:
        for wish in wishes:
            _tell_the_leader(settings, wish, json=json)


def _lead(settings: Settings, wishes: Sequence[Wish], *, json: bool) -> None:
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.embedded import control_plane
    from odmd.bootstrap.planning import repositories
    from odmd.bootstrap.records import records
    from odmd.cli.live import Live
    from odmd.control.leading.wishes import Cancelling, as_message

    compiled = load_contracts(settings)
    live = Live(quiet=json)
    begins = any(map(_lets_begin, wishes))
    report = live.report if begins or any(isinstance(wish, Cancelling) for wish in wishes) else None
    with control_plane(settings, compiled, (live.listen,), report, until_confirmed=True) as control:
        past, sources = records(settings, control.store), repositories(settings)
        events = [event for wish in wishes for event in control.leader.ask(as_message(wish, past, sources, who()))]
        if json or not events:  # else `Live` said it
            _show(events, json=json)
        if begins:
            control.leader.go_on()
        if report is not None:
            with live.shown(None):
                control.wait()
            control.wait_for_mirror()
        failed = [run for run in live.ended if run["outcome"] != "deployed"]
    if failed:
        raise typer.Exit(1)


def _lets_begin(wish: Wish) -> bool:
    """Whether somebody who says this wants something to be deployed; what keeps things up deploys nothing."""
    from odmd.control.leading.wishes import Answering, Cancelling, Pausing

    return not (isinstance(wish, Pausing | Cancelling) or (isinstance(wish, Answering) and not wish.approved))


def _tell_the_leader(settings: Settings, wish: Wish, *, json: bool) -> None:
    from odmd.bootstrap.planning import database, repositories
    from odmd.bootstrap.records import records
    from odmd.cli.output import console
    from odmd.control.leading.wishes import as_message
    from odmd.store.sql import SqlStore

    store = SqlStore(database(settings))
    try:
        id = uuid.uuid4().hex
        message = as_message(wish, records(settings, store), repositories(settings), who())
        store.receive(id, message, time.time())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if (told := store.told(id)) and told.handled:
                _show([logged.event for logged in told.answer], json=json)
                return
            time.sleep(_POLL_SECONDS)
    finally:
        store.close()
    if not json:
        console().print("[yellow]![/] told the process that works on this state; it has not answered yet")


def _show(events: Sequence[Event], *, json: bool) -> None:
    from rich.text import Text

    from odmd.cli.output import console, print_json
    from odmd.cli.words import words

    if json:
        print_json([{"event": type(event).__name__, "body": event} for event in events])
        return
    for event in events:
        if line := words(event):
            console().print(Text("✓ ", "green").append(line, "default"), soft_wrap=True)
    if not events:
        console().print("[yellow]![/] nothing changed: it is so already, or somebody was faster")
