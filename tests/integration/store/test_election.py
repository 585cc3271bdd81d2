"""At most one process of many machines decides at a time, whatever happens to the one that does."""

import os
import signal
import textwrap
import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from store_samples import claimed

from odmd.control.leading.leader import Leader
from odmd.control.ports.leadership import Leadership
from odmd.control.ports.log import Touched
from odmd.control.scheduler.messages import ResumeScope
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import DatabaseUnreachable, LeadershipLost, StateInUse
from odmd.graph import Graph
from odmd.store import schema
from odmd.store.database import Database
from odmd.store.election import PostgresLeadership
from odmd.store.leadership import FileLeadership
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres
from support.actors import somebody
from support.forked import forge
from support.postgres import postgres_server as new_server
from support.until import TOO_LONG, until

TERM = 1.0

LEAD = """
import os, sys, time
from odmd.store.database import Database
from odmd.store.election import PostgresLeadership
from odmd.store import schema
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres
from odmd.store.where import Postgres
sys.path.insert(0, sys.argv[3])
from store_samples import claimed
from odmd.control.ports.log import Touched
from odmd.errors import OdmdError

where = Postgres(sys.argv[1])

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

with PostgresLeadership(where, term=float(sys.argv[2])).lead() as term:
    term.when_lost(lambda: say("lost"))
    say("leading", term.epoch)
"""


