"""What a crash, a rollback and a second enqueueing do to effects that lie in a file."""

import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from odmd.control.effects import DispatchRun, Effect, MirrorProduct, SendLater
from odmd.control.events import RunClaimed
from odmd.control.messages import RetireValue
from odmd.control.ports import Logged, PositionMoved, Touched
from odmd.engine.dbos_engine import DbosEngine
from odmd.errors import StateUnreadable
from odmd.store.database import Database
from odmd.store.sql import SqlStore

CHILD = """
    import os, sys, threading, time
    from pathlib import Path
    from odmd.control.effects import *
    from odmd.control.events import RunClaimed
    from odmd.control.messages import RetireValue
    from odmd.control.ports import Logged, Touched
    from odmd.engine.dbos_engine import DbosEngine
    from odmd.store.sql import SqlStore

    path = Path(sys.argv[1])
    engine = DbosEngine(path)
    store = SqlStore(path, engine.outbox)

    def commit(*effects):
        end = store.load().position
        store.commit(end, [], [Logged(end + 1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)

    def say(*words):
        os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # whole lines, from any thread
"""


def child(path, code: str) -> subprocess.Popen:
    program = textwrap.dedent(CHILD) + textwrap.dedent(code)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", program, str(path)], **pipes)


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


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
            assert self._changed.wait_for(lambda: len(self.done) >= count, timeout=30), self.done


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def started(path):
    """Starts an engine on the file, and stops it in the end."""
    engines = []

    def start(collector: Collector) -> DbosEngine:
        engine = DbosEngine(path)
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
    def test_a_refused_commit_leaves_no_effect(self, path, started):
        collector = Collector()
        engine = started(collector)
        store = SqlStore(path, engine.outbox)
        with pytest.raises(PositionMoved):
            store.commit(5, [], [Logged(6, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), [DispatchRun(1)])
        commit(store, DispatchRun(2))
        collector.wait_for_number(1)
        assert collector.done == [DispatchRun(2)]

    def test_a_rolled_back_transaction_leaves_no_effect(self, path, started):
        collector = Collector()
        engine = started(collector)
        store = SqlStore(path, lambda *given: (engine.outbox(*given), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            commit(store, DispatchRun(1))
        commit(SqlStore(path, engine.outbox), DispatchRun(2))
        collector.wait_for_number(1)
        assert collector.done == [DispatchRun(2)]

    def test_the_same_commit_enqueued_twice_is_carried_out_once(self, path, started):
        collector = Collector()
        engine = started(collector)
        for _ in range(2):
            with Database(path).writing() as connection:
                engine.outbox(connection, 1, [DispatchRun(1)])
        commit(SqlStore(path, engine.outbox))
        commit(SqlStore(path, engine.outbox), DispatchRun(2))
        collector.wait_for_number(2)
        assert sorted(effect.run for effect in collector.done) == [1, 2]

    def test_a_file_that_is_no_database_is_refused_with_a_next_step(self, path):
        path.write_text("a letter to grandmother" * 100)
        with pytest.raises(StateUnreadable, match="not a database"):
            DbosEngine(path)


class TestKilled:
    def test_effects_nobody_began_are_carried_out_at_the_next_start(self, path, started):
        process = child(path, "commit(DispatchRun(1), MirrorProduct('p')); say('committed'); time.sleep(60)")
        assert process.stdout.readline() == "committed\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(2)
        assert sorted(map(repr, collector.done)) == ["DispatchRun(run=1)", "MirrorProduct(product='p')"]

    def test_an_effect_under_way_is_carried_out_again_soon_after_the_next_start(self, path, started):
        process = child(
            path,
            """
            def perform(effect):
                say("began", effect)
                time.sleep(60)
            engine.start(perform)
            commit(DispatchRun(1))
            time.sleep(60)
            """,
        )
        assert process.stdout.readline() == "began DispatchRun(run=1)\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert collector.done == [DispatchRun(1)]

    def test_a_waiting_attempt_survives(self, path, started):
        process = child(
            path,
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

    def test_a_timer_survives_and_is_not_early(self, path, started):
        due = time.time() + 3
        process = child(path, f"commit(SendLater({due}, RetireValue('p', 1))); say('set'); time.sleep(60)")
        assert process.stdout.readline() == "set\n"
        kill(process)
        collector = Collector()
        started(collector)
        collector.wait_for_number(1)
        assert time.time() >= due
        assert collector.done == [SendLater(due, RetireValue("p", 1))]

    @pytest.mark.parametrize("after", [1, 7, 15])
    def test_nothing_committed_is_lost_wherever_it_was_killed(self, path, started, after):
        process = child(
            path,
            """
            engine.start(lambda effect: say("did", effect.run))
            for n in range(20):
                commit(DispatchRun(n))
                say("committed", n)
            time.sleep(60)
            """,
        )
        committed, done = set(), set()
        while len(done) < after:
            verb, number = process.stdout.readline().split()
            (committed if verb == "committed" else done).add(int(number))
        process.send_signal(signal.SIGKILL)
        for line in process.communicate(timeout=30)[0].splitlines():
            (committed if line.startswith("committed") else done).add(int(line.split()[1]))
        collector = Collector()
        engine = started(collector)
        commit(SqlStore(path, engine.outbox), DispatchRun(99))
        collector.wait_for_number(1)
        deadline = time.monotonic() + 30
        while not committed <= done | {effect.run for effect in collector.done}:
            assert time.monotonic() < deadline, (committed, done, collector.done)
            collector.wait_for_number(len(collector.done))


class TestStopping:
    def test_a_process_ends_quickly_and_prints_nothing_of_its_own(self, path):
        process = child(
            path,
            """
            done = threading.Event()
            engine.start(lambda effect: done.set())
            commit(DispatchRun(1))
            assert done.wait(30)
            began = time.monotonic()
            engine.stop()
            say("stopped", time.monotonic() - began < 5)
            """,
        )
        out, err = process.communicate(timeout=60)
        assert (out, err, process.returncode) == ("stopped True\n", "", 0)

    def test_a_failing_effect_prints_nothing(self, path):
        process = child(
            path,
            """
            failed = threading.Event()
            def perform(effect):
                failed.set()
                raise ConnectionError("no")
            engine.start(perform)
            commit(DispatchRun(1))
            assert failed.wait(30)
            engine.stop()
            """,
        )
        assert process.communicate(timeout=60) == ("", "")

    def test_an_effect_that_outlasts_the_stop_is_left_to_the_next_start(self, path, started):
        process = child(
            path,
            """
            engine._patience = 0.1
            began = threading.Event()
            def perform(effect):
                began.set()
                time.sleep(60)
            engine.start(perform)
            commit(DispatchRun(1))
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
        assert collector.done == [DispatchRun(1)]

    def test_only_one_engine_of_a_process_runs(self, path, started):
        started(Collector())
        with pytest.raises(RuntimeError, match="another engine"):
            DbosEngine(path).start(Collector())


def test_an_effect_begins_soon_after_its_commit(path, started):
    collector = Collector()
    store = SqlStore(path, started(collector).outbox)
    waited = []
    for n in range(10):
        commit(store, DispatchRun(n))
        committed = time.perf_counter()
        collector.wait_for_number(n + 1)
        waited.append(collector.at[n] - committed)
    assert statistics.median(waited) < 0.5  # some 0.05 s on a machine with nothing else to do


def test_effects_are_forgotten_a_day_after_they_were_carried_out(path, started, monkeypatch):
    collector = Collector()
    engine = started(collector)
    commit(SqlStore(path, engine.outbox), DispatchRun(1))
    collector.wait_for_number(1)
    engine.stop()
    assert _kept(path) == 1
    monkeypatch.setattr("odmd.engine.dbos_engine.KEEP_SECONDS", -3600.0)
    started(collector)
    assert _kept(path) == 0


def _kept(path) -> int:
    with Database(path).reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM workflow_status").scalar_one()
