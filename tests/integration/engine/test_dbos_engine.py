"""What a crash, a rollback and a second enqueueing do to effects that lie in a database."""

import signal
import sqlite3
import statistics
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from dbos import DBOSClient

from odmd.control.ports.log import Logged, PositionMoved, Touched
from odmd.control.scheduler.effects import Effect, MirrorProduct, RemoveRetired, SendLater
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import RetireValue
from odmd.engine.dbos_engine import DbosEngine
from odmd.errors import StateUnreadable
from odmd.store.database import Database
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres, Where
from support.forked import Forked, forge
from support.until import TOO_LONG, until

CHILD = """
    import os, sys, threading, time
    from pathlib import Path
    from odmd.control.scheduler.effects import *
    from odmd.control.scheduler.events import RunClaimed
    from odmd.control.scheduler.messages import RetireValue
    from odmd.control.ports.log import Logged, Touched
    from odmd.engine.dbos_engine import DbosEngine
    from odmd.store.sql import SqlStore
    from odmd.store.where import Postgres

    where = Postgres(sys.argv[1]) if "://" in sys.argv[1] else Path(sys.argv[1])
    engine = DbosEngine(where, epoch=int(sys.argv[2]))
    store = SqlStore(where, engine.outbox)

    def commit(*effects):
        end = store.load().position
        store.commit(end, [], [Logged(end + 1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)

    def say(*words):
        os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # whole lines, from any thread
"""


def child(where: Where, code: str, epoch: int = 0) -> Forked:
    program = textwrap.dedent(CHILD) + textwrap.dedent(code)
    place = where.url if isinstance(where, Postgres) else str(where)
    return forge().start_program(program, place, epoch)


def kill(process: Forked) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TOO_LONG)


class Collector:
    def __init__(self) -> None:
        self.done: list[Effect] = []
        self.at: list[float] = []
        self._changed = threading.Condition()

    def __call__(self, effect: Effect) -> None:
        with self._changed:
            self.done.append(effect)
            self.at.append(time.perf_counter())
            self._changed.notify_all()

    def wait_for_number(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.done) >= count, timeout=TOO_LONG), self.done


@pytest.fixture
def started(where):
    """Starts an engine on the database, and stops it in the end."""
    engines = []

    def start(collector: Collector, epoch: int = 0) -> DbosEngine:
        engine = DbosEngine(where, epoch=epoch)
        engines.append(engine)
        engine.start(collector)
        return engine

    yield start
    for engine in engines:
        engine.stop()


