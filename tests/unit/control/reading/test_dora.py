"""The figures of histories made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from odmd.control.reading.dora import Dora, dora
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.plan.fingerprint import Fingerprint

OK, BAD = RunStatus.SUCCEEDED, RunStatus.FAILED


def run(id: int, enver: str, status: RunStatus, ended: float | None, *, root: int = 1, cancelled: str = "") -> Run:
    return Run(
        id, enver, Fingerprint("c", "k", ()), (), RunMode.FULL, (root,), (), 0.0,
        status=status, finished_at=ended, root=root, cancelled=cancelled,
    )  # fmt: skip


def figures(runs: Sequence[Run], days: float = 2.0) -> dict[str, Dora]:
    waves = {1: 0.0, 2: 100.0}
    found = dora(sorted(runs, key=lambda run: -run.id), days, lambda enver: f"team-{enver[0]}", waves.get)
    assert [(one.team, one.build) for one in found] == sorted((one.team, one.build) for one in found)
    return {one.build or one.team: one for one in found}


def test_nothing_ran() -> None:
    assert figures([]) == {}
    assert figures([run(1, "a/x", RunStatus.CLAIMED, None)]) == {}


def test_frequency_and_lead_time_are_those_of_runs_that_went_well() -> None:
    found = figures([run(n, "a/x", OK, 10.0 * n) for n in range(1, 11)] + [run(11, "b/x", BAD, 5.0)])
    assert (found["a"].deployments, found["a"].per_day, found["a"].failure_rate) == (10, 5.0, 0.0)
    assert (found["a"].lead_time, found["a"].lead_time_p90) == (55.0, 90.0)
    assert (found["b"].deployments, found["b"].lead_time, found["b"].failure_rate) == (0, None, 1.0)


def test_lead_time_begins_with_the_change_and_not_with_the_run() -> None:
    assert figures([run(1, "a/x", OK, 130.0, root=2)])["a"].lead_time == 30.0
    assert figures([run(1, "a/x", OK, 130.0, root=9)])["a"].lead_time is None, "not recorded any more"


def test_recovery_is_from_the_first_failure_to_the_next_success_of_the_same_enver() -> None:
    history = [
        run(1, "a/x", OK, 1.0), run(2, "a/x", BAD, 10.0), run(3, "a/y", OK, 11.0), run(4, "a/x", BAD, 20.0),
        run(5, "a/x", OK, 40.0), run(6, "a/x", BAD, 50.0), run(7, "a/x", OK, 60.0), run(8, "a/x", BAD, 99.0),
    ]  # fmt: skip
    assert figures(history)["a"].recovery == pytest.approx(20.0), "30 and 10; the last one lasts"
    assert figures([run(1, "a/x", BAD, 10.0), run(2, "a/x", OK, 25.0)])["a"].recovery == 15.0, "from the first on"


def test_what_people_cancelled_did_not_fail() -> None:
    found = figures([run(1, "a/x", OK, 1.0), run(2, "a/x", BAD, 2.0, cancelled="ada"), run(3, "a/x", OK, 3.0)])
    assert (found["a"].failure_rate, found["a"].recovery) == (0.0, None)


def test_a_team_has_all_its_builds() -> None:
    found = figures([run(1, "a1/x", OK, 1.0), run(2, "a2/x", OK, 2.0), run(3, "b/x", OK, 2.0)])
    assert found["team-a"].deployments == 2
    assert (found["a1"].deployments, found["team-b"].deployments) == (1, 1)


def test_a_verification_is_no_deployment_and_one_that_does_not_pass_is_an_outage() -> None:
    again = [replace(run(n, "a/x", how, n * 10.0), mode=RunMode.VERIFY) for n, how in ((2, OK), (3, BAD))]
    found = figures([run(1, "a/x", OK, 1.0), *again, run(4, "a/x", OK, 70.0)])["a"]
    assert (found.deployments, found.failed, found.recovery) == (2, 1, 40.0)
