"""Whose runs are given to others: who is gone, or not heard of by the leader's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from odmd.control.leading.workers import Watch, WorkerView
from odmd.control.scheduler.messages import LoseRun
from odmd.control.scheduler.runs import Run, RunMode
from odmd.plan import Fingerprint


@dataclass
class Floor:
    """Workers, their runs, and a watch over them that waits 10 s."""

    here: dict[str, WorkerView] = field(default_factory=dict[str, WorkerView])
    runs: list[Run] = field(default_factory=list[Run])
    lost: list[LoseRun] = field(default_factory=list[LoseRun])

    def __post_init__(self) -> None:
        self.watch = Watch(self, lambda: self.runs, self.lost.append, "mine", 10.0)

    def beat(self, worker: WorkerView) -> None:
        before = self.here.get(worker.name, worker)
        self.here[worker.name] = replace(before, beats=before.beats + 1)

    def workers(self) -> list[WorkerView]:
        return list(self.here.values())

    def leave(self, name: str) -> None:
        del self.here[name]

    def lives(self, name: str) -> None:
        self.beat(WorkerView(name, "1", "sha256:c", 2, 0.0))

    def takes(self, run: int, worker: str, attempt: int = 1) -> None:
        fingerprint = Fingerprint("c", "s", ())
        self.runs.append(Run(run, "e", fingerprint, (), RunMode.FULL, (), (), 0.0, attempt=attempt, worker=worker))

    def at(self, *moments: float) -> list[int]:
        """Looks at these moments; the runs that were lost by then."""
        for moment in moments:
            self.watch.look(moment)
        return [one.run for one in self.lost]


def test_who_is_gone_has_lost_its_runs_at_once() -> None:
    floor = Floor()
    floor.takes(1, "a", attempt=3)
    assert floor.at(0) == [1]
    assert floor.lost == [LoseRun(1, 3, "a is gone")]


def test_who_beats_keeps_them() -> None:
    floor = Floor()
    floor.takes(1, "a")
    for moment in range(0, 100, 4):
        floor.lives("a")
        assert floor.at(moment) == []


def test_who_is_not_heard_of_has_lost_them_and_is_forgotten() -> None:
    floor = Floor()
    floor.lives("a")
    floor.takes(1, "a")
    assert floor.at(0, 4, 8) == []
    assert floor.at(12) == [1]
    assert not floor.here


def test_who_is_surely_dead_is_not_waited_for() -> None:
    floor = Floor()
    floor.watch.is_dead = {"a"}.__contains__
    floor.lives("a")
    floor.lives("b")
    floor.takes(1, "a")
    floor.takes(2, "b")
    assert floor.at(0) == [1]
    assert list(floor.here) == ["b"]


def test_the_leaders_own_worker_and_runs_that_wait_are_left_alone() -> None:
    floor = Floor()
    floor.takes(1, "mine")
    floor.takes(2, "")
    assert floor.at(*range(0, 50, 4)) == []


def test_a_leader_that_slept_takes_nothing_from_anybody_for_that() -> None:
    floor = Floor()
    floor.lives("a")
    floor.takes(1, "a")
    assert floor.at(0, 4, 60) == [], "it slept for 56 s, not the worker"
    assert floor.at(64, 68) == []
    assert floor.at(72) == [1]
