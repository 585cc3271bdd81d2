"""After a restore the recorded state is older than the world: what has to be done before anybody works with it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.leader import Leader
from odmd.control.ports.engine import Forgetful
from odmd.control.ports.leadership import Term
from odmd.control.ports.store import Store
from odmd.control.reading.troubles import forget_troubles
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.events import Recovered, RunFailed
from odmd.control.scheduler.messages import Recover
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.errors import LeadershipLost

_WHY: Final = "the state was restored from a backup"
_RUNS_A_SECOND: Final = 100
"""More than any control plane starts."""
_ROUND: Final = 1000


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done to a restored state."""

    first: int
    """Numbers of runs, waves and versions go on from here."""
    envers: int
    """Those of which nobody knows any more what runs."""
    runs: tuple[int, ...]
    """Those that were under way in the backup."""
    effects: int
    """What the backup still wanted done, and is not done."""
    messages: int
    """What the backup had not decided yet, and is not decided."""


def make_safe(store: Store, engine: Forgetful, setup: Setup, term: Term, by: Actor) -> Recovery:
    """Makes a state that was restored safe to work with: what it wanted done is forgotten, its runs are ended, nobody
    knows what runs, and everything is paused. The term's epoch is to be above any that was used.

    Does no more when it is done again, and can be: numbers go on from somewhat higher.

    Raises:
        StateUnreadable, DatabaseUnreachable, DatabaseRefused, LeadershipLost
    """
    effects, messages = engine.forget(), store.forget_messages()
    forget_troubles(store)
    leader = Leader(store, setup, (), term.epoch)
    term.when_lost(lambda: leader.give_up(LeadershipLost("this process could not renew its leadership")))
    first = _first(leader.state, store)
    leader.start()
    try:
        events = leader.ask(Recover(first, by, _WHY))
        unknown = leader.look(lambda state: sum(enver.unknown for enver in state.envers.values()))
    finally:
        leader.stop()
    ended = tuple(event.run for event in events if isinstance(event, RunFailed))
    return Recovery(
        next(event.first for event in events if isinstance(event, Recovered)), unknown, ended, effects, messages
    )


def _first(state: State, store: Store) -> int:
    """A number that nothing had that was made since the backup."""
    highest = max(state.next_run, state.next_wave, *state.versions.values(), 1)
    last = store.read(state.position - 1, 1)
    since = max(0.0, time.time() - last[0].event.at) if last else 0.0
    return math.ceil((highest + 1 + since * _RUNS_A_SECOND) / _ROUND) * _ROUND