def commit(store: SqlStore, *effects: Effect) -> None:
    end = store.load().position
    store.commit(end, [], [Logged(end + 1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)


class TestTransactions:
    def test_a_refused_commit_leaves_no_effect(self, where, started):
        collector = Collector()
        engine = started(collector)
        store = SqlStore(where, engine.outbox)
        with pytest.raises(PositionMoved):
            store.commit(5, [], [Logged(6, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), [RemoveRetired("p", 1)])
        commit(store, RemoveRetired("p", 2))
        collector.wait_for_number(1)
        assert collector.done == [RemoveRetired("p", 2)]

    def test_a_rolled_back_transaction_leaves_no_effect(self, where, started):
        collector = Collector()
        engine = started(collector)
        store = SqlStore(where, lambda *given: (engine.outbox(*given), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            commit(store, RemoveRetired("p", 1))
        commit(SqlStore(where, engine.outbox), RemoveRetired("p", 2))
        collector.wait_for_number(1)
        assert collector.done == [RemoveRetired("p", 2)]

    def test_the_same_commit_enqueued_twice_is_carried_out_once(self, where, started):
        collector = Collector()
        engine = started(collector)
        for _ in range(2):
            with Database(where).writing() as connection:
                engine.outbox(connection, 1, [RemoveRetired("p", 1)])
        commit(SqlStore(where, engine.outbox))
        commit(SqlStore(where, engine.outbox), RemoveRetired("p", 2))
        collector.wait_for_number(2)
        assert sorted(effect.version for effect in collector.done) == [1, 2]

    def test_a_file_that_is_no_database_is_refused_with_a_next_step(self, tmp_path):
        path = tmp_path / "state.db"
        path.write_text("a letter to grandmother" * 100)
        with pytest.raises(StateUnreadable, match="not a database"):
            DbosEngine(path)

    def test_what_the_database_refuses_is_told_as_that(self, tmp_path):
        path = tmp_path / "state.db"
        DbosEngine(path).stop()
        with closing(sqlite3.connect(path)) as db:
            db.execute("DROP TABLE queues")
        with pytest.raises(StateUnreadable, match="no such table"):
            DbosEngine(path)


class TestKilled:
    def test_effects_nobody_began_are_carried_out_at_the_next_start(self, where, started):
        process = child(where, "commit(RemoveRetired('p', 1), MirrorProduct('p')); say('committed'); time.sleep(60)")
        assert process.stdout.readline() == "committed\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(2)
        assert sorted(map(repr, collector.done)) == [
            "MirrorProduct(product='p')",
            "RemoveRetired(product='p', version=1, began=0.0)",
        ]

    def test_an_effect_under_way_is_carried_out_again_soon_after_the_next_start(self, where, started):
        process = child(
            where,
            """
            def perform(effect):
                say("began", effect)
                time.sleep(60)
            engine.start(perform)
            commit(RemoveRetired("p", 1))
            time.sleep(60)
            """,
        )
        assert process.stdout.readline() == "began RemoveRetired(product='p', version=1, began=0.0)\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert collector.done == [RemoveRetired("p", 1)]

    def test_a_waiting_attempt_survives(self, where, started):
        process = child(
            where,
            """
            failed = threading.Semaphore(0)
            def perform(effect):
                failed.release()
                raise ConnectionError("no")
            engine.start(perform)
            commit(MirrorProduct("p"))
            for _ in range(2):
                failed.acquire()
            say("failed twice")
            time.sleep(60)
            """,
        )
        assert process.stdout.readline() == "failed twice\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert collector.done == [MirrorProduct("p")]

    def test_a_timer_survives_and_is_not_early(self, where, started):
        due = time.time() + 1.5
        process = child(where, f"commit(SendLater({due}, RetireValue('p', 1))); say('set'); time.sleep(60)")
        assert process.stdout.readline() == "set\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert time.time() >= due
        assert collector.done == [SendLater(due, RetireValue("p", 1))]

    @pytest.mark.parametrize("after", [1, 7, 15])
    def test_nothing_committed_is_lost_wherever_it_was_killed(self, where, started, after):
        process = child(
            where,
            """
            engine.start(lambda effect: say("did", effect.version))
            for n in range(20):
                commit(RemoveRetired("p", n))
                say("committed", n)
            time.sleep(60)
            """,
        )
        committed, done = set(), set()
        while len(done) < after:
            verb, number = process.stdout.readline().split()
            (committed if verb == "committed" else done).add(int(number))
        process.send_signal(signal.SIGKILL)
        for line in process.communicate(timeout=TOO_LONG)[0].splitlines():
            (committed if line.startswith("committed") else done).add(int(line.split()[1]))
        collector = Collector()
        engine = started(collector)
        commit(SqlStore(where, engine.outbox), RemoveRetired("p", 99))
        collector.wait_for_number(1)
        deadline = time.monotonic() + 30
        while not committed <= done | {effect.version for effect in collector.done}:
            assert time.monotonic() < deadline, (committed, done, collector.done)
            collector.wait_for_number(len(collector.done))


class TestStopping:
    def test_a_process_ends_quickly_and_prints_nothing_of_its_own(self, where):
        process = child(
            where,
            """
            done = threading.Event()
            engine.start(lambda effect: done.set())
            commit(RemoveRetired("p", 1))
            assert done.wait(30)
            began = time.monotonic()
            engine.stop()
            say("stopped", time.monotonic() - began < 5)
            """,
        )
        out, err = process.communicate(timeout=60)
        assert (out, err, process.returncode) == ("stopped True\n", "", 0)

    def test_a_failing_effect_prints_nothing(self, where):
        process = child(
            where,
            """
            failed = threading.Event()
            def perform(effect):
                failed.set()
                raise ConnectionError("no")
            engine.start(perform)
            commit(RemoveRetired("p", 1))
            assert failed.wait(30)
            engine.stop()
            """,
        )
        assert process.communicate(timeout=60) == ("", "")

    def test_an_effect_that_outlasts_the_stop_is_left_to_the_next_start(self, where, started):
        process = child(
            where,
            """
            engine._patience = 0.1
            began = threading.Event()
            def perform(effect):
                began.set()
                time.sleep(60)
            engine.start(perform)
            commit(RemoveRetired("p", 1))
            assert began.wait(30)
            engine.stop()
            say("stopped")
            os._exit(0)
            """,
        )
        assert process.communicate(timeout=60) == ("stopped\n", "")
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert collector.done == [RemoveRetired("p", 1)]

    def test_only_one_engine_of_a_process_runs(self, where, started):
        started(Collector())
        with pytest.raises(RuntimeError, match="another engine"):
            DbosEngine(where).start(Collector())


def test_an_effect_begins_soon_after_its_commit(where, started):
    collector = Collector()
    store = SqlStore(where, started(collector).outbox)
    waited = []
    for n in range(10):
        commit(store, RemoveRetired("p", n))
        committed = time.perf_counter()
        collector.wait_for_number(n + 1)
        waited.append(collector.at[n] - committed)
    assert statistics.median(waited) < 0.5  # some 0.05 s on a machine with nothing else to do


def test_effects_are_forgotten_a_day_after_they_were_carried_out(where, started, monkeypatch):
    collector = Collector()
    engine = started(collector)
    commit(SqlStore(where, engine.outbox), RemoveRetired("p", 1))
    collector.wait_for_number(1)
    engine.tidy()
    assert kept(where) == 1
    monkeypatch.setattr("odmd.engine.dbos_engine.KEEP_SECONDS", -3600.0)
    until(lambda: engine.tidy() or kept(where) == 0)


class TestEachHour:
    def test_it_is_done_once_an_hour_whoever_leads(self, where, monkeypatch):
        monkeypatch.setattr("odmd.engine.dbos_engine.time", Clock(1_000_000_000.0))
        done = threading.Semaphore(0)
        for _ in range(2):
            engine, collector = DbosEngine(where), Collector()
            engine.each_hour(done.release)
            engine.start(collector)
            commit(SqlStore(where, engine.outbox), RemoveRetired("p", 1))
            collector.wait_for_number(1)
            until(lambda: kept(where, "odmd.hourly", "SUCCESS") == 1)
            engine.stop()
        assert done.acquire(timeout=TOO_LONG)
        assert not done.acquire(blocking=False)
        assert kept(where, "odmd.hourly", "DELAYED") == 1

    def test_it_goes_on_from_hour_to_hour(self, where, monkeypatch):
        monkeypatch.setattr("odmd.engine.dbos_engine.HOUR_SECONDS", 1.0)
        done = threading.Semaphore(0)
        engine = DbosEngine(where)
        engine.each_hour(done.release)
        engine.start(Collector())
        assert all(done.acquire(timeout=TOO_LONG) for _ in range(2))
        engine.stop()

    def test_one_that_fails_waits_for_the_next_hour(self, where):
        failed = threading.Semaphore(0)

        def fail() -> None:
            failed.release()
            raise ConnectionError("no")

        engine = DbosEngine(where)
        engine.each_hour(fail)
        engine.start(Collector())
        assert failed.acquire(timeout=TOO_LONG)
        until(lambda: kept(where, "odmd.hourly", "DELAYED") == 1)
        engine.stop()


class TestTerms:
    """Leaders of one database on several machines."""

    def test_the_next_leader_takes_over_what_a_dead_one_began(self, postgres):
        process = child(postgres, HANGS, epoch=1)
        assert process.stdout.readline() == "began RemoveRetired(product='p', version=1, began=0.0)\n"
        kill(process)
        with leading(postgres, 2) as (_, collector):
            collector.wait_for_number(1)
            assert collector.done == [RemoveRetired("p", 1)]

    def test_two_that_live_never_do_the_same(self, postgres):
        begins = "engine.start(lambda effect: say('did', effect.version)); say('started'); time.sleep(60)"
        others = [child(postgres, begins, epoch) for epoch in (1, 2)]
        assert [other.stdout.readline() for other in others] == ["started\n"] * 2
        with leading(postgres, 3) as (engine, collector):
            store = SqlStore(postgres, engine.outbox)
            commit(store, *(RemoveRetired("p", n) for n in range(60)))
            until(lambda: kept(postgres, status="SUCCESS") == 60)
            done = [effect.version for effect in collector.done]
        for other in others:
            other.send_signal(signal.SIGKILL)
            done += [int(line.split()[1]) for line in other.communicate(timeout=TOO_LONG)[0].splitlines()]
        assert sorted(done) == list(range(60))

    def test_an_older_leader_takes_nothing_from_a_newer_one(self, postgres):
        process = child(postgres, HANGS, epoch=2)
        assert process.stdout.readline() == "began RemoveRetired(product='p', version=1, began=0.0)\n"
        with leading(postgres, 1) as (engine, collector):
            commit(SqlStore(postgres, engine.outbox), MirrorProduct("p"))
            until(lambda: kept(postgres, status="SUCCESS") == 1)
            assert RemoveRetired("p", 1) not in collector.done
        kill(process)

    def test_what_a_stopped_leader_takes_after_its_term_is_taken_from_it(self, postgres, monkeypatch):
        monkeypatch.setattr("odmd.engine.dbos_engine.LOOK_AFTER_SECONDS", 0.1)
        with leading(postgres, 2) as (_, collector):
            old = child(postgres, HANGS, epoch=1)
            until(lambda: RemoveRetired("p", 1) in collector.done)
        kill(old)


HANGS = """
    def perform(effect):
        if isinstance(effect, RemoveRetired):
            say("began", effect)
            time.sleep(60)
    engine.start(perform)
    commit(RemoveRetired("p", 1))
    time.sleep(60)
"""


@contextmanager
def leading(where: Where, epoch: int) -> Iterator[tuple[DbosEngine, Collector]]:
    engine, collector = DbosEngine(where, epoch=epoch), Collector()
    engine.start(collector)
    try:
        yield engine, collector
    finally:
        engine.stop()


class Clock:
    """Stands still."""

    strftime, gmtime, monotonic = time.strftime, time.gmtime, time.monotonic

    def __init__(self, now: float) -> None:
        self.time = lambda: now


def kept(where: Where, name: str = "odmd.carry_out", status: str | None = None) -> int:
    """How many workflows DBOS knows."""
    client = DBOSClient(system_database_url=where.url if isinstance(where, Postgres) else f"sqlite:///{where}")
    try:
        return len(client.list_workflows(name=name, status=status))
    finally:
        client.destroy()
