"""`odmd status --watch`: every enver as it is, then a line for each that changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from odmd.cli.enver_rows import COLUMNS, row
from odmd.cli.output import console, json_line, show_rows, write
from odmd.errors import EnverUnknown

if TYPE_CHECKING:
    from odmd.control.reading.past import Past
    from odmd.control.reading.views import EnverView
    from odmd.control.scheduler.events import Event


def watch_envers(past: Past, *, json: bool) -> None:
    """Until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        told: dict[str, EnverView] | None = None
        for happened in past.happenings():
            if told is None:  # from here on nothing is missed
                told = {enver.enver: enver for enver in past.all_envers()}
                there = (enver for enver in told.values() if enver.state != "removed")
                _show_all(sorted(there, key=lambda one: one.in_order), json=json)
            for address in _touched(happened.event) if happened else ():
                enver = _found(past, address)
                if enver is not None and told.get(address) != enver:
                    told[address] = enver
                    _show(enver, json=json)


def _show_all(envers: Sequence[EnverView], *, json: bool) -> None:
    if json:
        for enver in envers:
            _show(enver, json=True)
    elif envers:
        show_rows(COLUMNS, [row(enver) for enver in envers])
    else:
        console().print("nothing is deployed yet")
    sys.stdout.flush()


def _show(enver: EnverView, *, json: bool) -> None:
    if json:
        write(f"{json_line(enver)}\n")
        sys.stdout.flush()
        return
    label, state, commit, consumes, run = map(str, row(enver))
    why = f"  {enver.failure.splitlines()[0]}" if enver.failure and enver.state == "failed" else ""
    line = f"{time.strftime('%H:%M:%S')} {label}  {state}  {commit}  {consumes}  run {run}{why}"
    console().print(line, markup=False, soft_wrap=True)


def _found(past: Past, address: str) -> EnverView | None:
    try:
        return past.enver(address)
    except EnverUnknown:
        return None


def _touched(event: Event) -> Iterable[str]:
    """The envers that an event names."""
    one: str | None = getattr(event, "enver", None)
    roots: Iterable[str] = (head.enver for head in getattr(event, "heads", ()))
    return dict.fromkeys([*([one] if one else ()), *getattr(event, "envers", ()), *roots])
