"""Brings back by itself what others changed, where the contracts say so of a stage.

It is a plan like any other, of what drifted and of nothing else: where more than that would move, because the branch
has something new, say, a person decides. So he does where the same drifts again and again: somebody else changes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from odmd.control.leading.by_itself import begin_by_itself
from odmd.control.leading.planner import Planner
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.drift import is_about_drift
from odmd.control.scheduler.messages import StartChange
from odmd.errors import OdmdError
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.recorded import RecordedEnver
from odmd.plan.words import duration, short
from odmd.texts import first_of

MOST_OFTEN: Final = 3
"""Times within `_WITHIN_SECONDS` that an enver is brought back by itself."""
_WITHIN_SECONDS: Final = 86_400.0
_WHAT: Final = "what others changed is to be brought back"
_NAMED: Final = 3


@dataclass(slots=True)
class DriftReverting:
    """That of one control plane, in the process that leads."""

    planner: Callable[[], AbstractContextManager[Planner]]
    begin: Callable[[StartChange], object]
    troubles: Troubles
    clock: Callable[[], float] = time.time
    _brought_back: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Enver → when it was; of this term."""

    def go_on(self) -> Plan | None:
        """Carries out a plan for what is known to have drifted; returns it, if anything begins.

        Raises:
            ToolMissing, ServerBusy
        """
        with self.planner() as planner:
            graph, recorded, envers = planner.graph, planner.recorded.envers, planner.state.envers
            mine = {one.address for one in graph.envers.values() if one.stage in graph.governed.reverting}
            moving = {one for one in mine if one in envers and envers[one].run is not None}
            drifted = {one for one in mine - moving if one in recorded and recorded[one].drifted}
            self._over(mine - drifted - moving)
            often = {enver: why for enver in drifted if (why := self._too_often(enver))}
            self._say(often)
            wanted = drifted - often.keys()
            return self._carried_out(planner, wanted) if wanted else None

    def _carried_out(self, planner: Planner, envers: Collection[str]) -> Plan | None:
        try:
            plan = planner.make(Limited(tuple(sorted(envers)), alone=True), refresh=False)
            if more := dict(_beyond_drift(plan, planner.recorded.envers)):
                self._say(more)
                rest = set(envers) - more.keys()
                return self._carried_out(planner, rest) if rest and len(rest) < len(envers) else None
            named = first_of([naming.enver_label(one) for one in sorted(envers)], _NAMED)
            if not begin_by_itself(planner, plan, self.begin, f"drift of {named} is reverted"):
                return None
        except OdmdError as refused:
            self._say(dict.fromkeys(envers, f"{refused.code} {refused.fact}"))
            return None
        for enver in envers:
            self._brought_back.setdefault(enver, []).append(self.clock())
        self._over(envers)
        return plan

    def _too_often(self, enver: str) -> str:
        now = self.clock()
        times = [one for one in self._brought_back.get(enver, ()) if one > now - _WITHIN_SECONDS]
        self._brought_back[enver] = times
        if len(times) < MOST_OFTEN:
            return ""
        since = duration(now - times[0])
        return f"it was brought back {len(times)} times within {since}, and drifted again: who changes it is to stop"

    def _say(self, whys: Mapping[str, str]) -> None:
        for enver, why in whys.items():
            self.troubles.say(enver, _WHAT, why)

    def _over(self, envers: Collection[str]) -> None:
        for enver in envers:
            self.troubles.unsay(enver, _WHAT)


def _beyond_drift(plan: Plan, recorded: Mapping[str, RecordedEnver]) -> Iterator[tuple[str, str]]:
    """Enver → what of the plan is more than to bring it back."""
    for step in (one for one in plan.steps() if one.certain):
        known, others = recorded[step.enver], [one for one in step.reasons if not is_about_drift(one)]
        if step.commit != known.commit and (not known.content or known.content != step.content):
            others.append(f"its source is at {short(step.commit)}")
        if known.slice != step.slice:
            others.append("the contracts say something else of it")
        if others:
            label = naming.enver_label(step.enver)
            said = f"more would move than what drifted: {first_of(others, _NAMED)}"
            yield step.enver, f"{said}; `odmd drift revert {label}` shows it"
