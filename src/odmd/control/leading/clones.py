"""Clones whose time is over, or that somebody deleted, go by a plan of their own, until nothing is left of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from odmd.control.leading.clone_plans import ending
from odmd.control.leading.planner import Planner
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.clones import KeptClones, in_force
from odmd.control.scheduler.messages import Message, Tick
from odmd.control.scheduler.start import start_change
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.graph.nodes import CloneSetNode
from odmd.model import naming
from odmd.plan.build import Limited

T = TypeVar("T")

_WHAT: Final = "what is left of it is to be removed"
_AGAIN_SECONDS: Final = 600.0


class StateLook(Protocol):
    """Reads the state of who decides, for a moment."""

    def __call__(self, read: Callable[[State], T], /) -> T: ...


@dataclass(slots=True)
class ClonesOnDemand:
    """Those of one control plane, in the process that leads."""

    look: StateLook
    in_force: Callable[[], Sequence[CloneSetNode]]
    """Those that the contracts in force have."""
    use: Callable[[], object]
    """Puts contracts in force with the clones that are to be there now."""
    planner: Callable[[], AbstractContextManager[Planner]]
    tell: Callable[[Message], object]
    troubles: Troubles
    clock: Callable[[], float] = time.time
    _tried: dict[str, float] = field(default_factory=dict[str, float])
    """When the removal of a set was begun last."""

    def go_on(self) -> None:
        """Ends what is due, has contracts without clones that ended, and removes what is there of these.

        Raises:
            ToolMissing, ServerBusy
        """
        now = self.clock()
        if self.look(lambda state: state.agenda.clones.first(now) is not None):
            self.tell(Tick(now))
        if self.look(lambda state: in_force(state.clones.values())) != list(self.in_force()):
            self.use()
        ended = self.look(lambda state: list(_ended(state)))
        self._tried = {one.address: self._tried[one.address] for one in ended if one.address in self._tried}
        if again := [one for one in ended if self._tried.get(one.address, 0.0) + _AGAIN_SECONDS <= now]:
            self._tried |= {one.address: now for one in again}
            with self.planner() as planner:
                for kept in again:
                    self._remove(planner, kept)

    def _remove(self, planner: Planner, kept: KeptClones) -> None:
        planner = ending(planner, kept.set)
        try:
            plan = planner.make(Limited(), refresh=False)
            planner.carried_out()
            self.tell(start_change(plan, ODMD, f"{naming.enver_label(kept.address)}: {kept.ended}"))
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
