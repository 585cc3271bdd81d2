"""Workers: one in the leader's own process, or any number in processes of their own that reach the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from odmd import __version__
from odmd.agent import Agent, LogWriter, RunListener, Tools, Worker
from odmd.bootstrap.contracts import load_contracts_again
from odmd.bootstrap.merged import merged_contracts
from odmd.bootstrap.private import vault
from odmd.bootstrap.procedures import agents_tools, cage_of
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database
from odmd.bootstrap.worker_names import is_dead, one_name
from odmd.control.leading.ask import InboxAsk, PatientArtifacts
from odmd.control.leading.bell import Bell
from odmd.control.leading.desk import Desk, StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.leading.workers import BEATS, Watch, WorkerView
from odmd.control.scheduler.clones import with_kept
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.graph import Compiled
from odmd.isolation import Isolation
from odmd.store.artifacts import SqlArtifacts
from odmd.store.notices import heard
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from odmd.store.workers import SqlWorkers

GiveUp = Callable[[BaseException], None]
"""Told what ended a worker, or a run without an outcome."""
_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """A worker by its name, and what keeps its runs' lines."""

    name: str
    worker: Worker
    log: LogWriter

    def start(self) -> None:
        self.worker.start()

    def stop(self) -> None:
        self.worker.stop()
        self.log.close()


def own_worker(
    settings: Settings,
    store: SqlStore,
    desk: Desk,
    tools: Tools,
    report: RunListener,
    bell: Bell,
    give_up: GiveUp,
) -> RunningWorker:
    """The one that dies with its leader, so that the next leader need not wait for it: it stands in no list."""
    log = LogWriter(SqlRunLog(store.database))

    def tell(run: int, line: str, *, lasting: bool = False) -> None:
        report(run, line, lasting=lasting)
        log(run, line, lasting=lasting)

    agent = Agent(one_name("embedded"), desk, tools, settings.state / "runs", tell, log.flush)
    return RunningWorker(agent.name, Worker(agent, settings.runs_at_once, bell, give_up), log)


@contextmanager
def watched(leader: Leader, store: SqlStore, own: RunningWorker | None, patience: float) -> Generator[None]:
    """Takes runs from workers that are gone, while inside."""
    mine, workers = own.name if own else "", SqlWorkers(store.database)
    watch = Watch(workers, lambda: leader.look(_under_way), leader.tell, mine, patience, is_dead)
    watch.look(time.monotonic())
    with _repeated("watch workers", patience / BEATS, lambda: watch.look(time.monotonic())):
        yield


@contextmanager
def standing_worker(
    settings: Settings, compiled: Compiled, places: int, say: Callable[[str], None], give_up: GiveUp
) -> Generator[RunningWorker]:
    """Carries out runs of whoever leads while inside, and ends those under way when it is left.

    Raises:
        ToolMissing, StateUnreadable, DatabaseUnreachable, DatabaseRefused
        NotCaged: services' apps have to be caged, and cannot be.
    """
    cage = cage_of(settings, Isolation.REQUIRED)
    say(f"services' apps: {cage}")
    where, bell = database(settings), Bell()
    store = SqlStore(where)
    ask, workers, log = InboxAsk(store, bell), SqlWorkers(store.database), LogWriter(SqlRunLog(store.database))
    desk = StoreDesk(ask, store, compiled, ask.patiently, sealed=vault(settings, store).sealed)
    artifacts = PatientArtifacts(SqlArtifacts(store.database), ask.patiently)
    tools = agents_tools(settings, artifacts, cage=lambda: cage)
    agent = Agent(one_name("worker"), desk, tools, settings.state / "runs", log, log.flush)
    standing = _Standing(settings, agent.name, desk, workers, places, say)
    desk.outdated = standing.follow
    worker = RunningWorker(agent.name, Worker(agent, places, bell, give_up), log)
    try:
        standing.beat()
        with _repeated("beat", settings.worker_patience / BEATS, standing.beat), heard(where, "odmd_log", bell.ring):
            worker.start()
            yield worker
            worker.stop()
        with suppress(OdmdError):
            workers.leave(worker.name)
    finally:
        store.close()


class _Standing:
    """What a worker says of itself, and whether it has the contracts that are in force."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        desk: StoreDesk,
        workers: SqlWorkers,
        places: int,
        say: Callable[[str], None],
    ) -> None:
        self._settings, self._name, self._desk, self._workers, self._places, self._say = (
            settings,
            name,
            desk,
            workers,
            places,
            say,
        )
        self._merged = merged_contracts(settings, repositories(settings), desk.store)
        self._since = time.time()
        self._told = ""

    def beat(self) -> None:
        """It lives."""
        contracts = self._desk.compiled.graph.digest()
        self._workers.beat(WorkerView(self._name, __version__, contracts, self._places, self._since))

    def follow(self) -> None:
        """Reads the contracts again, once for each that are put in force elsewhere."""
        wanted = self._desk.store.standing().contracts
        if not wanted or wanted == self._told:
            return
        self._told = wanted
        self._desk.compiled = self._with_clones(self._desk.compiled)
        with suppress(OdmdError):
            if not self._desk.is_current():
                self._desk.compiled = self._with_clones(self._read_again())
        if not self._desk.is_current():
            mine = self._desk.compiled.graph.digest()
            self._say(
                f"takes no runs: the contracts {_short(wanted)} are in force, and its own are {_short(mine)}; "
                "give it those, and start it again"
            )

    def _read_again(self) -> Compiled:
        """What was merged last, or what the files here say."""
        merged = self._merged and self._merged.in_force()
        return merged or load_contracts_again(self._settings, Isolation.REQUIRED)

    def _with_clones(self, compiled: Compiled) -> Compiled:
        return with_kept(compiled, self._desk.store.clones())


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_DIGITS]


@contextmanager
def _repeated(name: str, seconds: float, do: Callable[[], None]) -> Generator[None]:
    """Does it again and again, in a thread of its own, while inside."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(seconds):
            with suppress(OdmdError):  # a database that is away is noticed elsewhere, and comes back
                do()

    threading.Thread(target=go_on, name=name, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _under_way(state: State) -> Sequence[Run]:
    return [replace(run) for run in state.runs.values()]
