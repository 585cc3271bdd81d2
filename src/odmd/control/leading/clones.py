"""Clones whose time is over, or that somebody deleted, go by a plan of their own, until nothing is left of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from odmd.control.leading.planner import Planner
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.clones import KeptClones, in_force
from odmd.control.scheduler.messages import StartChange
from odmd.control.scheduler.start import start_change
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.model import naming
from odmd.plan.build import Limited

_WHAT: Final = "what is left of it is to be removed"
_AGAIN_SECONDS: Final = 600.0


@dataclass(slots=True)
class ClonesOnDemand:
    """Those of one control plane, in the process that leads."""

    planner: Callable[[], AbstractContextManager[Planner]]
    use: Callable[[], None]
    """Puts the contracts in force with the clones that are to be there now."""
    begin: Callable[[StartChange], object]
    troubles: Troubles
    clock: Callable[[], float] = time.time
    _tried: dict[str, float] = field(default_factory=dict[str, float])
    """When the removal of a set was begun last."""

    def go_on(self) -> None:
        """Has contracts without clones that ended, and removes what is there of these.

        Raises:
            ToolMissing, ServerBusy
        """
        with self.planner() as planner:
            outdated = tuple(in_force(planner.state.clones.values())) != planner.graph.clones
        if outdated:
            self.use()
        with self.planner() as planner:
            for kept in _ended(planner.state):
                if self._tried.get(kept.address, 0.0) + _AGAIN_SECONDS <= self.clock():
                    self._tried[kept.address] = self.clock()
                    self._remove(planner, kept)
            self._tried = {one: at for one, at in self._tried.items() if one in planner.state.clones}

    def _remove(self, planner: Planner, kept: KeptClones) -> None:
        planner = planner.ending(kept.set)
        try:
            plan = planner.make(Limited(), refresh=False)
            planner.carried_out()
            self.begin(start_change(plan, ODMD, f"{naming.enver_label(kept.address)}: {kept.ended}"))
        except OdmdError as refused:
            self.troubles.say(kept.address, _WHAT, f"{refused.code} {refused.fact}")
        else:
            self.troubles.unsay(kept.address, _WHAT)


def _ended(state: State) -> Iterator[KeptClones]:
    """Those of which something is there that nobody removes now."""
    for kept in state.clones.values():
        envers = [state.envers[one] for one in kept.set.addresses if one in state.envers]
        waits = (one.departure is None or bool(one.departure.failure) for one in envers if not one.removed)
        if kept.ended and any(waits):
            yield kept
