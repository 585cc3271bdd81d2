"""Who follows the log gets everything, and hurts nobody when it fails or takes its time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from odmd.control.leading.leader import Leader
from odmd.control.leading.subscribers import Subscribers
from odmd.control.leading.tail import Tail
from odmd.control.ports.log import Logged, Touched
from odmd.control.ports.subscribers import Begin, Subscriber
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import PauseScope, ResumeScope
from odmd.control.scheduler.setup import Limits, Setup
from odmd.store.append import Keep
from odmd.store.memory import MemoryStore
from support.actors import somebody
from support.until import TOO_LONG, until
from support.worlds import graph_of, node


@dataclass
class Noting:
    """Notes the positions that it is given."""

    name: str = "noting"
    begin: Begin = Begin.OLDEST
    seen: list[int] = field(default_factory=list[int])

    def handle(self, batch: Sequence[Logged]) -> None:
        self.seen.extend(entry.position for entry in batch)


@dataclass
class Failing(Noting):
    """Handles nothing while it is ill."""

    ill: bool = True
    given: list[int] = field(default_factory=list[int])

    def handle(self, batch: Sequence[Logged]) -> None:
        self.given.append(batch[0].position)
        if self.ill:
            raise ConnectionError("password=hunter2\x1b[2J refused")
        super().handle(batch)


@dataclass
class Stuck(Noting):
    """Handles its first batch until it is let go."""

    free: threading.Event = field(default_factory=threading.Event)

    def handle(self, batch: Sequence[Logged]) -> None:
        self.free.wait(TOO_LONG)
        super().handle(batch)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("odmd.control.leading.subscribers._KEEP_SECONDS", 0.02)
    monkeypatch.setattr("odmd.control.leading.subscribers._STOP_SECONDS", 0.2)
    monkeypatch.setattr("odmd.control.leading.subscribers.backoff", lambda _tries: 0.01)  # pyright: ignore[reportUnknownLambdaType]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(lambda _position, _effects: None)


Run = Callable[..., Subscribers]


@pytest.fixture
def run(store: MemoryStore) -> Iterator[Run]:
    """Starts subscribers on the store."""
    running = list[Subscribers]()

    def start(*subscribers: Subscriber, discreet: Callable[[str], str] = lambda said: said) -> Subscribers:
        made = Subscribers(store, store, subscribers, discreet)
        running.append(made)
        made.start()
        return made

    yield start
    for one in running:
        one.stop()


def commit(store: MemoryStore, count: int, *followed: Subscribers) -> None:
    """Event n happened at n seconds."""
    end = store.position()
    entries = [Logged(n, RunClaimed(1, n, "w", float(n)), "m") for n in range(end + 1, end + 1 + count)]
    store.commit(end, [], entries, Touched(), [])
    for entry in entries:
        for one in followed:
            one.listen(entry, store.load())


def test_it_gets_what_was_and_what_comes_in_order(store: MemoryStore, run: Run) -> None:
    commit(store, 3)
    old, new, here = Noting("old"), Noting("new", Begin.NEXT), Noting("here", Begin.EACH_TERM)
    running = run(old, new, here)
    commit(store, 2, running)
    until(lambda: old.seen == [1, 2, 3, 4, 5] and new.seen == here.seen == [4, 5])
    until(lambda: [one.position for one in store.subscriptions()] == [5, 5])
    assert [one.name for one in store.subscriptions()] == ["new", "old"], "nothing is kept of one for this term alone"
    assert [(one.name, one.position, one.failures) for one in running.progress()] == [
        ("old", 5, 0),
        ("new", 5, 0),
        ("here", 5, 0),
    ]


def test_the_next_term_goes_on_where_this_one_ended(store: MemoryStore, run: Run) -> None:
    first, here = Noting(begin=Begin.NEXT), Noting("here", Begin.EACH_TERM)
    running = run(first, here)
    commit(store, 2, running)
    until(lambda: first.seen == here.seen == [1, 2])
    running.stop()
    commit(store, 2)
    second, again = Noting(begin=Begin.NEXT), Noting("here", Begin.EACH_TERM)
    commit(store, 1, run(second, again))
    until(lambda: second.seen == [3, 4, 5] and again.seen == [5])


def test_one_that_fails_keeps_its_place_says_why_and_gets_on_later(
    store: MemoryStore, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    ill, well = Failing("ill"), Noting("well")
    running = run(ill, well, discreet=lambda said: said.replace("hunter2", "***"))
    with caplog.at_level(logging.ERROR):
        commit(store, 3, running)
        until(lambda: well.seen == [1, 2, 3])
        until(lambda: len(ill.given) > 3)
    assert set(ill.given) == {1}
    failed = store.subscriptions()[0]
    assert (failed.position, failed.error) == (0, "ConnectionError: password=*** refused")
    assert failed.since > 0
    assert running.progress()[0].failures >= 3
    assert len(caplog.records) == 1, "the same again and again is said once"
    ill.ill = False
    until(lambda: ill.seen == [1, 2, 3])
    until(lambda: store.subscriptions()[0].error == "")
    assert store.subscriptions()[0].position == 3


def test_what_it_failed_at_is_said_after_it_was_stopped(store: MemoryStore, run: Run) -> None:
    running = run(Failing("ill"))
    commit(store, 1, running)
    until(lambda: store.subscriptions()[0].error)
    running.stop()
    assert store.subscriptions()[0].error


def test_one_that_is_slow_holds_up_nobody_and_gets_its_batch_again(store: MemoryStore, run: Run) -> None:
    slow, quick = Stuck("slow"), Noting("quick")
    running = run(slow, quick)
    for _ in range(20):
        commit(store, 10, running)
    until(lambda: len(quick.seen) == 200)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 60
    assert store.subscriptions()[1].position == 0, "it handled nothing, as far as anybody knows"
    again = Noting("slow")
    run(again)
    until(lambda: again.seen == list(range(1, 201)))
    slow.free.set()


def test_what_was_forgotten_before_it_was_seen_is_counted(store: MemoryStore, run: Run) -> None:
    store.subscribe("noting", Begin.OLDEST, time.time())
    commit(store, 9)
    store.prune(8.0, Keep(unseen=1.0))
    one = Noting()
    run(one)
    until(lambda: one.seen == [7, 8, 9])
    until(lambda: store.subscriptions()[0].missed == 6)


def test_two_of_one_name_would_share_a_position(store: MemoryStore) -> None:
    with pytest.raises(ValueError, match="one name"):
        Subscribers(store, store, [Noting(), Noting()])


def test_what_never_started_can_be_stopped(store: MemoryStore) -> None:
    Subscribers(store, store, [Noting()]).stop()


def test_who_decides_waits_for_none_of_them(store: MemoryStore, run: Run) -> None:
    slow, ill = Stuck("slow"), Failing("ill")
    running = run(slow, ill)
    leader = Leader(store, Setup(graph_of([node(0)]), Limits(1), 0.0), (running.listen,))
    leader.start()
    assert leader.ask(PauseScope("*", somebody("ada")), patience=TOO_LONG)
    assert leader.ask(ResumeScope("*", somebody("ada")), patience=TOO_LONG)
    leader.stop()
    assert (leader.broken, leader.deaf) == (None, 0)
    slow.free.set()
    until(lambda: slow.seen == [entry.position for entry in store.read()])


class TestTail:
    def test_the_newest_are_read_from_memory_and_older_ones_from_the_log(self, store: MemoryStore) -> None:
        commit(store, 6)
        entries = store.read()
        tail = Tail(MemoryStore())
        for entry in entries[2:]:
            tail.add(entry)
        assert tail.read(2, 3) == entries[2:5]
        assert tail.read(4, 9) == entries[4:]
        assert tail.read(6, 9) == []
        assert tail.read(1, 9) == [], "that is for the log, which is another one here"

    def test_a_gap_is_read_from_the_log(self, store: MemoryStore) -> None:
        commit(store, 6)
        entries = store.read()
        tail = Tail(store)
        for n in (0, 1, 4):
            tail.add(entries[n])
        assert tail.read(0, 9) == entries
        assert tail.read(4, 9) == entries[4:5]
