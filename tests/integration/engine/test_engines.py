"""What every engine does with committed effects: memory and DBOS, each behind its store."""

import threading
import time
from collections.abc import Callable

import pytest

from odmd.control.ports.engine import Engine
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.effects import Effect, MirrorProduct, RemoveRetired, SendLater
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import RetireValue
from odmd.engine.dbos_engine import DbosEngine
from odmd.engine.memory import ImmediateEngine
from odmd.store.memory import MemoryStore
from odmd.store.sql import SqlStore
from support.until import TOO_LONG

ALL_KINDS = [RemoveRetired("p", 1), MirrorProduct("p"), RemoveRetired("p", 2)]


class Performer:
    """Notes what it was asked for, and fails as often as it was told to."""

    def __init__(self) -> None:
        self.done: list[Effect] = []
        self.failures: dict[Effect, int] = {}
        self._changed = threading.Condition()

    def __call__(self, effect: Effect) -> None:
        with self._changed:
            if self.failures.get(effect, 0) > 0:
                self.failures[effect] -= 1
                raise ConnectionError("not now")
            self.done.append(effect)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[list[Effect]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.done), timeout=TOO_LONG), self.done


class Bench:
    """A store with its engine."""

    def __init__(self, where):
        if where is None:
            self.engine = ImmediateEngine()
            self.store = MemoryStore(self.engine.outbox)
        else:
            self.engine = DbosEngine(where)
            self.store = SqlStore(where, self.engine.outbox)

    def commit(self, *effects: Effect) -> None:
        end = self.store.load().position
        self.store.commit(end, [], [Logged(end + 1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def bench(request, tmp_path):
    match request.param:
        case "memory":
            made = Bench(None)
        case "sqlite":
            made = Bench(tmp_path / "state.db")
        case _:
            made = Bench(request.getfixturevalue("postgres"))
    yield made
    made.engine.stop()
    made.store.close()


@pytest.fixture
def performer():
    return Performer()


def test_it_is_the_port(bench):
    port: Engine = bench.engine
    assert port is bench.engine


def test_every_kind_of_effect_is_carried_out_once(bench, performer):
    bench.engine.start(performer)
    bench.commit(*ALL_KINDS)
    performer.wait_for(lambda done: len(done) == 3)
    assert sorted(map(repr, performer.done)) == sorted(map(repr, ALL_KINDS))


def test_effects_committed_before_the_start_are_carried_out(bench, performer):
    bench.commit(RemoveRetired("p", 1))
    bench.engine.start(performer)
    performer.wait_for(lambda done: done == [RemoveRetired("p", 1)])


def test_the_same_effect_of_two_commits_is_carried_out_twice(bench, performer):
    bench.engine.start(performer)
    bench.commit(MirrorProduct("p"))
    bench.commit(MirrorProduct("p"), MirrorProduct("p"))
    performer.wait_for(lambda done: len(done) == 3)


def test_one_that_fails_is_tried_again_and_holds_up_nothing(bench, performer):
    performer.failures[MirrorProduct("bad")] = 1
    bench.engine.start(performer)
    bench.commit(MirrorProduct("bad"), MirrorProduct("good"))
    performer.wait_for(lambda done: MirrorProduct("bad") in done)
    assert performer.done == [MirrorProduct("good"), MirrorProduct("bad")]


def test_a_timer_goes_off_when_it_is_due_and_not_before(bench, performer):
    due = time.time() + 1.0
    late = SendLater(due, RetireValue("p", 1))
    past = SendLater(due - 10, RetireValue("p", 2))
    far = SendLater(due + 3600, RetireValue("p", 3))
    bench.engine.start(performer)
    bench.commit(far, late, past)
    performer.wait_for(lambda done: late in done)
    assert time.time() >= due
    assert performer.done == [past, late]


def test_what_is_under_way_at_a_stop_is_done_now_or_at_the_next_start(bench):
    began, go_on = threading.Event(), threading.Event()

    def slow(_: Effect) -> None:
        began.set()
        go_on.wait(TOO_LONG)

    bench.engine.start(slow)
    bench.commit(RemoveRetired("p", 1))
    assert began.wait(TOO_LONG)
    stopping = threading.Thread(target=bench.engine.stop)
    stopping.start()
    go_on.set()
    stopping.join(timeout=TOO_LONG)
    assert not stopping.is_alive()


def test_stopping_what_never_started_is_fine(bench):
    bench.engine.stop()


def test_a_stopped_engine_carries_out_nothing_until_it_starts_again(bench, performer):
    bench.engine.start(performer)
    bench.commit(RemoveRetired("p", 1))
    performer.wait_for(lambda done: len(done) == 1)
    bench.engine.stop()
    bench.commit(RemoveRetired("p", 2))
    assert performer.done == [RemoveRetired("p", 1)]
    bench.engine.start(performer)
    performer.wait_for(lambda done: len(done) == 2)
    assert performer.done == [RemoveRetired("p", 1), RemoveRetired("p", 2)]
