"""What is committed, told to a watcher by the process that leads."""

from __future__ import annotations

from odmd.control.leading.leader import Listener
from odmd.control.leading.plane import Watcher
from odmd.control.ports.log import Logged
from odmd.control.scheduler.events import Settled
from odmd.control.scheduler.state import State


def telling(watcher: Watcher) -> Listener:
    """Listens for a watcher."""

    def listen(entry: Logged, state: State) -> None:
        watcher.happened(entry.event)
        if isinstance(entry.event, Settled):
            for address in dict.fromkeys(state.dirty.settled):
                enver = state.envers[address]
                if not enver.owes and enver.run is None:
                    watcher.ended_without_run(address, enver.settled)

    return listen
