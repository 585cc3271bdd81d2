"""What follows from a change: the waves that it opens, and what it takes the place of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.wiring import Wiring


def accepted(setup: Setup, state: State, change: m.StartChange, at: float) -> Iterator[e.Event]:
    """The events of a change; none where all is so already.

    What is only tried again goes in a wave of its own: should it fail once more, it holds up nothing else.
    """
    wiring = setup.wirings[state.standing.contracts]
    if change.instead and _is_owed(wiring, state):
        yield e.ChangesEnded(change.by, at)
    news, again = _sorted(wiring, state, change)
    waves = [wave for wave in (news, again) if wave.heads or wave.moved or wave.follow]
    for n, wave in enumerate(waves):
        yield e.ChangeAccepted(
            wave=state.next_wave + n,
            cause=change.cause,
            by=change.by,
            plan=change.plan,
            heads=tuple(wave.heads),
            retried=tuple(wave.moved),
            at=at,
            interactive=change.interactive,
            overdue=at + setup.patience,
            follow=tuple(wave.follow),
            root=state.next_wave,
            look_up=change.look_up,
        )
    shown = {one.enver: one.goes for one in change.shown}
    for address in change.remove:
        if address not in wiring.inputs and _can_leave(state.envers.get(address)):
            yield e.RemovalAsked(address, change.by, at, shown.get(address))
    for address in change.clear:
        enver = state.envers.get(address)
        if enver is not None and any(one.why and not one.asks for one in enver.units.left):
            yield e.ClearanceAsked(address, change.by, at)


@dataclass(frozen=True, slots=True)
class _Wave:
    """Whom a wave begins at."""

    heads: list[m.Head]
    moved: list[str]
    """Without a new head."""
    follow: list[m.Head]


def _sorted(wiring: Wiring, state: State, change: m.StartChange) -> tuple[_Wave, _Wave]:
    """What is new, and what is only tried again."""
    declared, envers = wiring.inputs, state.envers
    news, again = _Wave([], [], [head for head in change.follow if head.enver in declared]), _Wave([], [], [])
    for head in change.heads:
        if head.enver in declared and (change.instead or _is_news(state, head)):
            (again if _failed_with(envers.get(head.enver), head) else news).heads.append(head)
    again.moved.extend(head.enver for head in again.heads)
    named = {head.enver for head in (*news.heads, *again.heads)}
    for address in dict.fromkeys((*change.retry, *change.moved)):
        enver = envers.get(address)
        if address not in named and enver is not None and enver.failed is not None and address in change.retry:
            again.moved.append(address)
        elif address not in named and address in declared and address in change.moved:
            news.moved.append(address)
    return news, again


def _is_owed(wiring: Wiring, state: State) -> bool:
    """Whether earlier changes still want something."""
    return bool(state.owing) or any(one in state.envers and state.envers[one].follows for one in wiring.asking)


def _is_news(state: State, head: m.Head) -> bool:
    enver = state.envers.get(head.enver)
    if enver is None:
        return True
    if head.observed and head.observed <= enver.observed:
        return False
    told = enver.commit, enver.slice, enver.settings
    return (head.commit or enver.commit, head.slice, head.settings) != told


def _failed_with(enver: Enver | None, head: m.Head) -> bool:
    failed = enver.failed if enver else None
    if failed is None:
        return False
    made_of = head.commit, head.slice, failed.values, head.content
    return failed == Fingerprint(*made_of, lookups=failed.lookups, settings=head.settings)


def _can_leave(enver: Enver | None) -> bool:
    """Whether there is something to remove, and nobody is at it."""
    if enver is None or enver.removed:
        return False
    return enver.departure is None or bool(enver.departure.failure)
