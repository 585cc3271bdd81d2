"""What is kept beside the log: workers, what runs say, and who hears of commits. On SQLite and on Postgres."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from store_samples import append, claimed, run

from odmd.control.access.tokens import SignedIn, Token
from odmd.control.leading.state_id import state_id
from odmd.control.leading.workers import WorkerView
from odmd.control.ports.log import Touched
from odmd.control.ports.run_log import LONGEST_LINE, Line, LineKind, Room
from odmd.control.scheduler.actor import AccessChange, ActorKind, Scope
from odmd.control.scheduler.messages import Tick
from odmd.control.scheduler.runs import RunStatus
from odmd.store import run_log
from odmd.store.memory import MemoryStore
from odmd.store.notices import heard
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens
from odmd.store.workers import SqlWorkers
from support.actors import SOMEBODY
from support.until import TOO_LONG


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    return tmp_path / "state.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def store(where):
    made = SqlStore(where, lambda _connection, _position, _effects: None)
    yield made
    made.close()


def lines(*texts, run=1):
    return [Line(0, run, 1.5, text, lasting=text.isupper()) for text in texts]


class TestWorkers:
    def test_one_beats_counts_and_leaves(self, store):
        workers = SqlWorkers(store.database)
        one = WorkerView("a", "1.0", "sha256:c", 2, 7.5)
        workers.beat(one)
        workers.beat(one)
        workers.beat(WorkerView("b", "1.0", "sha256:c", 1, 8.5))
        assert [(found.name, found.beats) for found in workers.workers()] == [("a", 2), ("b", 1)]
        workers.leave("a")
        workers.leave("a")
        assert [found.name for found in workers.workers()] == ["b"]
        workers.beat(one)
        assert workers.workers()[0].beats == 1, "it woke up"

    def test_a_name_is_of_the_token_that_came_with_it_first(self, store):
        workers = SqlWorkers(store.database)
        one = WorkerView("agent-a", "1.0", "sha256:c", 1, 0.0)
        assert [workers.enrol(one, token) for token in ("t1", "t1", "t2")] == [True, False, None]
        assert [found.beats for found in workers.workers()] == [2]
        workers.beat(WorkerView("worker-b", "1.0", "sha256:c", 1, 0.0))
        assert workers.enrol(WorkerView("worker-b", "1.0", "sha256:c", 1, 0.0), "t1") is None

    def test_a_sign_of_life_says_nothing_new_and_wakes_nobody_up(self, store):
        workers = SqlWorkers(store.database)
        workers.enrol(WorkerView("agent-a", "1.0", "sha256:c", 1, 7.5), "t1")
        workers.alive("agent-a")
        assert workers.workers() == [WorkerView("agent-a", "1.0", "sha256:c", 1, 7.5, 2)]
        workers.leave("agent-a")
        workers.alive("agent-a")
        assert workers.workers() == [], "else its name would be anybody's"


class TestRunLog:
    def test_lines_come_back_in_order_of_a_run_or_of_all(self, store):
        log = SqlRunLog(store.database)
        log.say([])
        log.say([*lines("one", "TWO"), *lines("other", run=2)])
        log.say(lines("three"))
        found = log.lines(1)
        assert [(line.text, line.lasting, line.at) for line in found] == [
            ("one", False, 1.5),
            ("TWO", True, 1.5),
            ("three", False, 1.5),
        ]
        assert [line.text for line in log.lines(1, found[0].number)] == ["TWO", "three"]
        assert [line.text for line in log.lines(None, 0, 3)] == ["one", "TWO", "other"]
        assert [line.text for line in log.lines(None, None, 2)] == ["other", "three"]

    def test_a_run_that_says_too_much_is_cut(self, store):
        log = SqlRunLog(store.database, Room(lines=3))
        log.say(lines("x" * (LONGEST_LINE + 1), "nul \x00"))
        log.say(lines("three", "four"))
        log.say(lines("five"))
        found = [line.text for line in log.lines(1)]
        assert found == ["x" * LONGEST_LINE, "nul \ufffd", run_log.LAST_WORDS[LineKind.STEP]]

    def test_a_flood_of_its_app_takes_no_room_of_our_own_lines(self, store):
        log = SqlRunLog(store.database, Room(lines=3))
        log.say(lines(*(f"app: {number}" for number in range(5)), "synth"))
        log.say(lines("app: more", "upload", "LASTING"))
        log.say(lines("app: %", "application"))
        found = [line.text for line in log.lines(1)]
        last = run_log.LAST_WORDS
        assert found == ["app: 0", "app: 1", last[LineKind.APP], "synth", "upload", "LASTING", last[LineKind.STEP]]

    def test_what_it_says_is_counted_in_characters_too_and_nothing_comes_behind_its_last_word(self, store):
        log = SqlRunLog(store.database, Room(characters=200))
        log.say(lines("x" * 100, "y" * 100, "z"))
        log.say(lines("z", "LASTING"))
        assert [line.text for line in log.lines(1)] == ["x" * 100, run_log.LAST_WORDS[LineKind.STEP], "LASTING"]

    def test_who_reads_on_misses_none_whoever_writes(self, store):
        log, found, over = SqlRunLog(store.database), [], threading.Event()

        def read_on():
            last = 0
            while not over.is_set() or log.lines(None, last, 1):
                for line in log.lines(None, last):
                    found.append(line.text)
                    last = line.number

        reader = threading.Thread(target=read_on)
        reader.start()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: log.say(lines(f"{n}", run=n)), range(40)))
        over.set()
        reader.join(30)
        assert sorted(found, key=int) == [f"{n}" for n in range(40)]


class TestHearing:
    @pytest.mark.parametrize("channel", ["odmd_inbox", "odmd_log"])
    def test_a_commit_of_another_process_is_heard(self, where, store, channel):
        rung = threading.Event()
        with heard(where, channel, rung.set):
            rung.wait(5)  # for what was committed before
            rung.clear()
            if channel == "odmd_inbox":
                store.receive("m", Tick(1.0), 1.0)
            else:
                append(store)
            assert rung.wait(TOO_LONG)

    def test_what_is_not_there_is_waited_for(self, tmp_path):
        rung = threading.Event()
        with heard(tmp_path / "later.db", "odmd_log", rung.set):
            assert not rung.wait(0.05)


def test_old_lines_of_runs_that_ended_are_forgotten_and_numbers_go_on(store):
    log = SqlRunLog(store.database)
    open_ = run(2, status=RunStatus.CLAIMED)
    store.commit(0, [], [claimed(1)], Touched(runs=[run(1, status=RunStatus.SUCCEEDED), open_]), [])
    log.say([*lines("old"), *lines("open", run=2), replace(lines("young")[0], at=9.0), *lines("newest")])
    store.prune(5.0)
    assert [line.text for line in log.lines(1)] == ["young", "newest"]
    assert [line.text for line in log.lines(2)] == ["open"]
    before = log.lines(1)[-1].number
    log.say(lines("next"))
    assert log.lines(1, before)[0].text == "next"


def test_a_state_has_one_id_whoever_opens_it(store, where):
    made = state_id(store)
    again = SqlStore(where)
    assert state_id(again) == made != state_id(MemoryStore(lambda _position, _effects: None))
    again.close()


def session(id="0" * 12, subject="ada-1", created=100.0, expires=200.0, identity="company"):
    signed_in = SignedIn(identity, subject, ActorKind.PERSON, "an issuer says so")
    return Token(id, "ada", Scope.WRITE, identity, created, expires, teams=("cooks",), session=signed_in)


@pytest.fixture
def tokens(where, store):
    made = SqlTokens(where)
    yield made
    made.close()


class TestSessions:
    def test_they_are_found_as_they_were_added_and_are_no_tokens(self, tokens):
        one = session()
        tokens.add(one, "sha256:d", SOMEBODY)
        assert tokens.find(one.id) == (one, "sha256:d")
        assert tokens.all() == []
        assert tokens.sessions(one.session.holder, 150.0, 10) == [one]

    def test_each_holder_has_his_own_whatever_they_are_called(self, tokens):
        mine, other = session("a" * 12), session("b" * 12, "ada-2")
        elsewhere = session("c" * 12, identity="other")
        for one in (mine, other, elsewhere):
            tokens.add(one, "d", SOMEBODY)
        assert tokens.sessions(mine.session.holder, 150.0, 10) == [mine]
        assert tokens.sessions(None, 150.0, 2) == [mine, other]
        assert tokens.sessions(None, 150.0, 2, other.id) == [elsewhere]
        assert tokens.sessions("", 150.0, 10) == []

    def test_those_that_are_over_or_ended_are_not_listed_and_forgotten_after_a_day(self, tokens):
        over, ended = session("a" * 12), session("b" * 12, expires=1e9)
        for one in (over, ended):
            tokens.add(one, "d", SOMEBODY)
        assert tokens.revoke(ended.id, 120.0, SOMEBODY)
        assert tokens.sessions(None, 200.0, 10) == []
        tokens.add(session("c" * 12, created=200.0 + 86_401, expires=1e9), "d", SOMEBODY)
        assert tokens.find(over.id) is None
        assert tokens.find(ended.id)

    def test_what_comes_and_goes_is_told_once_in_the_transaction_of_the_change(self, tokens, store):
        one = session()
        tokens.add(one, "d", SOMEBODY)
        assert tokens.revoke(one.id, 120.0, SOMEBODY)
        assert tokens.revoke(one.id, 130.0, SOMEBODY)
        with pytest.raises(IntegrityError):
            tokens.add(one, "d", SOMEBODY)
        told = [one.message for one in store.pending(10)]
        assert [(one.change, one.by) for one in told] == [
            (AccessChange.SESSION_BEGUN, SOMEBODY),
            (AccessChange.SESSION_ENDED, SOMEBODY),
        ]

    def test_of_many_who_use_a_proof_at_once_one_does(self, tokens):
        with ThreadPoolExecutor(8) as threads:
            used = list(threads.map(lambda _: tokens.use("digest", 500.0, 100.0), range(16)))
        assert used.count(True) == 1
        assert not tokens.use("digest", 500.0, 499.0)
        assert tokens.use("another", 900.0, 501.0)
        assert tokens.use("digest", 900.0, 501.0), "it would be refused anyway by now"
