"""Asking through the inbox: the answer is what was committed for it, and a database that is away is waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odmd.control.leading.ask import InboxAsk
from odmd.control.leading.bell import Bell
from odmd.control.leading.leader import Leader
from odmd.control.scheduler.events import Paused
from odmd.control.scheduler.messages import PauseScope
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import DatabaseUnreachable, LeadershipLost, NotAnswered
from odmd.store.memory import MemoryStore
from support.actors import somebody
from support.worlds import graph_of, node


class Away(MemoryStore):
    """Cannot be reached the first times."""

    times = 3

    def receive(self, id: str, message: object, at: float) -> bool:
        self.times -= 1
        if self.times >= 0:
            raise DatabaseUnreachable("away")
        return super().receive(id, message, at)  # pyright: ignore[reportArgumentType]


@pytest.fixture(params=[MemoryStore, Away])
def store(request: pytest.FixtureRequest) -> MemoryStore:
    made: MemoryStore = request.param()
    made._outbox = lambda _position, _effects: None  # pyright: ignore[reportPrivateUsage]
    return made


@pytest.fixture
def ask(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[InboxAsk]:
    monkeypatch.setattr("odmd.control.leading.ask._LOOK_SECONDS", 0.01)
    bell = Bell()
    leader = Leader(store, Setup(graph_of([node(0)]), Limits(1), 0.0), (lambda _entry, _state: bell.ring(),))
    leader.start()
    yield InboxAsk(store, bell)
    leader.stop()


def test_it_answers_with_what_was_committed_for_it(ask: InboxAsk, store: MemoryStore) -> None:
    (event,) = ask(PauseScope("*", somebody("ada")), "once")
    assert isinstance(event, Paused)
    assert ask(PauseScope("*", somebody("ada")), "once") == [event], "the same id is not handled again"
    assert ask(PauseScope("*", somebody("ada"))) == [], "it is so already"
    assert len([entry for entry in store.read() if isinstance(entry.event, Paused)]) == 1


def test_a_bell_that_rang_before_is_heard_by_who_says_what_he_heard() -> None:
    bell = Bell()
    heard = bell.heard()
    bell.ring()
    bell.wait(heard, 60)
    assert bell.heard() == heard + 1


def test_who_leads_answers_the_same_message_twice_with_what_came_of_it_then() -> None:
    store = MemoryStore(lambda _position, _effects: None)
    leader = Leader(store, Setup(graph_of([node(0)]), Limits(1), 0.0))
    leader.start()
    try:
        (event,) = leader.ask(PauseScope("*", somebody("ada")), "once", 20)
        assert leader.ask(PauseScope("*", somebody("ada")), "once", 20) == [event]
    finally:
        leader.stop()


def test_patience_ends_and_the_answer_comes_nevertheless() -> None:
    store = MemoryStore(lambda _position, _effects: None)
    leader = Leader(store, Setup(graph_of([node(0)]), Limits(1), 0.0))
    with pytest.raises(NotAnswered):
        leader.ask(PauseScope("*", somebody("ada")), "once", 0.01)
    leader.start()
    try:
        assert isinstance(leader.answer("once", 20)[0].event, Paused)
    finally:
        leader.stop()


def test_who_waits_for_a_leader_that_broke_is_told_so() -> None:
    leader = Leader(MemoryStore(), Setup(graph_of([node(0)]), Limits(1), 0.0))
    leader.give_up(LeadershipLost("gone"))
    with pytest.raises(LeadershipLost):
        leader.ask(PauseScope("*", somebody("ada")))
