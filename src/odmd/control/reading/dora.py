"""How well a team delivers, as DORA measures it, from the runs that are recorded.

Deployment: a run that ended well. Lead time: from the acceptance of the change that a deployment goes back to until its
end; what happened before the change was told to odmd is not in it. Failure rate: failed runs of all that ended, those
not counted that people cancelled. Recovery: from an enver's first failed run after one that went well to the next one
that does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from odmd.control.scheduler.runs import Run, RunMode, RunStatus


@dataclass(frozen=True, slots=True)
class Dora:
    """The figures of a build, or of all builds of a team."""

    team: str
    """Empty where the contracts do not say it any more."""
    build: str
    """Empty for the whole team."""
    deployments: int
    failed: int
    per_day: float
    """Deployments."""
    lead_time: float | None
    """Seconds, median."""
    lead_time_p90: float | None
    failure_rate: float | None
    """0 to 1."""
    recovery: float | None
    """Seconds, median."""


@dataclass(slots=True)
class _Counted:
    deployments: int = 0
    failed: int = 0
    leads: list[float] = field(default_factory=list[float])
    recoveries: list[float] = field(default_factory=list[float])


@dataclass(slots=True)
class _Outage:
    """Of one enver, read backwards."""

    over: float | None = None
    """When the next run that went well ended."""
    began: float | None = None
    """When the earliest failed run before that ended."""


def dora(
    runs: Iterable[Run],
    days: float,
    team_of: Callable[[str], str],
    accepted: Callable[[int], float | None],
) -> Sequence[Dora]:
    """By team, each followed by its builds.

    Args:
        runs: those that began in the window, newest first.
        days: the length of the window.
        team_of: of an enver.
        accepted: when a wave was; None when that is not recorded any more.
    """
    counted = dict[tuple[str, str], _Counted]()
    outages = dict[str, _Outage]()
    for run in runs:
        if run.finished_at is None or (run.cancelled and run.status is RunStatus.FAILED):
            continue
        if run.mode is RunMode.VERIFY and (run.suite or run.status is RunStatus.SUCCEEDED):
            continue  # it deployed nothing; one that does not pass is an outage, but for a suite that somebody tries
        team, build = team_of(run.enver), run.enver.partition("/")[0]
        rows = [counted.setdefault(key, _Counted()) for key in ((team, ""), (team, build))]
        since = accepted(run.root) if run.status is RunStatus.SUCCEEDED else None
        recovered = _look_back(outages.setdefault(run.enver, _Outage()), run.status, run.finished_at)
        for row in rows:
            row.deployments += run.status is RunStatus.SUCCEEDED
            row.failed += run.status is RunStatus.FAILED
            row.leads += [] if since is None else [max(0.0, run.finished_at - since)]
            row.recoveries += [] if recovered is None else [recovered]
    _finish(outages, counted, team_of)
    return [_figures(team, build, row, days) for (team, build), row in sorted(counted.items())]


def _look_back(outage: _Outage, status: RunStatus, ended: float) -> float | None:
    """Seconds of an outage that is complete now: the run before it went well."""
    if status is RunStatus.FAILED:
        outage.began = ended
        return None
    found = _seconds(outage)
    outage.over, outage.began = ended, None
    return found


def _seconds(outage: _Outage) -> float | None:
    return None if outage.over is None or outage.began is None else max(0.0, outage.over - outage.began)


def _finish(
    outages: Mapping[str, _Outage], counted: Mapping[tuple[str, str], _Counted], team_of: Callable[[str], str]
) -> None:
    """Outages with no run before them in the window."""
    for enver, outage in outages.items():
        if (found := _seconds(outage)) is not None:
            for build in ("", enver.partition("/")[0]):
                counted[team_of(enver), build].recoveries.append(found)


def _figures(team: str, build: str, row: _Counted, days: float) -> Dora:
    ended = row.deployments + row.failed
    leads = sorted(row.leads)
    return Dora(
        team=team,
        build=build,
        deployments=row.deployments,
        failed=row.failed,
        per_day=row.deployments / days,
        lead_time=median(leads) if leads else None,
        lead_time_p90=leads[math.ceil(0.9 * len(leads)) - 1] if leads else None,
        failure_rate=row.failed / ended if ended else None,
        recovery=median(row.recoveries) if row.recoveries else None,
    )
