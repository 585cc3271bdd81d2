"""Two servers and four workers on one Postgres, many changes, and random kills of all of them.

`make soak` has forty waves; `ODMD_KILL_WAVES` and `ODMD_KILL_SEED` make it longer or another one. It prints
what it did.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import pytest

from odmd.client import Client
from odmd.control.reading.views import Happened
from odmd.control.scheduler import events as e
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.messages import Head, StartChange
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.graph import compile_contracts, load_organisation
from odmd.plan.wiring import Wirings
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres
from support.actors import somebody
from support.call_record import CallRecord, recorded
from support.floor import Floor
from support.forked import Forked
from support.postgres import Server, postgres_server
from support.soak import rounds
from support.until import until
from support.workbench import Workbench, bus

WAVES = int(os.environ.get("ODMD_KILL_WAVES", rounds(3, 40)))
SEED = int(os.environ.get("ODMD_KILL_SEED", "1"))


@dataclass
class Fleet:
    """Servers and workers, each started again when it was killed."""

    floor: Floor
    database: Server
    chance: random.Random
    servers: list[tuple[str, Forked]] = field(default_factory=list)
    workers: list[Forked] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.servers = [self.server() for _ in range(2)]
        self.workers = [self.worker() for _ in range(4)]

    def server(self) -> tuple[str, Forked]:
        url, process = self.floor.server("--no-worker")
        _drain(process)
        return url, process

    def worker(self) -> Forked:
        process = self.floor.start("worker", "--places", "2")
        _drain(process)
        return process

    def urls(self) -> list[str]:
        return [url for url, _ in self.servers]

    def strike(self) -> None:
        """Something terrible happens to one of them; it is there again soon."""
        what = self.chance.choice([self.kill_worker, self.kill_server, self.freeze, self.kill_worker, self.kill_server])
        self.done.append(what.__name__)
        what()

    def kill_worker(self) -> None:
        n = self.chance.randrange(len(self.workers))
        self.workers[n].kill()
        self.workers[n].wait()
        self.workers[n] = self.worker()

    def kill_server(self) -> None:
        n = self.chance.randrange(len(self.servers))
        self.servers[n][1].kill()
        self.servers[n][1].wait()
        self.servers[n] = self.server()

    def freeze(self) -> None:
        """Until somebody else leads, or for as long as a worker is waited for."""
        process = self.chance.choice([*(process for _, process in self.servers), *self.workers])
        process.send_signal(signal.SIGSTOP)
        threading.Timer(self.chance.uniform(1, 9), process.send_signal, (signal.SIGCONT,)).start()

    def outage(self) -> None:
        self.done.append("outage")
        self.database.stop_hard()
        self.database.start_again()


def _drain(process: Forked) -> None:
    """A pipe that nobody reads stops who writes."""
    assert process.stdout
    threading.Thread(target=process.stdout.read, daemon=True).start()


class Listener(threading.Thread):
    """Follows the log at whichever server answers."""

    def __init__(self, bench: Workbench, urls: Callable[[], list[str]]) -> None:
        super().__init__(daemon=True)
        self._bench, self._urls = bench, urls
        self.heard: list[int] = []
        self.over = threading.Event()

    def run(self) -> None:
        for turn in itertools.count():
            if self.over.is_set():
                return
            url = self._urls()[turn % 2]
            with suppress(OdmdError, FileNotFoundError), Client(url, self._bench.token(url)) as client:
                for message in client.follow(self.heard[-1] if self.heard else 0):
                    if isinstance(message.what, Happened):
                        self.heard.append(message.what.position)
                    if self.over.is_set():
                        return
            self.over.wait(0.05)


@pytest.fixture
def calls(bench: Workbench) -> Iterator[CallRecord]:
    with recorded(bench.environment["AWS_ENDPOINT_URL"]) as record:
        bench.environment = {**bench.environment, "AWS_ENDPOINT_URL": record.url}
        yield record


def test_whoever_is_killed_nothing_is_lost_and_nothing_is_done_twice(bench: Workbench, calls: CallRecord) -> None:
    print(f"{WAVES} waves, seed {SEED}")  # noqa: T201
    chance = random.Random(SEED)
    with postgres_server(durable=True) as own, own.database() as where, ExitStack() as stack:
        bench.environment = {**bench.environment, "ODMD_DATABASE_URL": where.url}
        fleet = Fleet(Floor(bench, stack), own, chance)
        fleet.start()
        listener = Listener(bench, fleet.urls)
        listener.start()
        changes = Changes(bench, where)
        outage = WAVES // 2
        for wave in range(WAVES):
            changes.push(wave)
            until(changes.moves)
            if wave == outage:
                fleet.outage()
            else:
                fleet.strike()
        until(changes.are_through)
        print(Counter(fleet.done))  # noqa: T201
        verify(changes, calls)
        until(lambda: listener.heard[-1] == changes.store.position())
        listener.over.set()
        assert listener.heard == list(range(1, len(listener.heard) + 1)), "no event is missed or told twice"
        changes.store.close()


class Changes:
    """Pushes, told to the inbox as any process may; what was told is in the database."""

    def __init__(self, bench: Workbench, where: Postgres) -> None:
        loaded = load_organisation("contracts.py:acme", bench.root)
        self.graph = compile_contracts(loaded.organisation, loaded.declared).graph
        self.bench, self.store = bench, SqlStore(where)
        self.heads: dict[str, str] = {}
        self.told = 0

    def push(self, wave: int) -> None:
        names = ["foundation", "reader", "writer"] if wave == 0 else [("foundation", "reader", "writer")[wave % 3]]
        if names == ["foundation"]:
            self.bench.commit("foundation", {"": bus(f"bus-{wave}")})
        heads = [self._head(name, self.bench.commit(name)) for name in names]
        self.heads.update((head.enver, head.commit) for head in heads)
        id, message = uuid.uuid4().hex, StartChange(f"wave {wave}", somebody("tests"), "", tuple(heads))
        until(lambda: self._tell(id, message))
        self.told += 1

    def _head(self, name: str, commit: str) -> Head:
        address = f"{name}/b..main"
        return Head(address, commit, self.graph.slice(address))

    def _tell(self, id: str, message: StartChange) -> bool:
        """An id that came before is ignored, so that who does not know whether it arrived tells it again."""
        with suppress(OdmdError):
            self.store.receive(id, message, time.time())
            return True
        return False

    def moves(self) -> bool:
        """Whether a worker has a run, or there is nothing to do any more."""
        with suppress(OdmdError):
            claimed = any(run.worker for run in self.store.load().runs.values())
            return claimed or self.are_through()
        return False

    def are_through(self) -> bool:
        with suppress(OdmdError):
            state = self.store.load()
            runs = {enver.address: enver.deployed.commit for enver in state.envers.values() if enver.deployed}
            return runs == self.heads and state.quiet() and not state.owing
        return False


def verify(changes: Changes, calls: CallRecord) -> None:
    """Nothing acknowledged is lost, no decision is made twice, no change set is executed twice."""
    log = list(_log(changes.store))
    accepted = [event for event in log if isinstance(event, e.ChangeAccepted)]
    assert len(accepted) == changes.told, "nothing that was told is lost"
    started = [event.run for event in log if isinstance(event, e.RunStarted)]
    ended = [event.run for event in log if isinstance(event, (e.RunSucceeded, e.RunFailed))]
    assert sorted(ended) == sorted(started) == sorted(set(started)), "every run ends once"
    assert not [event for event in log if isinstance(event, e.RunFailed)], "who is killed fails nobody"
    claims = Counter((event.run, event.attempt) for event in log if isinstance(event, e.RunClaimed))
    assert set(claims.values()) == {1}, "no attempt is given to two"
    state, wirings = State(), Wirings(changes.graph)
    for event in log:
        evolve(wirings, state, event)
    assert state == changes.store.load(), "the log replays to the projections"
    executed = Counter((call.stack, call.change_set) for call in calls.of("ExecuteChangeSet"))
    assert executed
    assert set(executed.values()) == {1}, "no change set is executed twice"
    assert not calls.of("CreateStack", "UpdateStack", "DeleteStack") or not [
        call for call in calls.of("CreateStack", "UpdateStack", "DeleteStack") if "bridge" not in call.stack
    ], "envers' stacks move by change sets only"


def _log(store: SqlStore) -> Iterator[e.Event]:
    after = 0
    while page := store.read(after):
        assert [entry.position for entry in page] == list(range(after + 1, after + 1 + len(page))), "no gap"
        yield from (entry.event for entry in page)
        after = page[-1].position
