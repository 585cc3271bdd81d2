"""Waves open over all that their roots reach, and end at each enver by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.envers import NO_WAVES, Enver
from odmd.control.scheduler.evolving.touching import touch
from odmd.control.scheduler.state import Settling, State, Wave
from odmd.plan.wiring import Wiring


def own_wave(event: e.Approved | e.Promoted | e.Pinned | e.Released | e.Drifted, cause: str, by: Actor) -> Wave:
    """The wave that an event opens at its enver alone."""
    return Wave(event.wave, cause, by, event.at, "", (event.enver,))


def mark(wiring: Wiring, state: State, wave: Wave, root: int) -> None:
    """Opens a wave over everything that its roots reach. A wave from outside renews the passes of cycles it reaches."""
    state.next_wave, wave.root = wave.id + 1, root
    state.waves[wave.id] = state.dirty.waves[wave.id] = wave
    mark, marked = frozenset((wave.id,)), wiring.cone(wave.roots)
    for address in marked:
        enver = touch(state, address)
        if not enver.commit:
            continue  # it has no source yet, which is a latch: what gives it one opens a wave of its own
        if enver.owes:
            enver.owes |= mark
        else:
            enver.since, enver.owes = wave.at, mark
        state.owing[address] = None
        wave.open += 1
        if (cycle := wiring.cycle(address)) is not None:
            _renew_passes(state, cycle, root)
    if wave.open == 0:
        del state.waves[wave.id]
    for address in marked:
        _look_behind(wiring, state, address)


def _renew_passes(state: State, cycle: str, root: int) -> None:
    settling = state.standing.settling.get(cycle)
    if settling is None or root > settling.root:
        state.standing.settling[cycle] = Settling(root)
        state.dirty.standing = True


def settle(wiring: Wiring, state: State, enver: Enver, waves: Iterable[int], at: float) -> Sequence[str]:
    """An enver owes these waves no more; one that nobody owes is over. Returns who owes anything behind it."""
    touch(state, enver.address)
    for id in waves:
        wave = state.dirty.waves[id] = state.waves[id]
        wave.open -= 1
        if wave.open == 0:
            del state.waves[id]
    enver.owes = NO_WAVES if waves is enver.owes else enver.owes.difference(waves)
    enver.since = at
    if not enver.owes:
        state.owing.pop(enver.address, None)
    return _look_behind(wiring, state, enver.address)


def _look_behind(wiring: Wiring, state: State, address: str) -> Sequence[str]:
    """What an enver owes has changed, and so may what its followers are ready for: returns those that owe anything."""
    owing, envers = state.owing, state.agenda.envers
    behind = [follower for follower in wiring.followers.get(address, ()) if follower in owing]
    for follower in behind:
        envers[follower] = None
    return behind
