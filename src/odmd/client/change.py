"""A plan that a server makes and carries out; its event stream is followed as it comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from odmd.client.stream import AgentWord
from odmd.control.reading.left import Left
from odmd.control.reading.views import ChangeView, Happened
from odmd.control.scheduler import events as e
from odmd.control.scheduler.questions import FIRST, Question, called
from odmd.model.naming import enver_label

if TYPE_CHECKING:
    from odmd.client.client import Client, Started
    from odmd.control.leading.plane import Watcher
    from odmd.plan import Plan
    from odmd.plan.build import Limited

_RETIREMENT_PATIENCE_SECONDS: Final = 30.0
_MIRROR_PATIENCE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.1


class ServedChange:
    """A `Change` at a server, which leads, and takes up what was interrupted by itself."""

    def __init__(self, client: Client, watcher: Watcher) -> None:
        self._client, self._watcher = client, watcher
        self._plan: Plan | None = None
        self._digest: str | None = None
        self._started: Started | None = None
        self._change: ChangeView | None = None
        self._not_removed: dict[str, str] = {}

    def interrupted(self) -> tuple[()]:
        return ()

    def finish_interrupted(self) -> None:
        """The server goes on by itself."""

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        del look
        self._plan = plan = self._client.plan(limited, refresh=refresh)
        self._digest = plan.digest() if plan.begins() else None
        return plan

    def approved(self, digest: str, *, look: bool) -> Plan | None:
        del look
        self._digest = digest

    def begin(self, why: str, *, allow_dirty: bool, accepted: str = "") -> bool:
        if self._digest is None:
            return False
        allowed = allow_dirty or self._plan is not None  # else it was refused, or nothing is dirty
        self._started = self._client.start(self._digest, why, allow_dirty=allowed, accepted=accepted)
        return bool(self._started.events)

    def follow(self) -> None:
        if self._started is None or not self._started.events:
            return
        events, wave = self._started.events, self._started.wave
        before = events[0].position - 1
        self._change = change = _watch(self._client, self._watcher, wave, before) if wave else None
        removed = {one.event.enver for one in events if isinstance(one.event, e.RemovalAsked)}
        shown = change.position if change else before
        self._not_removed = _watch_removals(self._client, self._watcher, removed, before, shown)

    def left(self) -> Left:
        if self._change is None:
            return Left(self._not_removed, {}, 0, retired=True, asks=_asked(self._client, self._not_removed))
        change = _mirrored(self._client, self._change)
        failed = {**change.failed, **self._not_removed}
        asks = _asked(self._client, failed)
        return Left(failed, change.held, change.unmirrored, retired=not change.retiring, asks=asks)


def _asked(client: Client, failed: Iterable[str]) -> Mapping[str, Question]:
    """What some of those that failed ask about, and go on once it is allowed."""
    return {
        address: question
        for address in failed
        for question in FIRST
        if called(question) in {one.input for one in client.enver(enver_label(address)).asks}
    }


def _watch_removals(client: Client, watcher: Watcher, envers: set[str], after: int, shown: int) -> dict[str, str]:
    """Why some of them were not removed; shows what happens, until all went one way or the other."""
    failures, left, patience = dict[str, str](), set(envers), time.monotonic() + _RETIREMENT_PATIENCE_SECONDS
    for message in client.follow(after) if left else ():
        if isinstance(message.what, Happened):
            patience = time.monotonic() + _RETIREMENT_PATIENCE_SECONDS
            if message.what.position > shown:
                watcher.happened(message.what.event)
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


def _watch(client: Client, watcher: Watcher, wave: int, after: int) -> ChangeView:
    """Shows what happens until all of it was shown and nothing moves; the change is asked for again as it moves on."""
    change, shown, patience = client.change(wave), after, 0.0
    for message in client.follow(after, change=wave):
        match message.what:
            case Happened(position, event):
                shown = position
                watcher.happened(event)
                if isinstance(event, e.Settled):
                    _settled(client, watcher, event)
            case AgentWord(run, line, lasting):
                watcher.report(run, line, lasting=lasting)
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


def _settled(client: Client, watcher: Watcher, event: e.Settled) -> None:
    """The log names the first envers at which a wave ended; why is told by each."""
    for address in event.envers:
        enver = client.enver(address)
        if enver.settled and not enver.waves and enver.run is None:
            watcher.ended_without_run(address, enver.settled)


def _mirrored(client: Client, change: ChangeView) -> ChangeView:
    """After some patience with the parameter store."""
    until = time.monotonic() + _MIRROR_PATIENCE_SECONDS
    while change.unmirrored and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        change = client.change(change.wave)
    return change
