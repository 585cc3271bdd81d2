"""Tells the control plane one wish, whoever leads it and wherever, and shows what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from odmd.control.leading.plane import Telling
    from odmd.control.leading.wishes import Wish
    from odmd.control.scheduler.events import Event


def act(
    wish: Wish | Sequence[Wish], server: str | None, contracts: str | None, state: Path | None, *, json: bool
) -> None:
    """Tells the wish, or some; if this process carries them out, it does so with all that follows."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.live import Live
    from odmd.cli.output import errors_as

    wishes, live = wish if isinstance(wish, Sequence) else (wish,), Live(quiet=json)
    with errors_as(json=json), plane(server, state, contracts) as there, there.tell(wishes, live) as told:
        _say(told, json=json)
        with live.shown(None):
            told.follow()
    if any(run["outcome"] != "deployed" for run in live.ended):
        raise typer.Exit(1)


def _say(told: Telling, *, json: bool) -> None:
    """What came of it, unless that was shown as it happened."""
    if told.events is None:
        _say_it_is_told(json=json)
    elif json or not (told.watched and told.events):
        _show(told.events, json=json)


def _say_it_is_told(*, json: bool) -> None:
    from odmd.cli.output import console

    if not json:
        console().print("[yellow]![/] told the process that works on this state; it has not answered yet")


def _show(events: Sequence[Event], *, json: bool) -> None:
    from rich.text import Text

    from odmd.cli.output import console, print_json
    from odmd.control.reading.event_words import words

    if json:
        print_json([{"event": type(event).__name__, "body": event} for event in events])
        return
    for event in events:
        if line := words(event):
            console().print(Text("✓ ", "green").append(line, "default"), soft_wrap=True)
    if not events:
        console().print("[yellow]![/] nothing changed: it is so already, or somebody was faster")
