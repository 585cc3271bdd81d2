"""Who may start: the definitions that the scheduler's promises rest on.

A wave is a mark on everything reachable from its root. An enver is *ready* for a wave when it owes it and nobody whom
it waits for owes it. It is *able* to run when all its inputs are there and differ from what runs and from what failed.
It is *moving* when it deploys, or will without any message from outside but results. It starts when it is able, ready
for at least one wave, and nobody whom it waits for is moving; or when it has waited longer than the patience.
"""

from __future__ import annotations

from collections.abc import Iterator

from odmd.control.scheduler.agenda import Lane
from odmd.control.scheduler.envers import NO_WAVES, Enver
from odmd.control.scheduler.inputs import desired, runs_what_it_should
from odmd.control.scheduler.state import State
from odmd.graph.paused import EVERYTHING, scopes_of
from odmd.plan.wiring import Wiring


def ready(wiring: Wiring, state: State, enver: Enver) -> frozenset[int]:
    """The waves that an enver owes and nobody whom it waits for owes."""
    waves = enver.owes
    for other in wiring.upstream.get(enver.address, ()):
        if not waves:
            break
        if other in state.owing:
            theirs = state.envers[other].owes
            waves = NO_WAVES if theirs is waves else waves - theirs  # one wave marks all with the same set
    return waves


def able(wiring: Wiring, state: State, enver: Enver) -> bool:
    """Whether a run would make sense and may start."""
    if enver.run is not None or paused(wiring, state, enver.address):
        return False
    wanted = desired(wiring, state, enver)
    return wanted is not None and wanted not in (enver.sure, enver.failed)


def settling(wiring: Wiring, state: State, enver: Enver) -> frozenset[int]:
    """Early cut-off: the waves that end here without a run."""
    if enver.run is not None or enver.sure is None or not (waves := ready(wiring, state, enver)):
        return NO_WAVES
    return waves if runs_what_it_should(wiring, state, enver) else NO_WAVES


def is_moving(wiring: Wiring, state: State, enver: Enver, moving: set[str]) -> bool:
    """Whether an enver moves, given who of those upstream does."""
    if enver.run is not None:
        return True
    if not enver.owes or paused(wiring, state, enver.address):
        return False
    for other in wiring.upstream.get(enver.address, ()):
        if other in moving and not enver.owes.isdisjoint(state.envers[other].owes):
            return True
    return bool(ready(wiring, state, enver)) and able(wiring, state, enver)


def waits_for(wiring: Wiring, enver: str) -> Iterator[tuple[str, str | None]]:
    """Whom an enver waits for; of a cycle that it is not in all members, which the second part names."""
    mine = wiring.cycle(enver)
    for other in wiring.upstream.get(enver, ()):
        cycle = wiring.cycle(other)
        yield other, None if cycle == mine else cycle


def held_up(wiring: Wiring, state: State, enver: str) -> bool:
    """Whether somebody whom an enver waits for is moving."""
    agenda = state.agenda
    return any(
        agenda.moving_in[cycle] > 0 if cycle is not None else other in agenda.moving
        for other, cycle in waits_for(wiring, enver)
    )


def scopes(wiring: Wiring, enver: str) -> Iterator[str]:
    """The scopes of pauses that an enver is in."""
    if (declared := wiring.graph.envers.get(enver)) is not None:
        yield from scopes_of(declared)
    else:
        yield from (enver, EVERYTHING)


def paused(wiring: Wiring, state: State, enver: str) -> bool:
    """Whether nothing new may start for an enver."""
    pauses = state.standing.pauses
    return bool(pauses) and any(scope in pauses for scope in scopes(wiring, enver))


def lane(wiring: Wiring, state: State, enver: Enver) -> Lane:
    """With whom an enver competes."""
    declared = wiring.graph.envers[enver.address]
    waves = (state.waves[id] for id in enver.owes)
    priority = 2 if declared.origin else 0 if any(wave.interactive for wave in waves) else 1
    return Lane(priority, declared.team, declared.target, declared.build_type)