class Child:
    """A process that leads."""

    def __init__(self, where, code: str = "    sys.stdin.read()", term: float = TERM) -> None:
        here = str(pytest.importorskip("store_samples").__file__).rpartition("/")[0]
        program = LEAD + textwrap.indent(textwrap.dedent(code), "    ")
        self.process = forge().start_program(program, where.url, term, here)

    def says(self) -> str:
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def child(postgres):
    """Makes processes, and ends them."""
    made = []

    def make(*arguments, **options) -> Child:
        made.append(Child(postgres, *arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.communicate(timeout=TOO_LONG)


@contextmanager
def waiting(where, term: float = TERM):
    """Leads as soon as it may; (the term, seconds that it waited)."""
    began = time.monotonic()
    with PostgresLeadership(where, term=term).lead(threading.Event()) as won:
        yield won, time.monotonic() - began


@pytest.fixture(params=["file", "postgres"])
def leadership(request, tmp_path) -> Leadership:
    if request.param == "file":
        return FileLeadership(tmp_path)
    return PostgresLeadership(request.getfixturevalue("postgres"))


class TestBoth:
    def test_somebody_else_is_refused_and_told_who_leads(self, leadership):
        with leadership.lead(), pytest.raises(StateInUse, match=str(os.getpid())) as refusal, leadership.lead():
            pass
        assert refusal.value.next_step

    def test_it_can_be_read_who_leads(self, leadership):
        assert (leadership.is_led(), leadership.leader()) == (False, None)
        with leadership.lead():
            assert leadership.is_led()
            assert f"process {os.getpid()}" in leadership.leader()
        assert (leadership.is_led(), leadership.leader()) == (False, None)

    def test_it_is_free_after_an_error(self, leadership):
        with pytest.raises(RuntimeError, match="no"), leadership.lead():
            raise RuntimeError("no")
        with leadership.lead():
            pass

    def test_who_waits_leads_as_soon_as_the_leader_is_done(self, leadership):
        led, waits = threading.Event(), threading.Event()

        def wait() -> None:
            with leadership.lead(waits):
                led.set()

        with leadership.lead():
            candidate = threading.Thread(target=wait)
            candidate.start()
            assert not led.wait(0.5)
        assert led.wait(TOO_LONG)
        candidate.join(timeout=TOO_LONG)

    def test_who_waits_can_be_told_to_stop(self, leadership):
        stop, refused = threading.Event(), threading.Event()

        def wait() -> None:
            with pytest.raises(StateInUse), leadership.lead(stop):
                pass
            refused.set()

        with leadership.lead():
            candidate = threading.Thread(target=wait)
            candidate.start()
            stop.set()
            assert refused.wait(TOO_LONG)


def term_of(where: Postgres) -> float:
    """When it ends, by the server's clock."""
    database = Database(where)
    try:
        with database.reading() as connection:
            return connection.execute(select(schema.leadership.c.until)).scalar_one()
    finally:
        database.close()


class TestTerms:
    def test_the_epoch_grows_by_one(self, postgres):
        epochs = []
        for _ in range(3):
            with PostgresLeadership(postgres).lead() as term:
                epochs.append(term.epoch)
        assert epochs == [1, 2, 3]

    def test_of_many_that_wait_one_leads_at_a_time(self, postgres):
        leading, most, epochs = [], [], []

        def wait() -> None:
            with waiting(postgres) as (term, _):
                leading.append(term)
                most.append(len(leading))
                epochs.append(term.epoch)
                leading.remove(term)

        candidates = [threading.Thread(target=wait) for _ in range(4)]
        for candidate in candidates:
            candidate.start()
        for candidate in candidates:
            candidate.join(timeout=TOO_LONG)
        assert (max(most), sorted(epochs)) == (1, [1, 2, 3, 4])

    def test_a_term_is_renewed_as_long_as_its_holder_lives(self, postgres):
        with PostgresLeadership(postgres, term=6.0).lead() as term:
            lost = threading.Event()
            term.when_lost(lost.set)
            first = term_of(postgres)
            until(lambda: term_of(postgres) > first + 3)
            with pytest.raises(StateInUse), PostgresLeadership(postgres).lead():
                pass
            assert not lost.is_set()


class TestTakenOver:
    def test_from_a_dead_one_within_seconds(self, postgres, child):
        old = child()
        assert old.says() == "leading 1"
        old.process.send_signal(signal.SIGKILL)
        with waiting(postgres) as (term, seconds):
            assert (term.epoch, seconds < 10) == (2, True)

    def test_from_a_stopped_one_which_commits_nothing_when_it_goes_on(self, postgres, child):
        old = child("""
            store = SqlStore(where)
            store.commit(0, [], [claimed(1)], Touched(), [], term.epoch)
            say("committed")
            sys.stdin.readline()
            try:
                store.commit(1, [], [claimed(2)], Touched(), [], term.epoch)
            except OdmdError as refused:
                say(type(refused).__name__)
            sys.stdin.readline()
        """)
        assert [old.says(), old.says()] == ["leading 1", "committed"]
        old.process.send_signal(signal.SIGSTOP)
        with waiting(postgres) as (term, _):
            store = SqlStore(postgres)
            old.go_on()
            old.process.send_signal(signal.SIGCONT)
            assert {old.says(), old.says()} == {"lost", "LeadershipLost"}
            assert store.read() == [claimed(1)]
            store.commit(1, [], [claimed(2)], Touched(), [], term.epoch)
            store.close()

    def test_from_one_that_was_stopped_inside_a_commit(self, postgres, child):
        """Its locks go with its transaction, which the server ends."""
        old = child("""
            from odmd.store import backends
            backends.PostgresBackend._CONNECT["options"] = "-c idle_in_transaction_session_timeout=1000"
            def stop(*_):
                say("inside")
                sys.stdin.readline()
            store = SqlStore(where, stop)
            try:
                store.commit(0, [], [claimed(1)], Touched(), [object()], term.epoch)
            except OdmdError as failed:
                say(type(failed).__name__)
            sys.stdin.readline()
        """)
        assert [old.says(), old.says()] == ["leading 1", "inside"]
        old.process.send_signal(signal.SIGSTOP)
        with waiting(postgres) as (term, seconds):
            assert (term.epoch, seconds < 20) == (2, True)
            old.go_on()
            old.process.send_signal(signal.SIGCONT)
            assert {old.says(), old.says()} == {"lost", "DatabaseUnreachable"}
            assert SqlStore(postgres).read() == []


class TestLost:
    def test_a_holder_that_cannot_renew_is_told_though_the_server_just_hangs(self):
        with new_server() as server, server.database() as where, PostgresLeadership(where, term=TERM).lead() as term:
            lost = threading.Event()
            term.when_lost(lost.set)
            with hanging(server):
                assert lost.wait(TOO_LONG)
            late = threading.Event()
            term.when_lost(late.set)
            assert late.wait(TOO_LONG)

    def test_who_waits_waits_for_the_server_too(self):
        with new_server() as server, server.database() as where:
            SqlStore(where).close()
            led, stop = threading.Event(), threading.Event()

            def wait() -> None:
                with PostgresLeadership(where, term=TERM).lead(stop):
                    led.set()

            with PostgresLeadership(where, term=TERM).lead() as term:
                candidate = threading.Thread(target=wait)
                candidate.start()
                lost = threading.Event()
                term.when_lost(lost.set)
                server.running.stop()
                assert lost.wait(TOO_LONG)
                with pytest.raises(DatabaseUnreachable):
                    PostgresLeadership(where).leader()
                assert not led.is_set()
                server.running.ensure_postgres_running()
            assert led.wait(TOO_LONG)
            candidate.join(timeout=TOO_LONG)


def test_a_leader_of_an_old_term_decides_nothing_more(postgres):
    store = SqlStore(postgres)
    setup = Setup(Graph("acme", "111111111111", {}, {}), Limits(1), 0.0)
    with PostgresLeadership(postgres, term=TERM).lead() as term:
        leader = Leader(store, setup, epoch=term.epoch)
        leader.start()
    with PostgresLeadership(postgres, term=TERM).lead():
        with pytest.raises(LeadershipLost):
            leader.ask(ResumeScope("*", somebody("ada")))
        leader.stop()
    assert len(store.pending(10)) == 1
    store.close()


@contextmanager
def hanging(server):
    """All of the server's processes stand still; what is sent to it is taken in by the kernel."""
    import psutil

    postmaster = psutil.Process(server.pid)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()
