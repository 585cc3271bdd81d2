"""Runs of builds that jobs of GitHub carry out: given to a job, claimed by its two halves, failed where none comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.effects import SendLater, StartJob, effects_of
from odmd.control.scheduler.events import Event, JobStarted, RunClaimed, RunDispatched, RunFailed, RunPrepared
from odmd.control.scheduler.limits import Limits
from odmd.control.scheduler.messages import (
    CancelRun,
    ClaimRun,
    FinishRun,
    HandOnRun,
    Head,
    LoseRun,
    Message,
    NoteJob,
    StartChange,
    Tick,
    UseContracts,
)
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.graph.nodes import ActionsNode, BuildNode
from support.actors import SOMEBODY
from support.worlds import HERE, address, graph

PATIENCE = 600.0
RECIPE = "sha256:" + "1" * 64


class Yard:
    """Two envers: jobs carry out the first one's runs, workers the second one's."""

    def __init__(self, claimed_within: float | None = PATIENCE) -> None:
        builds = {
            f"e{n}": BuildNode(f"e{n}", "cdk", f"acme/e{n}", ".", "baristas", (), HERE, runs_on=jobs)
            for n, jobs in enumerate((ActionsNode("main", "ubuntu-24.04"), None))
        }
        self.graph = replace(graph(2, []), builds=builds)
        self.setup = Setup(self.graph, Limits(organisation=9), claimed_within=claimed_within)
        self.state, self.now = State(), 0.0
        self.send(UseContracts(self.setup.contracts, observed=1))

    def send(self, message: Message, after: float = 1.0) -> Sequence[Event]:
        self.now += after
        return handle(self.setup, self.state, message, self.now)

    def push(self, *numbers: int) -> Sequence[Event]:
        heads = tuple(Head(address(n), "one", self.graph.slice(address(n))) for n in numbers)
        return self.send(StartChange("push", SOMEBODY, "", heads))

    def only(self) -> int:
        (run,) = self.state.runs
        return run


def test_a_run_is_given_to_a_job_and_no_worker_takes_it() -> None:
    yard = Yard()
    events = yard.push(0)
    (given,) = (one for one in events if isinstance(one, RunDispatched))
    due = yard.now + PATIENCE
    assert list(effects_of(given)) == [StartJob(given.run, address(0), 0, given.at), SendLater(due, Tick(due))]
    assert yard.send(ClaimRun(None, "worker")) == []
    yard.push(1)
    (claimed,) = yard.send(ClaimRun(None, "worker"))
    assert isinstance(claimed, RunClaimed)
    assert yard.state.runs[claimed.run].enver == address(1)
    assert yard.send(ClaimRun(None, "worker")) == []


def test_its_two_halves_are_two_attempts() -> None:
    yard = Yard()
    yard.push(0)
    run = yard.only()
    assert yard.send(NoteJob(run, 0, "https://github.example/1")) == [JobStarted(run, "https://github.example/1", 3.0)]
    yard.send(ClaimRun(run, "build", prepares=True))
    assert not yard.state.runs[run].begun
    assert yard.send(ClaimRun(run, "another", prepares=True)) == []
    (prepared,) = yard.send(HandOnRun(run, 1, RECIPE))
    assert isinstance(prepared, RunPrepared)
    assert [type(one) for one in effects_of(prepared)] == [SendLater], "its job goes on: no other one is started"
    assert yard.send(HandOnRun(run, 1, RECIPE)) == [], "said again"
    yard.send(ClaimRun(run, "deploy"))
    assert yard.state.runs[run].begun
    yard.send(Tick(0), after=2 * PATIENCE)
    yard.send(FinishRun(run, 2, RECIPE, ()))
    assert not yard.state.runs


def test_which_job_it_is_may_be_known_after_it_came() -> None:
    yard = Yard()
    yard.push(0)
    run = yard.only()
    yard.send(ClaimRun(run, "build", prepares=True))
    assert [type(one) for one in yard.send(NoteJob(run, 0, "https://github.example/1"))] == [JobStarted]
    assert yard.send(NoteJob(run, 0, "https://github.example/2")) == [], "that is known"


@pytest.mark.parametrize("half", ["none", "build", "deploy"])
def test_a_job_that_does_not_come_fails_the_run(half: str) -> None:
    """Clean, unless somebody had it who may have moved something."""
    yard = Yard()
    yard.push(0)
    run = yard.only()
    if half != "none":
        yard.send(ClaimRun(run, "build", prepares=True))
        yard.send(HandOnRun(run, 1, RECIPE))
    if half == "deploy":
        yard.send(ClaimRun(run, "deploy"))
        (_, again) = yard.send(LoseRun(run, 2, "gone"))
        assert isinstance(again, RunDispatched)
        yard.send(NoteJob(run, 2, "https://github.example/2"))
    assert yard.send(Tick(0), after=PATIENCE / 2) == []
    (failed, *_) = yard.send(Tick(0), after=PATIENCE)
    assert isinstance(failed, RunFailed)
    assert failed.clean is (half != "deploy")
    assert ("github.example/2" in failed.error) is (half == "deploy")


def test_a_build_that_is_lost_is_given_to_another_job() -> None:
    yard = Yard()
    yard.push(0)
    run = yard.only()
    yard.send(NoteJob(run, 0, "https://github.example/1"))
    yard.send(ClaimRun(run, "build", prepares=True))
    assert [type(one).__name__ for one in yard.send(LoseRun(run, 1, "gone"))] == ["RunLost", "RunDispatched"]
    assert (yard.state.runs[run].job, yard.state.runs[run].lost_jobs) == ("", ("https://github.example/1",))
    assert yard.send(NoteJob(run, 0, "https://github.example/late")) == []


def test_one_that_only_was_prepared_is_cancelled_at_once() -> None:
    yard = Yard()
    yard.push(0)
    run = yard.only()
    yard.send(ClaimRun(run, "build", prepares=True))
    yard.send(HandOnRun(run, 1, RECIPE))
    assert any(isinstance(one, RunFailed) and one.clean for one in yard.send(CancelRun(run, SOMEBODY)))


def test_where_nobody_starts_jobs_workers_take_all() -> None:
    yard = Yard(claimed_within=None)
    yard.push(0)
    assert yard.state.runs[yard.only()].status is RunStatus.STARTED
    assert [type(one) for one in yard.send(ClaimRun(None, "worker"))] == [RunClaimed]


def test_a_process_that_begins_anew_waits_for_the_same_jobs() -> None:
    yard = Yard()
    yard.push(0)
    old = yard.state
    yard.state = State.restore(
        old.position,
        next_run=old.next_run,
        next_wave=old.next_wave,
        versions=old.versions,
        envers=old.envers.values(),
        runs=old.runs.values(),
        values=[],
        waves=old.waves.values(),
        standing=old.standing,
    )
    assert yard.send(Tick(0)) == [], "none is started again"
    assert isinstance(yard.send(Tick(0), after=PATIENCE)[0], RunFailed)
