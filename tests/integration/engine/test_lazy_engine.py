"""DBOS starts when there is something to carry out, and not before."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_engines import Performer

from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.effects import Effect, MirrorProduct, SendLater
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import RetireValue
from odmd.engine.dbos_engine import DbosEngine
from odmd.engine.lazy import LazyEngine
from odmd.store.sql import SqlStore

MIRROR = MirrorProduct("p")


class Process:
    """A store with an engine that counts how often DBOS was started."""

    def __init__(self, where: Path) -> None:
        self.made = 0
        self.engine = LazyEngine(where, lambda: self._make(where))
        self.store = SqlStore(where, self.engine.outbox, self.engine.ready)
        self.performer = Performer()

    def _make(self, where: Path) -> DbosEngine:
        self.made += 1
        return DbosEngine(where)

    def commit(self, *effects: Effect) -> None:
        end = self.store.load().position
        self.store.commit(end, [], [Logged(end + 1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)

    def end(self) -> None:
        self.engine.stop()
        self.store.close()


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_who_commits_no_effect_never_starts_it(where: Path) -> None:
    process = Process(where)
    process.engine.start(process.performer)
    process.commit()
    process.end()
    assert process.made == 0


def test_the_first_effect_starts_it_and_is_carried_out(where: Path) -> None:
    process = Process(where)
    process.engine.start(process.performer)
    process.commit(MIRROR)
    process.commit(MirrorProduct("q"))
    process.performer.wait_for(lambda done: len(done) == 2)
    process.end()
    assert process.made == 1


def leave(where: Path, *effects: Effect) -> None:
    """A process enqueues effects and ends before it carries them out."""
    engine = DbosEngine(where)
    store = SqlStore(where, engine.outbox)
    store.commit(0, [], [Logged(1, RunClaimed(1, 1, "w", 1.0), "m")], Touched(), effects)
    engine.stop()
    store.close()


def test_what_an_earlier_process_left_starts_it_at_once(where: Path) -> None:
    leave(where, MIRROR)
    process = Process(where)
    process.engine.start(process.performer)
    process.performer.wait_for(lambda done: done == [MIRROR])
    process.end()


def test_a_timer_that_is_due_later_does_not_start_it(where: Path) -> None:
    leave(where, SendLater(time.time() + 3600, RetireValue("p", 1)))
    process = Process(where)
    process.engine.start(process.performer)
    process.end()
    assert process.made == 0


def test_a_timer_starts_it_when_it_is_due(where: Path) -> None:
    soon = SendLater(time.time() + 1, RetireValue("p", 1))
    leave(where, soon)
    process = Process(where)
    process.engine.start(process.performer)
    process.performer.wait_for(lambda done: done == [soon])
    process.end()


def test_what_is_committed_before_the_start_is_carried_out_after_it(where: Path) -> None:
    process = Process(where)
    process.commit(MIRROR)
    assert not process.performer.done
    process.engine.start(process.performer)
    process.performer.wait_for(lambda done: done == [MIRROR])
    process.end()
    assert process.made == 1
