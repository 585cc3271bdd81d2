"""A leader and workers as processes, whose runs do nothing: what the control plane itself can do.

Prints runs a second with 1, 2 and 4 workers, how long a published value takes to the claim of its consumer's run, and
what a leader costs that waits for 1,000 approvals; on SQLite and on Postgres.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from odmd.bootstrap.contracts import load_contracts  # noqa: E402
from odmd.bootstrap.settings import read_settings  # noqa: E402
from odmd.control.leading.desk import Claim, Desk  # noqa: E402
from odmd.control.ports.journal import DoneStep  # noqa: E402
from odmd.control.scheduler import events as e  # noqa: E402
from odmd.control.scheduler.actor import Actor, ActorKind, Scope  # noqa: E402
from odmd.control.scheduler.messages import FinishRun, Head, Publication, StartChange  # noqa: E402
from odmd.graph import Graph  # noqa: E402
from odmd.store.sql import SqlStore  # noqa: E402
from support.postgres import postgres_server  # noqa: E402

RUNS = 300
SECONDS = 20
PACE = 0.2
APPROVALS = 1000
IDLE_SECONDS = 20

BENCH = Actor("bench", ActorKind.PERSON, "a benchmark", Scope.ADMIN)


def main() -> None:
    """Prints every figure."""
    with postgres_server(durable=True) as server:
        for name in ("SQLite", "Postgres"):
            for workers in (1, 2, 4):
                with _place(name, server, f"alone:{RUNS}") as place:
                    throughput(name, place, workers)
            with _place(name, server, f"pairs:{int(SECONDS / PACE)}") as place:
                latency(name, place)
            with _place(name, server, f"gated:{APPROVALS}") as place:
                waiting(name, place)


class Place:
    """One organisation in an empty state."""

    def __init__(self, folder: Path, environment: dict[str, str], stack: ExitStack) -> None:
        self.folder, self.environment, self._stack = folder, environment, stack
        os.environ.update(environment)
        sys.modules.pop("fleet", None)
        settings = read_settings(state=folder / "state")
        self.graph: Graph = load_contracts(settings).graph
        self.leader = self.start("lead")
        self.store = SqlStore(settings.database or settings.state / "state.db")
        stack.callback(self.store.close)
        self._pushes = 0

    def start(self, what: str) -> subprocess.Popen[str]:
        command = [sys.executable, __file__, what]
        process = subprocess.Popen(command, cwd=self.folder, env=os.environ.copy(), stdout=subprocess.PIPE, text=True)
        self._stack.callback(lambda: (process.kill(), process.wait()))
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        return process

    def push(self, *envers: str) -> None:
        self._pushes += 1
        heads = tuple(Head(one, f"c{self._pushes}", self.graph.slice(one)) for one in envers)
        self.store.receive(uuid.uuid4().hex, StartChange("push", BENCH, "", heads), time.time())

    def wait(self, until: Callable[[list[e.Event]], bool]) -> list[e.Event]:
        """The whole log, once it is so."""
        log, after = list[e.Event](), 0
        while not until(log):
            found = self.store.read(after)
            log += [entry.event for entry in found]
            after = found[-1].position if found else after
            if not found:
                time.sleep(0.05)
        return log


@contextmanager
def _place(name: str, server: Any, fleet: str) -> Generator[Place]:
    with tempfile.TemporaryDirectory(prefix="odmd-bench-") as folder, ExitStack() as stack:
        where = {}
        if name == "Postgres":
            where = {"ODMD_DATABASE_URL": stack.enter_context(server.database()).url}
        else:
            os.environ.pop("ODMD_DATABASE_URL", None)
        there = {"ODMD_FLEET": fleet, "ODMD_CONTRACTS": "fleet:fleet", "ODMD_STATE": f"{folder}/state", **where}
        yield Place(Path(folder), {**there, "PYTHONPATH": f"{ROOT / 'bench'}:{ROOT / 'tests'}"}, stack)


def throughput(name: str, place: Place, workers: int) -> None:
    """From the first claim to the last end."""
    for _ in range(workers):
        place.start("work")
    place.push(*place.graph.envers)
    log = place.wait(lambda log: sum(isinstance(event, e.RunSucceeded) for event in log) == RUNS)
    began = min(event.at for event in log if isinstance(event, e.RunClaimed))
    ended = max(event.at for event in log if isinstance(event, e.RunSucceeded))
    print(
        f"{name:<9} {workers} workers: {RUNS / (ended - began):6.1f} runs/s   load {os.getloadavg()[0]:.1f}", flush=True
    )


def latency(name: str, place: Place) -> None:
    """From a value to the claim of its consumer's run, at 5 changes a second."""
    for _ in range(2):
        place.start("work")
    place.push(*place.graph.envers)
    done = len(place.graph.envers)
    log = place.wait(lambda log: sum(isinstance(event, e.RunSucceeded) for event in log) == done)
    before = len(log)
    producers = [one for one in place.graph.envers if one.startswith("p")]
    for one in producers:
        place.push(one)
        time.sleep(PACE)
    done += 2 * len(producers)
    log = place.wait(lambda log: sum(isinstance(event, e.RunSucceeded) for event in log) == done)[before:]
    published = {event.product.partition("/")[0][1:]: event.at for event in log if isinstance(event, e.ValuePublished)}
    consumer = {event.run: event.enver.partition("/")[0] for event in log if isinstance(event, e.RunStarted)}
    took = sorted(
        event.at - published[consumer[event.run][1:]]
        for event in log
        if isinstance(event, e.RunClaimed) and consumer.get(event.run, "").startswith("c")
    )
    p99 = took[int(0.99 * len(took)) - 1]
    middle = statistics.median(took)
    print(
        f"{name:<9} value → consumer's run claimed, at {1 / PACE:.0f}/s: median {middle * 1e3:.0f} ms, "
        f"p99 {p99 * 1e3:.0f} ms   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def waiting(name: str, place: Place) -> None:
    """What the leader costs while it waits for people."""
    worker = place.start("work")
    place.push(*place.graph.envers)
    place.wait(lambda log: sum(isinstance(event, e.Offered) for event in log) == APPROVALS)
    time.sleep(2)
    leader, other = psutil.Process(place.leader.pid), psutil.Process(worker.pid)
    before = [sum(one.cpu_times()[:2]) for one in (leader, other)]
    time.sleep(IDLE_SECONDS)
    after = [sum(one.cpu_times()[:2]) for one in (leader, other)]
    shares = [100 * (now - then) / IDLE_SECONDS for now, then in zip(after, before, strict=True)]
    print(
        f"{name:<9} {APPROVALS} wait for approval: leader {shares[0]:.1f} % of a core, worker {shares[1]:.1f} %   "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def lead() -> None:
    """The leader's process: all of it but the cloud."""
    from odmd.bootstrap.embedded import control_plane
    from odmd.providers import aws
    from odmd.providers.aws.fake import FakeAws

    fake = FakeAws()
    aws.AwsMirror = lambda _sessions: fake  # type: ignore[assignment,misc]  # no cloud here
    settings = read_settings()
    with control_plane(settings, load_contracts(settings), (), None):
        print("here", flush=True)
        time.sleep(3600)


def work() -> None:
    """A worker's process, whose agents do nothing."""
    from odmd.bootstrap import workers

    workers.Agent = Nothing  # type: ignore[assignment,misc]  # no cloud here
    workers.agents_tools = lambda *_: None  # type: ignore[assignment,return-value]
    settings = read_settings()
    with workers.standing_worker(settings, load_contracts(settings), 8, lambda _: None, _fail):
        print("here", flush=True)
        time.sleep(3600)


def _fail(broken: BaseException) -> None:
    print(broken, file=sys.stderr)
    os._exit(1)


class Nothing:
    """Says at once that all went well, and publishes another value each time."""

    def __init__(self, name: str, desk: Desk, *_: object) -> None:
        self.name, self._desk = name, desk

    def claim(self) -> Claim | None:
        return self._desk.claim(self.name)

    def carry_out(self, claim: Claim) -> FinishRun:
        self._desk.record(claim, DoneStep("nothing", "", 0.0, time.time()))
        outcome = FinishRun(claim.run.id, claim.attempt, "sha256:assembly", tuple(self._published(claim)))
        self._desk.finish(outcome)
        return outcome

    def _published(self, claim: Claim) -> Iterator[Publication]:
        for product in claim.enver.products:
            text = f"{claim.run.id}"
            yield Publication(product.address, text, text, product.kind)


if __name__ == "__main__":
    {"lead": lead, "work": work}.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
