"""What every store does, whatever it keeps things in."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from store_samples import DISPATCH, PRINT, answer, append, claimed, enver, finish, read_beside, run, value, wave

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.log import PositionMoved, Received, Touched
from odmd.control.ports.store import Store
from odmd.control.ports.subscribers import Begin, Subscription, Subscriptions
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import ClaimRun
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.state import Pause, Standing, State
from odmd.control.scheduler.values import ValueRef, ValueStatus
from odmd.errors import LeadershipLost
from odmd.store.append import Keep
from odmd.store.memory import MemoryStore
from odmd.store.schema import leadership
from odmd.store.sql import SqlStore
from odmd.store.subscriptions import SqlSubscriptions
from support.actors import SOMEBODY
from support.state_files import state_file
from support.until import TOO_LONG

BEFORE_ALL = ValueRef("", 0)


@pytest.fixture
def sent():
    """(position, effect) as the outbox got them."""
    return []


@pytest.fixture(params=["memory", "sqlite", "read by the driver alone", "postgres"])
def store(request, tmp_path, sent):
    if request.param == "memory":
        made = MemoryStore(lambda position, effects: sent.extend((position, effect) for effect in effects))
    elif request.param == "read by the driver alone":
        made = read_beside(
            state_file(tmp_path), lambda _, position, effects: sent.extend((position, effect) for effect in effects)
        )
    else:
        made = SqlStore(
            request.getfixturevalue("postgres") if request.param == "postgres" else state_file(tmp_path),
            lambda _, position, effects: sent.extend((position, effect) for effect in effects),
        )
    yield made
    made.close()


def test_it_is_the_port(store):
    port: Store = store
    assert port is store


class TestInbox:
    def test_a_message_waits_until_it_is_handled(self, store):
        assert store.receive("a", finish(), 1.5)
        assert store.pending(10) == [Received("a", finish(), 1.5)]
        append(store, handled=["a"])
        assert store.pending(10) == []

    def test_the_same_id_is_received_once(self, store):
        assert store.receive("a", ClaimRun(1, "w"), 1.0)
        assert not store.receive("a", ClaimRun(2, "w"), 2.0)
        append(store, handled=["a"])
        assert not store.receive("a", ClaimRun(1, "w"), 3.0)
        assert store.pending(10) == []

    def test_the_oldest_come_first(self, store):
        for id in "cab":
            store.receive(id, ClaimRun(1, id), 1.0)
        assert [received.id for received in store.pending(2)] == ["c", "a"]

    def test_many_senders_at_once_lose_nothing(self, store):
        barrier = threading.Barrier(4)

        def send(sender: int) -> list[bool]:
            barrier.wait(timeout=TOO_LONG)
            return [store.receive(f"{n}", ClaimRun(n, str(sender)), 1.0) for n in range(20)]

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(send, range(4)))
        assert [sum(given) for given in zip(*answers, strict=True)] == [1] * 20
        assert len(store.pending(100)) == 20


class TestLog:
    def test_what_was_appended_is_read_in_order(self, store):
        events = [claimed(1, 5, "m1"), claimed(2, 6, "m2")]
        store.commit(0, [], events, Touched(), [])
        assert store.read() == events
        assert store.read(after=1) == events[1:]
        assert store.read(limit=1) == events[:1]

    def test_a_commit_at_another_position_writes_nothing(self, store, sent):
        append(store)
        store.receive("a", finish(), 1.0)
        before = store.load()
        for expected in (0, 2):
            with pytest.raises(PositionMoved):
                store.commit(expected, ["a"], [claimed(expected + 1)], Touched(runs=[run(1)]), [DISPATCH])
        assert (store.load(), store.read(), store.runs()) == (before, [claimed(1)], [])
        assert [received.id for received in store.pending(10)] == ["a"]
        assert sent == []

    def test_a_gap_in_the_log_is_a_mistake_of_the_caller(self, store):
        with pytest.raises(ValueError, match="do not follow"):
            store.commit(0, [], [claimed(2)], Touched(), [])

    def test_effects_need_an_event(self, store):
        with pytest.raises(ValueError, match="effects"):
            store.commit(0, [], [], Touched(), [DISPATCH])

    def test_messages_can_be_handled_without_an_event(self, store):
        store.receive("a", finish(), 1.0)
        store.commit(0, ["a", "never received"], [], Touched(), [])
        assert store.pending(10) == []
        assert store.load().position == 0

    def test_of_two_that_commit_at_once_one_wins(self, store):
        barrier = threading.Barrier(2)

        def commit(run_id: int) -> bool:
            barrier.wait(timeout=TOO_LONG)
            try:
                store.commit(0, [], [claimed(1, run_id)], Touched(), [])
            except PositionMoved:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(commit, [1, 2])) == [False, True]
        assert len(store.read()) == 1


class TestAnswer:
    def test_it_is_what_was_committed_for_the_message(self, store):
        for id in "ab":
            store.receive(id, finish(), 1.0)
        events = [claimed(1, 5, "a"), claimed(2, 6, "b"), claimed(3, 7, "a")]
        store.commit(0, ["a", "b"], events, Touched(), [])
        assert answer(store, "a") == [events[0], events[2]]
        assert answer(store, "b") == [events[1]]

    def test_there_is_none_while_the_message_waits(self, store):
        store.receive("a", finish(), 1.0)
        append(store)
        assert answer(store, "a") is None

    def test_there_is_none_for_a_message_that_never_came(self, store):
        assert answer(store, "a") is None

    def test_it_may_be_nothing(self, store):
        store.receive("a", finish(), 1.0)
        store.commit(0, ["a"], [], Touched(), [])
        assert answer(store, "a") == []


class TestTerms:
    def test_nobody_commits_after_another_one_was_elected(self, store):
        elect(store, 1)
        store.commit(0, [], [claimed(1)], Touched(), [], 1)
        elect(store, 2)
        store.receive("a", finish(), 1.0)
        with pytest.raises(LeadershipLost):
            store.commit(1, ["a"], [claimed(2)], Touched(runs=[run(1)]), [DISPATCH], 1)
        assert (store.read(), store.runs(), len(store.pending(10))) == ([claimed(1)], [], 1)
        store.commit(1, ["a"], [claimed(2)], Touched(), [], 2)
        assert len(store.read()) == 2

    def test_the_position_counts_within_a_term_too(self, store):
        elect(store, 1)
        with pytest.raises(PositionMoved):
            store.commit(3, [], [claimed(4)], Touched(), [], 1)


def elect(store: Store, epoch: int) -> None:
    """As an election does; `PostgresLeadership` has tests of its own."""
    if isinstance(store, MemoryStore):
        store.epoch = epoch
        return
    with store._database.appending() as connection:
        connection.execute(leadership.delete())
        connection.execute(leadership.insert().values(id=1, epoch=epoch, holder="somebody", until=0.0))


class TestEffects:
    def test_they_go_out_with_the_position_of_their_commit(self, store, sent):
        append(store, 3, effects=[DISPATCH, DISPATCH])
        assert sent == [(3, DISPATCH), (3, DISPATCH)]

    def test_a_failing_outbox_undoes_the_commit(self, store, monkeypatch):
        def fail(*_: object) -> None:
            raise RuntimeError("no")

        monkeypatch.setattr(store, "_outbox", fail)
        with pytest.raises(RuntimeError, match="no"):
            append(store, effects=[DISPATCH], touched=Touched(runs=[run(1)]))
        assert (store.load(), store.read(), store.runs()) == (State(), [], [])

    def test_without_an_outbox_no_effect_can_be_committed(self, store, monkeypatch):
        monkeypatch.setattr(store, "_outbox", None)
        with pytest.raises(RuntimeError, match="outbox"):
            append(store, effects=[DISPATCH])
        assert store.read() == []


class TestLoad:
    def test_an_empty_store_is_the_beginning(self, store):
        assert store.load() == State()

    def test_what_has_not_ended_is_in_the_state(self, store):
        owing = enver("b@main", owes=frozenset({1, 2}), since=2.0, leases=frozenset({ValueRef("p", 1)}), deployed=PRINT)
        touched = Touched(
            envers=[owing, enver("a@main", owes=frozenset({2}), since=1.0), enver("c@main")],
            runs=[run(1, status=RunStatus.SUCCEEDED), run(2), run(3, status=RunStatus.CLAIMED)],
            values=[
                *(value("p", 10), value("p", 9, ValueStatus.RETIRING), value("p", 8, ValueStatus.RETIRED)),
                *(value("q", 4, ValueStatus.RETIRED), value("r", 1, ValueStatus.SUPERSEDED), value("r", 2)),
            ],
            waves=[wave(1, open=1), wave(2, open=2), wave(3)],
            standing=Standing("sha256:contracts", 7, {"*": Pause(SOMEBODY, "a freeze", 9.0)}),
        )
        append(store, 2, touched)
        expected = State.restore(
            2,
            next_run=4,
            next_wave=4,
            versions={"p": 10, "q": 4, "r": 2},
            envers=sorted(touched.envers, key=lambda e: e.address),
            runs=touched.runs[1:],
            values=[v for v in touched.values if v.status is not ValueStatus.RETIRED],
            waves=touched.waves[:2],
            standing=touched.standing,
        )
        loaded = store.load()
        assert loaded == expected
        assert [v.version for v in loaded.values["p"]] == [9, 10]
        assert list(loaded.owing) == ["a@main", "b@main"]

    def test_changing_a_loaded_state_changes_nothing_stored(self, store):
        append(store, touched=Touched(envers=[enver("a@main")], values=[value("p", 1)]))
        loaded = store.load()
        loaded.envers["a@main"].commit = "changed"
        loaded.values["p"].clear()
        again = store.load()
        assert again.envers["a@main"] == Enver("a@main")
        assert len(again.values["p"]) == 1

    def test_changing_what_was_committed_changes_nothing_stored(self, store):
        mutable = run(1)
        append(store, touched=Touched(runs=[mutable]))
        mutable.error = "changed"
        assert store.run(1) == run(1)

    def test_what_is_touched_again_is_replaced(self, store):
        append(
            store, touched=Touched(envers=[enver("a@main")], runs=[run(1)], values=[value("p", 1)], waves=[wave(1, 1)])
        )
        last = Touched(
            envers=[enver("a@main", commit="c")],
            runs=[run(1, status=RunStatus.FAILED)],
            values=[value("p", 1, ValueStatus.RETIRED)],
            waves=[wave(1)],
        )
        append(store, touched=last)
        assert store.load().envers == {"a@main": last.envers[0]}
        assert (store.runs(), store.values(), store.waves()) == (last.runs, last.values, last.waves)
        assert (store.load().runs, store.load().values, store.load().waves) == ({}, {}, {})


class TestHistory:
    def test_runs_come_newest_first(self, store):
        append(store, touched=Touched(runs=[run(1), run(3), run(2, "menu@main")]))
        assert [r.id for r in store.runs()] == [3, 2, 1]
        assert [r.id for r in store.runs(limit=2)] == [3, 2]
        assert [r.id for r in store.runs("orders@main")] == [3, 1]
        assert store.runs("nobody@main") == []

    def test_it_tells_when_runs_ended_that_did(self, store):
        ended = replace(run(1), status=RunStatus.SUCCEEDED, finished_at=7.0)
        append(store, touched=Touched(runs=[ended, run(2)]))
        assert store.ended_at([1, 2, 3, *range(10, 1500)]) == {1: 7.0}
        assert store.ended_at([]) == {}

    def test_waves_come_newest_first(self, store):
        append(store, touched=Touched(waves=[wave(1), wave(3), wave(2, open=1)]))
        assert [w.id for w in store.waves()] == [3, 2, 1]
        assert [w.id for w in store.waves(limit=1)] == [3]

    def test_values_come_by_product_then_version_with_retired_ones(self, store):
        all_values = [value("p", 2, ValueStatus.RETIRED), value("p", 10), value("q", 1)]
        append(store, touched=Touched(values=all_values[::-1]))
        assert store.values() == all_values
        assert store.values("p") == all_values[:2]
        assert store.values("nothing") == []

    def test_one_can_be_asked_for(self, store):
        append(store, touched=Touched(runs=[run(1)], waves=[wave(1)]))
        assert (store.run(1), store.wave(1)) == (run(1), wave(1))
        assert (store.run(2), store.wave(2)) == (None, None)


class TestPrune:
    """Everything happened at a number of seconds that is its own number."""

    @pytest.fixture
    def full(self, store):
        for n in range(1, 7):
            store.receive(f"{n}", finish(n), float(n))
            store.record(n, 1, DoneStep("synth", "1", 0.5, float(n)))
            status = RunStatus.CLAIMED if n == 2 else RunStatus.SUCCEEDED
            ended = replace(run(n, f"{n % 2}@main", status), finished_at=float(n))
            values = [value("p", n, ValueStatus.RETIRED)]
            waves = [replace(wave(n, open=n == 3), at=float(n))]
            store.commit(
                n - 1, [f"{n}"] * (n != 4), [claimed(n)], Touched(runs=[ended], values=values, waves=waves), []
            )
        return store

    def test_what_is_old_and_over_is_forgotten(self, full):
        full.prune(5.0, Keep(runs=1, waves=1))
        assert full.read() == [claimed(5), claimed(6)]
        assert [one.id for one in full.runs()] == [6, 5, 2]
        assert [one.id for one in full.waves()] == [6, 5, 3]
        assert [len(full.steps(n)) for n in range(1, 7)] == [0, 1, 0, 0, 1, 1]
        assert [got.id for got in full.pending(10)] == ["4"]

    def test_the_newest_runs_of_each_enver_and_the_newest_waves_stay(self, full):
        full.prune(100.0, Keep(runs=2, waves=3))
        assert [one.id for one in full.runs()] == [6, 5, 4, 3, 2]
        assert [one.id for one in full.waves()] == [6, 5, 4, 3]

    def test_the_state_is_the_same_and_counts_on(self, full):
        before = full.load()
        assert full.prune(100.0, Keep(runs=1, waves=1)) > 0
        assert full.load() == before
        assert (before.position, before.next_run, before.next_wave, before.versions) == (6, 7, 7, {"p": 6})
        full.commit(6, [], [claimed(7)], Touched(), [])
        assert full.read() == [claimed(6), claimed(7)]

    def test_a_reader_of_forgotten_positions_gets_what_is_left(self, full):
        full.prune(4.0)
        assert full.read(after=1, limit=2) == [claimed(4), claimed(5)]
        assert full.read(after=5) == [claimed(6)]

    def test_an_answer_is_forgotten_with_its_message(self, full):
        full.prune(2.0)
        assert (answer(full, "1"), answer(full, "2")) == (None, [])
        assert full.receive("1", finish(), 9.0)

    def test_what_is_young_stays(self, full):
        everything = (full.load(), full.read(), full.runs(), full.waves(), answer(full, "1"))
        assert full.prune(1.0) == 0
        assert (full.load(), full.read(), full.runs(), full.waves(), answer(full, "1")) == everything

    def test_nothing_is_left_to_do_the_second_time(self, full):
        full.prune(5.0, Keep(runs=1, waves=1))
        assert full.prune(5.0, Keep(runs=1, waves=1)) == 0

    def test_documents_go_when_they_are_old_and_do_not_last(self, store):
        began = time.time()
        for name in ("lasts", "again"):
            store.put(name, "text")
        for name in ("goes", "again", "last after all"):
            store.put(name, "text", lasts=False)
        store.put("last after all", "text")
        names = ("lasts", "again", "goes", "last after all")
        assert store.prune(began) == 0
        assert all(map(store.get, names))
        assert store.prune(time.time() + 1) == 2
        assert [name for name in names if store.get(name)] == ["lasts", "last after all"]

    def test_an_empty_store_is_fine(self, store):
        assert store.prune(1.0) == 0

    def test_more_than_fit_into_one_transaction_go(self, store, monkeypatch):
        monkeypatch.setattr("odmd.store.prune._AT_ONCE", 3)
        append(store, 10)
        assert store.prune(8.0) == 7


@pytest.fixture
def kept(store):
    """Where positions are kept."""
    return store if isinstance(store, MemoryStore) else SqlSubscriptions(store.database)


class TestLooks:
    def test_the_last_look_at_each_is_kept(self, store):
        first, other = LastLook("a/b..main", 1.0, "ada", 1), LastLook("b/b..main", 2.0, "ada", 2, unknown="it moves")
        assert not store.looks_of(["a/b..main"])
        store.keep_looks([])
        store.keep_looks([first, other])
        again = LastLook("a/b..main", 3.0, "odmd", 1, True, unchecked=("a queue",))
        store.keep_looks([again])
        wanted = ["a/b..main", *(f"c{n}/b..main" for n in range(600)), "b/b..main"]
        assert store.looks_of(wanted) == {"a/b..main": again, "b/b..main": other}


class TestSubscriptions:
    def test_it_is_the_port(self, kept):
        port: Subscriptions = kept
        assert port is kept

    def test_a_new_one_begins_where_it_says_and_a_known_one_where_it_got_to(self, store, kept):
        append(store, 3)
        assert kept.subscribe("next", Begin.NEXT, 7.0) == 3
        assert kept.subscribe("oldest", Begin.OLDEST, 8.0) == 0
        append(store)
        kept.advance("oldest", 2, 9.0)
        assert kept.subscribe("next", Begin.NEXT, 10.0) == 3
        assert kept.subscribe("oldest", Begin.OLDEST, 10.0) == 2
        assert store.subscriptions() == [Subscription("next", 3, 7.0), Subscription("oldest", 2, 9.0)]

    def test_the_oldest_event_is_the_oldest_that_is_kept(self, store, kept):
        assert kept.subscribe("before all", Begin.OLDEST, 1.0) == 0
        kept.advance("before all", append(store, 6), 9.0)
        store.prune(4.0)
        assert kept.subscribe("late", Begin.OLDEST, 9.0) == 3
        assert store.read(3, 1) == [claimed(4)]

    def test_it_never_goes_back_nor_ahead_of_the_log(self, store, kept):
        kept.subscribe("a", Begin.OLDEST, 1.0)
        append(store, 3)
        kept.advance("a", 3, 2.0, missed=2)
        kept.advance("a", 1, 3.0, missed=1)
        with pytest.raises(ValueError, match="ends at 3"):
            kept.advance("a", 4, 4.0)
        assert store.subscriptions() == [Subscription("a", 3, 2.0, missed=2)]
        kept.advance("a", 3, 5.0, missed=1)
        assert store.subscriptions() == [Subscription("a", 3, 5.0, missed=3)], "it lives"

    def test_what_it_failed_at_stands_until_it_gets_on(self, store, kept):
        kept.subscribe("a", Begin.OLDEST, 1.0)
        kept.failed("a", "ill", 2.0)
        kept.failed("a", "worse", 3.0)
        assert store.subscriptions() == [Subscription("a", 0, 3.0, "worse", since=2.0)]
        kept.advance("a", append(store), 4.0)
        assert store.subscriptions() == [Subscription("a", 1, 4.0)]

    def test_who_was_never_heard_of_does_not_come_to_be_by_the_way(self, store, kept):
        append(store)
        kept.advance("a", 1, 1.0)
        kept.failed("a", "ill", 1.0)
        assert store.subscriptions() == []

    def test_waves_are_found_by_the_event_that_they_ended_with(self, store):
        append(store, 2, Touched(waves=[wave(1, open=1), wave(2)]))
        append(store, 3, Touched(waves=[wave(1), wave(3, open=2)]))
        assert store.ended_waves(0, 5) == [(wave(2), 2), (wave(1), 5)]
        assert store.ended_waves(2, 4) == []
        assert store.ended_waves(2, 5) == [(wave(1), 5)]


class TestPruneBesideSubscribers:
    """Event n happened at n seconds."""

    @pytest.fixture
    def long(self, store, kept):
        kept.subscribe("slow", Begin.OLDEST, 100.0)
        append(store, 9)
        kept.advance("slow", 3, 100.0)
        return store

    def test_what_one_has_not_seen_stays_with_all_that_is_younger(self, long, kept):
        long.receive("young", finish(), 6.0)
        append(long, handled=["young"])
        kept.subscribe("fast", Begin.NEXT, 100.0)
        long.prune(8.0)
        assert long.read(0, 1) == [claimed(4)]
        assert not long.receive("young", finish(), 6.0), "its message is kept as well"
        kept.advance("slow", 7, 100.0)
        long.prune(8.0)
        assert long.read(0, 1) == [claimed(8)]

    def test_but_not_for_ever(self, long):
        long.prune(8.0, Keep(unseen=2.0))
        assert long.read(0, 1) == [claimed(6)]
        assert [one.name for one in long.subscriptions()] == ["slow"], "it lives, and is to see what is left"

    def test_who_is_not_heard_of_any_more_is_forgotten_and_keeps_nothing(self, long):
        long.prune(103.0, Keep(unseen=2.0))
        assert long.subscriptions() == []
        assert long.read() == [claimed(9)]


class TestJournal:
    def test_steps_come_in_the_order_of_their_recording(self, store):
        steps = [DoneStep(name, f'"{name}"', 0.5, n) for n, name in enumerate(["checkout", "build", "assets"])]
        for attempt, step in enumerate(steps, 1):
            store.record(1, attempt, step)
        store.record(2, 1, steps[0])
        assert store.steps(1) == steps
        assert store.steps(3) == []

    def test_a_step_is_recorded_once(self, store):
        store.record(1, 1, DoneStep("synth", "1", 0.5, 1.0))
        store.record(1, 2, DoneStep("synth", "2", 0.5, 2.0))
        assert store.steps(1) == [DoneStep("synth", "1", 0.5, 1.0)]


class TestDocuments:
    def test_the_last_text_counts(self, store):
        assert store.get("plan") is None
        store.put("plan", "one")
        store.put("plan", "two ü")
        assert store.get("plan") == "two ü"

    def test_of_many_at_once_the_first_text_counts_and_all_are_told(self, store):
        with ThreadPoolExecutor(4) as pool:
            told = set(pool.map(lambda n: store.put_first("state", f"s{n}"), range(8)))
        assert told == {store.get("state")}
        store.put("plan", "")
        assert store.put_first("plan", "later") == ""


class TestLookups:
    def test_envers_come_by_address_and_from_one_on(self, store):
        append(store, touched=Touched(envers=[enver("b/b..main"), enver("a/b..main"), enver("c/b..main")]))
        assert [one.address for one in store.envers(limit=2)] == ["a/b..main", "b/b..main"]
        assert [one.address for one in store.envers("b/b..main")] == ["c/b..main"]
        assert store.addresses(2) == ["a/b..main", "b/b..main"]
        assert store.enver("b/b..main") == enver("b/b..main")
        assert store.enver("x/b..main") is None
        many = [f"x{n}" for n in range(1200)]
        assert [one.address for one in store.envers_of([*many, "c/b..main"])] == ["c/b..main"]

    def test_values_below_an_address_and_no_other_that_begins_so(self, store):
        names = ["a/b..main/x", "a/b..main/xy", "a/b..Main/x", "a/b..main-2/x", "ab/b..main/x"]
        append(store, touched=Touched(values=[value(name, 1) for name in names] + [value("a/b..main/x", 2)]))

        def below(address, after=BEFORE_ALL, limit=99):
            return [one.ref for one in store.values_below(address, after, limit)]

        first, second, other = ValueRef("a/b..main/x", 1), ValueRef("a/b..main/x", 2), ValueRef("a/b..main/xy", 1)
        assert below("a/b..main") == [first, second, other]
        assert below("a/b..main/x") == [first, second]
        assert below("a/b..main", first, 1) == [second]
        assert len(below("a")) == 5
        assert len(below("")) == 6
        assert store.versions(["a/b..main/x", "a/b..main/xy", "none"]) == {"a/b..main/x": 2, "a/b..main/xy": 1}

    def test_runs_and_waves_before_one(self, store):
        append(store, touched=Touched(runs=[run(n) for n in (1, 2, 3)], waves=[wave(n) for n in (1, 2, 3)]))
        assert [one.id for one in store.runs(limit=1, before=3)] == [2]
        assert [one.id for one in store.waves(before=2)] == [1]

    def test_the_end_of_the_log_and_what_is_in_force(self, store):
        assert (store.position(), store.standing()) == (0, Standing())
        append(store, 3, Touched(standing=Standing("sha256:contracts", 7)))
        assert (store.position(), store.standing().contracts) == (3, "sha256:contracts")

    def test_a_message_is_found_with_its_answer_by_how_its_id_begins(self, store):
        assert store.told("key:1:") is None
        store.receive("key:12:x", finish(), 1.0)
        store.receive("key:1:abc", finish(), 1.0)
        found = store.told("key:1:")
        assert (found.id, found.handled, found.answer) == ("key:1:abc", False, [])
        store.commit(0, ["key:1:abc"], [claimed(1, message="other"), claimed(2, message="key:1:abc")], Touched(), [])
        found = store.told("key:1:")
        assert (found.handled, list(found.answer)) == (True, [claimed(2, message="key:1:abc")])
