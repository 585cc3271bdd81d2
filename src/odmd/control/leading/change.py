"""A plan is made, confirmed and carried out in the process that leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from odmd.control.leading.clone_plans import meant, meant_by
from odmd.control.leading.control_plane import ControlPlane
from odmd.control.leading.plane import Watcher
from odmd.control.leading.planner import Planner
from odmd.control.ports.store import Store
from odmd.control.reading.left import Left, what_is_left
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.start import because, refuse_breaking
from odmd.plan import Plan
from odmd.plan.build import Limited


@dataclass(slots=True)
class LedChange:
    """A `Change` of the control plane that this process leads, held until a plan is confirmed."""

    control: ControlPlane[Store]
    planner: Callable[[Mapping[str, str]], Planner]
    """Plans with the state of now; is told which envers lost a stack, and what of it."""
    lost: Callable[[], Mapping[str, str]]
    """Looks which envers lost a stack, and what of it."""
    watcher: Watcher
    by: Actor
    _gone: Mapping[str, str] = field(default_factory=dict[str, str])
    _planned: tuple[Planner, Plan] | None = None
    _retired: bool = True

    def interrupted(self) -> Sequence[Run]:
        return self.control.interrupted()

    def finish_interrupted(self) -> None:
        self.control.wait_for_runs()

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        planner = meant(self._planner(look=look), limited)
        plan = planner.make(limited, refresh=refresh)
        self._planned = planner, plan
        return plan

    def approved(self, digest: str, *, look: bool) -> Plan | None:
        planner = meant_by(self._planner(look=look), digest)
        plan = planner.approved(digest)
        self._planned = planner, plan
        return plan

    def begin(self, why: str, *, allow_dirty: bool, accepted: str = "") -> bool:
        del allow_dirty  # who confirmed the plan saw what is not committed
        if self._planned is None:
            return False
        planner, plan = self._planned
        refuse_breaking(plan, accepted)
        planner.carried_out()
        self.control.apply(plan, planner.compiled, self.by, because(plan, why, accepted), self._gone)
        return True

    def follow(self) -> None:
        self._retired = self.control.wait(self.watcher.waits)

    def left(self) -> Left:
        unmirrored = self.control.wait_for_mirror()
        troubles = [one.placed for one in self.control.troubles()]
        return what_is_left(self.control.desk.compiled.graph, self.control.state, unmirrored, self._retired, troubles)

    def _planner(self, *, look: bool) -> Planner:
        self._gone = self.lost() if look else {}
        return self.planner(self._gone)
