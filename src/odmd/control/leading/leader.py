"""The one who decides: drains the inbox in batches, one transaction each, and tells listeners what was committed."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from odmd.control.leading.ask import answer_to
from odmd.control.leading.bell import Bell
from odmd.control.leading.documents import keep_said
from odmd.control.leading.slices import keep_slice
from odmd.control.ports.log import Logged, PositionMoved, Received, Touched
from odmd.control.ports.store import Store
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.effects import effects_of
from odmd.control.scheduler.events import Event, RunStarted
from odmd.control.scheduler.messages import Message, Tick, UseContracts
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import Dirty, State
from odmd.graph import Graph

T = TypeVar("T")
Listener = Callable[[Logged, State], None]
"""Told at once what was committed, while nothing else is decided: for what rings a bell, or shows people in this
process what happens; whatever does more is a `Subscriber`. The state is that after all that was committed with it, and
what that changed stands in its `dirty`."""

_LOG = logging.getLogger(__name__)
_BATCH = 100
_POLL_SECONDS = 1.0
"""How long at most to rely on being woken."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that were decided and committed together."""

    messages: int
    seconds: float
    """For deciding and committing."""
    envers: Collection[str]
    """Addresses of those that may have changed."""


class Leader:
    """Holds the state in memory at a known position of the log; nobody else may decide meanwhile.

    What is committed is fenced by `epoch`, that of the term in which this leader was made.
    """

    def __init__(self, store: Store, setup: Setup, listeners: Sequence[Listener] = (), epoch: int = 0) -> None:
        self._store, self._setup, self._listeners, self._epoch = store, setup, list(listeners), epoch
        self._state = store.load()
        self._wake = threading.Event()
        self._stopping = False
        self._moved = threading.Condition()
        self._committed = Bell()
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="leader", daemon=True)
        self.deaf = 0
        """How often a listener failed at what it was told."""
        self.measure: Callable[[Batch], None] = _nothing
        """Told of each batch."""

    @property
    def epoch(self) -> int:
        """Of its term."""
        return self._epoch

    @property
    def setup(self) -> Setup:
        return self._setup

    @property
    def in_force(self) -> Graph:
        """The contracts in force, by which it decides who may do what; those of its setup where none are."""
        setup, contracts = self._setup, self._state.standing.contracts
        return setup.wirings[contracts].graph if contracts in setup.wirings else setup.graph

    @property
    def state(self) -> State:
        """To be read only while the leader is not running."""
        return self._state

    def start(self) -> None:
        """Begins to decide, with the contracts of its setup in force.

        Raises:
            Exception: whatever stopped it at once.
        """
        now = self._state.standing
        read_now = UseContracts(self._setup.contracts, max(time.time_ns(), now.observed + 1))
        self._decide([Received(uuid.uuid4().hex, read_now, time.time())])
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def tell(self, message: Message, id: str | None = None) -> None:
        """Puts a message into the inbox; an id that came before is ignored."""
        self._store.receive(id or uuid.uuid4().hex, message, time.time())
        self.wake()

    def wake(self) -> None:
        """There may be a message."""
        self._wake.set()

    def ask(self, message: Message, id: str | None = None, patience: float | None = None) -> Sequence[Event]:
        """As `told`, without its places in the log."""
        return [entry.event for entry in self.told(message, id, patience)]

    def told(self, message: Message, id: str | None = None, patience: float | None = None) -> Sequence[Logged]:
        """Puts a message into the inbox and waits for what answers it, committed; said again, for what answered then.

        Raises:
            NotAnswered: there is no answer after `patience` seconds; it comes nevertheless.
            Exception: whatever stopped the leader.
        """
        id = id or uuid.uuid4().hex
        self.tell(message, id)
        return self.answer(id, patience)

    def answer(self, id: str, patience: float | None = None) -> Sequence[Logged]:
        """What came of a message that was told.

        Raises:
            NotAnswered
            Exception: whatever stopped the leader.
        """
        return answer_to(id, self._store, self._committed, patience, in_vain=self._refuse_broken)

    def look(self, read: Callable[[State], T]) -> T:
        """What `read` finds in the committed state; nothing is decided meanwhile, so it has to be quick.

        Raises:
            Exception: whatever stopped the leader.
        """
        with self._moved:
            if self._broken:
                raise self._broken
            return read(self._state)

    def use(self, graph: Graph) -> None:
        """Puts other contracts in force; those before are known until then.

        Raises:
            Exception: whatever stopped the leader.
        """
        before = self._setup
        if graph.digest() == before.contracts:
            if graph.clones != before.graph.clones:  # the same envers, and who declares them is another one
                self._setup = replace(before, graph=graph, prepared=None)
            return
        self._setup = replace(before, graph=graph, earlier=(before.graph,), prepared=None)
        self.ask(UseContracts(self._setup.contracts, time.time_ns()))

    def go_on(self) -> None:
        """What was held until now may begin.

        Raises:
            Exception: whatever stopped the leader.
        """
        if self._setup.held:
            self._setup = replace(self._setup, held=False, prepared=None)
            self.ask(Tick(time.time()))

    @property
    def broken(self) -> BaseException | None:
        """What stopped the leader, if anything did."""
        return self._broken

    def wait_until(self, reached: Callable[[State], bool], patience: float | None = None) -> bool:
        """Waits until the committed state is so; False when it is not after `patience` seconds.

        Raises:
            Exception: whatever stopped the leader.
        """
        with self._moved:
            until = None if patience is None else time.monotonic() + patience
            while self._broken or not reached(self._state):
                if self._broken:
                    raise self._broken
                if until is not None and time.monotonic() > until:
                    return False
                self._moved.wait(timeout=0.5)
            return True

    def give_up(self, broken: BaseException) -> None:
        """Ends all waiting: something that everything rests on is broken."""
        with self._moved:
            self._broken = self._broken or broken
            self._moved.notify_all()
        self._committed.ring()

    def _refuse_broken(self) -> None:
        if self._broken:
            raise self._broken

    def drain(self) -> int:
        """Handles what is in the inbox; returns how many messages that were."""
        batch = self._store.pending(_BATCH)
        if batch:
            began = time.perf_counter()
            with self._moved:
                try:
                    envers = self._decide(batch)
                except BaseException as broken:  # nobody may take for true what was decided and not committed
                    self._broken = broken
                    raise
                finally:
                    self._moved.notify_all()
            self._committed.ring()
            self.measure(Batch(len(batch), time.perf_counter() - began, envers))
        return len(batch)

    def _decide(self, batch: Sequence[Received]) -> Collection[str]:
        """The envers that may have changed."""
        expected = self._state.position
        try:
            answers = {got.id: handle(self._setup, self._state, got.message, got.at) for got in batch}
            logged = _numbered(expected, answers)
            effects = [effect for entry in logged for effect in effects_of(entry.event)]
            self._keep_slices(logged)
            self._store.commit(expected, list(answers), logged, _touched(self._state), effects, self._epoch)
        except PositionMoved:
            self._state = self._store.load()
            return tuple(self._state.envers)
        for entry in logged:
            self._tell_listeners(entry)
        changed, self._state.dirty = self._state.dirty.envers.keys(), Dirty()
        return changed

    def _keep_slices(self, logged: Sequence[Logged]) -> None:
        """Before runs can be claimed: who carries them out needs what the contracts said when they were made."""
        begun = [entry.event for entry in logged if isinstance(entry.event, RunStarted)]
        for run, graph in product(begun, (self._setup.graph, *self._setup.earlier)):
            if run.enver in graph.envers and graph.slice(run.enver) == run.fingerprint.slice:
                keep_slice(self._store, graph, run.enver)
                keep_said(self._store, graph, run)

    def _tell_listeners(self, entry: Logged) -> None:
        """It is committed whatever they make of it: one that raises hurts neither the others, nor who asked, nor us."""
        for listener in self._listeners:
            try:
                listener(entry, self._state)
            except Exception:
                self.deaf += 1
                _LOG.exception(
                    "a listener failed at position %d of the log (%s)", entry.position, type(entry.event).__name__
                )

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._wake.clear()
                if not self.drain():
                    self._wake.wait(_POLL_SECONDS)
        except BaseException as broken:
            self.give_up(broken)


def _nothing(_batch: Batch) -> None:
    pass


def _numbered(after: int, answers: dict[str, Sequence[Event]]) -> list[Logged]:
    entries = [(event, message) for message, events in answers.items() for event in events]
    return [Logged(after + n, event, message) for n, (event, message) in enumerate(entries, start=1)]


def _touched(state: State) -> Touched:
    dirty = state.dirty
    return Touched(
        envers=tuple(dirty.envers.values()),
        runs=tuple(dirty.runs.values()),
        values=tuple(dirty.values.values()),
        waves=tuple(dirty.waves.values()),
        standing=state.standing if dirty.standing else None,
        clones=dict(dirty.clones),
    )
