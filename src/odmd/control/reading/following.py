"""How those get on who follow the log by name, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import Reads
from odmd.control.ports.subscribers import WAITED_SECONDS, Subscription

_SLOW_SECONDS: Final = 600.0
_LEFT_SECONDS: Final = 7200.0
"""Twice as long as one that has nothing to do takes to say that it lives."""


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """One durable subscriber."""

    name: str
    position: int
    """The last event that it handled."""
    lag: int
    """Events that it has not handled yet."""
    behind: float
    """Seconds since the first of these happened."""
    error: str
    """Why it does not get on, if it failed at what follows."""
    missed: int
    """Events that were forgotten before it saw them, ever."""
    trouble: str
    """What is wrong with it, in words; empty where nothing is."""


def subscribers(store: Reads, now: float) -> Sequence[SubscriberView]:
    """By name."""
    known, end = store.subscriptions(), store.position()
    return [_view(store, one, max(0, end - one.position), now) for one in known]


def _view(store: Reads, one: Subscription, lag: int, now: float) -> SubscriberView:
    unseen = store.read(one.position, 1) if lag else ()
    behind = max(0.0, now - unseen[0].event.at) if unseen else 0.0
    why = _why(one, behind, now) if unseen else ""
    trouble = f"{one.name} is {lag} {'event' if lag == 1 else 'events'} behind: {why}" if why else ""
    return SubscriberView(one.name, one.position, lag, behind, one.error, one.missed, trouble)


def _why(one: Subscription, behind: float, now: float) -> str:
    silent = now - one.alive
    if silent > WAITED_SECONDS:
        return ""  # nobody waits for it any more
    if one.error:
        return one.error
    if silent > _LEFT_SECONDS:
        return "nobody runs it; what it has not seen is kept for a while"
    return "it is slow" if behind > _SLOW_SECONDS else ""
