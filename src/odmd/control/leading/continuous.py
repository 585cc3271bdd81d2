"""Continuous deployment: what branches get is planned, and the plan carried out, where the contracts say so of a stage.

It is a plan like any other: kept, told apart by its digest, and bound by gates, pauses, pins and questions. What a
person would have to allow before it begins it does not begin, and says so among the troubles of its envers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from odmd.control.leading.by_itself import begin_by_itself
from odmd.control.leading.planner import Planner
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.messages import StartChange
from odmd.errors import OdmdError
from odmd.graph import Graph
from odmd.plan import Plan
from odmd.plan.behind import continuous
from odmd.plan.build import Limited
from odmd.plan.words import short
from odmd.texts import first_of

_WHAT: Final = "what its branch got is to be deployed"
_NAMED: Final = 3


@dataclass(slots=True)
class ContinuousDeployment:
    """That of one control plane, in the process that leads."""

    planner: Callable[[], AbstractContextManager[Planner]]
    begin: Callable[[StartChange], object]
    troubles: Troubles
    _tried: Mapping[str, str] = field(default_factory=dict[str, str])
    """What was planned for last, so that what comes to nothing is not planned each time; what was refused is."""

    def go_on(self, repos: Collection[str] | None = None) -> Plan | None:
        """Reads the branches, and carries out a plan where one moved; returns it, if anything begins.

        Args:
            repos: that may have moved, in small letters; None: all.

        Raises:
            ToolMissing, ServerBusy
        """
        with self.planner() as planner:
            behind = planner.behind(repos)
            if behind == self._tried:
                return None
            self._over({*self._tried, *(one.address for one in continuous(planner.graph))} - behind.keys())
            self._tried = behind
            return self._carried_out(planner, behind) if behind else None

    def _carried_out(self, planner: Planner, behind: Mapping[str, str]) -> Plan | None:
        try:
            plan = planner.make(Limited(behind.keys(), alone=True), refresh=False)
            if not begin_by_itself(planner, plan, self.begin, _cause(planner.graph, behind)):
                return None
        except OdmdError as refused:
            why = f"{refused.code} {refused.fact}"
            for enver in behind:
                self.troubles.say(enver, _WHAT, why)
            self._tried = {}
            return None
        self._over(behind)
        return plan

    def _over(self, envers: Collection[str]) -> None:
        for enver in envers:
            self.troubles.unsay(enver, _WHAT)


def _cause(graph: Graph, behind: Mapping[str, str]) -> str:
    return first_of(_sources(graph, behind), _NAMED)


def _sources(graph: Graph, behind: Mapping[str, str]) -> Sequence[str]:
    """Each branch or tag that moved, and where to; those that take it over follow it."""
    followed: Iterable[tuple[str, str]] = (
        (f"{node.repo} {node.revision.partition(':')[2]}", behind[node.address])
        for node in map(graph.envers.__getitem__, behind)
        if not node.promoted_from
    )
    return [f"{which} is at {short(commit)}" for which, commit in dict(followed).items()]
