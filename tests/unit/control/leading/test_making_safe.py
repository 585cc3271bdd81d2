"""What is done to a state that was restored: nothing of it is left to happen, and all of it is looked at again."""

from __future__ import annotations

from collections.abc import Callable

from odmd.control.leading.leader import Leader
from odmd.control.leading.recovery import make_safe
from odmd.control.reading.troubles import NAME
from odmd.control.scheduler.effects import SendLater
from odmd.control.scheduler.messages import Head, ResumeScope, StartChange, Tick
from odmd.control.scheduler.setup import Limits, Setup
from odmd.engine.memory import ImmediateEngine
from odmd.graph.paused import EVERYTHING
from odmd.store.memory import MemoryStore
from support.actors import somebody
from support.until import TOO_LONG
from support.worlds import address, graph_of, node


class Endless:
    """A term that nobody else can end."""

    epoch = 0

    def when_lost(self, _tell: Callable[[], None]) -> None:
        pass


def test_what_the_backup_wanted_is_forgotten_its_run_is_ended_and_all_is_paused() -> None:
    engine = ImmediateEngine()
    graph = graph_of([node(0)])
    store, setup = MemoryStore(engine.outbox), Setup(graph, Limits(1), 0.0)
    leader = Leader(store, setup)
    leader.start()
    head = Head(address(0), "c" * 40, graph.slice(address(0)))
    leader.ask(StartChange("push", somebody("ada"), "", (head,)), patience=TOO_LONG)
    leader.stop()
    engine.outbox(10_000, [SendLater(0.0, Tick(0.0))])
    store.receive("late", ResumeScope(EVERYTHING, somebody("ada")), 0.0)
    store.put(NAME, "[]")
    before = store.load()

    done = make_safe(store, engine, setup, Endless(), somebody("ada"))

    after = store.load()
    assert done.runs == tuple(before.runs) != ()
    assert (done.messages, done.envers) == (1, 1)
    assert done.effects >= 1
    assert engine.forget() == 0
    assert not after.runs
    assert EVERYTHING in after.standing.pauses
    assert after.next_run >= done.first > max(before.next_run, before.next_wave)

    again = make_safe(store, engine, setup, Endless(), somebody("ada"))
    assert again.first > done.first
    assert (again.runs, again.messages) == ((), 0)
