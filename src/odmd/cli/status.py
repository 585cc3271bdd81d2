"""`odmd status`: what runs, from which commit, with which versions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.enver_rows import COLUMNS, drifted, heads_said, overdue, row
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.views import EnverView, PauseView


def status(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Go on with a line for every enver that changes, until Ctrl-C.")
    ] = False,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show every enver as recorded: its state, what it runs, and with which versions of its inputs."""
    from rich.text import Text

    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows
    from odmd.control.reading.explain import held_answer, leftovers
    from odmd.model import naming
    from odmd.plan.words import unreadable_since

    with errors_as(json=json), plane(server, state) as there:
        past = there.past
        if watch:
            from odmd.cli.watch import watch_envers

            watch_envers(past, json=json)
            return
        envers, pauses = [one for one in past.all_envers() if one.state != "removed"], past.pauses()
        behind = [*map(str, past.troubles()), *(one.trouble for one in past.subscribers() if one.trouble)]
    envers.sort(key=lambda one: one.in_order)
    if json:
        print_json(envers)
        return
    if envers:
        show_rows(COLUMNS, [row(enver) for enver in envers])
    else:
        console().print("nothing is deployed yet")
    for enver in envers:
        unread = (unreadable_since(enver.unreadable),) if enver.unreadable else ()
        for trouble in (*enver.troubles, *unread, *map(overdue, enver.overdue)):
            console().print(Text(f"! {naming.enver_label(enver.enver)}: {trouble}", "yellow"), soft_wrap=True)
        if enver.drift is not None and (said := drifted(enver.drift)):
            console().print(Text(f"! {naming.enver_label(enver.enver)}: {said}", "yellow"), soft_wrap=True)
        for said in leftovers(enver.left):
            console().print(Text(f"! {naming.enver_label(enver.enver)}: {said}", "yellow"), soft_wrap=True)
        if enver.answer is not None:
            console().print(f"… {naming.enver_label(enver.enver)}: {held_answer(enver.answer)}", soft_wrap=True)
    if said := heads_said(envers, time.time()):
        console().print(Text(said, "dim"), soft_wrap=True)
    for trouble in behind:
        console().print(Text(f"! {trouble}", "yellow"), soft_wrap=True)
    for step in _next_steps(envers, pauses):
        console().print(next_step(step), soft_wrap=True)


def _next_steps(envers: Sequence[EnverView], pauses: Sequence[PauseView]) -> Iterator[str]:
    from odmd.control.reading.explain import as_typed, scope_label
    from odmd.model import naming

    words = {enver.enver: enver.state for enver in envers}
    if not words:
        yield "`odmd plan` shows what would be"
    if "interrupted" in words.values():
        yield "`odmd apply` goes on with what was interrupted"
    if found := next((address for address, word in words.items() if word == "asks"), None):
        yield f"`odmd approve {naming.enver_label(found)}` or `odmd reject` answers what it asks"
    for pause in pauses:
        yield f"{scope_label(pause.scope)} is paused by {pause.by}; `odmd resume {as_typed(pause.scope)}` ends that"
    if found := next((enver.enver for enver in envers if enver.drift and enver.drift.findings), None):
        yield f"`odmd drift {naming.enver_label(found)}` shows what differs"
    if unread := next((enver for enver in envers if enver.unreadable), None):
        yield f"`odmd why {naming.enver_label(unread.enver)}` says what to do about its source"
    for wanted in ("failed", "waiting"):
        if found := next((address for address, word in words.items() if word == wanted), None):
            yield f"`odmd why {naming.enver_label(found)}` says why it {'failed' if wanted == 'failed' else 'waits'}"
            return
