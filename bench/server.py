"""What callers of a server with 30,000 envers wait for: `PYTHONPATH=tests python bench/server.py`."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.bootstrap.embedded import control_plane
from odmd.bootstrap.settings import read_settings
from odmd.control.ports.log import Touched
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.values import RunInput, Value
from odmd.graph import Compiled, Graph
from odmd.plan.fingerprint import Fingerprint
from odmd.store.sql import SqlStore
from support.served import Served, until
from support.worlds import address, graph_of, node, wire

ENVERS = 30_000
CHAIN = 10
LISTENERS = 200


def main() -> None:
    """Prints every figure."""
    folder = Path(tempfile.mkdtemp())
    os.chdir(folder)
    graph = graph_of([node(n, [wire(n - 1, n)] if n % CHAIN else []) for n in range(ENVERS)])
    record(folder, graph)
    starts(folder, graph)
    with Served(graph, folder).serving() as served, served.http() as api:
        reads(api)
        writes(api)
        listeners(served)


def record(folder: Path, graph: Graph) -> None:
    """Everything runs."""
    store = SqlStore(folder / "state.db", lambda *_: None)
    envers, runs, values = list[Enver](), list[Run](), list[Value]()
    for n, one in enumerate(graph.envers):
        given = (RunInput(f"in{n - 1}", f"{address(n - 1)}/out", 1, "one", "one"),) if n % CHAIN else ()
        print_ = Fingerprint("c1", "", tuple((of.name, of.identity) for of in given))
        leases = frozenset(of.ref for of in given)
        envers.append(Enver(one, "c1", "", print_, consumed=given, leases=leases, last_run=n + 1, runs_with=leases))
        runs.append(Run(n + 1, one, print_, given, RunMode.FULL, (), ("new",), 1.0, RunStatus.SUCCEEDED, finished_at=2))
        values.append(Value(f"{one}/out", 1, "one", "one", "test:Text", n + 1, 1.0))
    store.commit(0, [], [], Touched(envers=envers, runs=runs, values=values), [])
    store.close()


def starts(folder: Path, graph: Graph) -> None:
    """From the lock to a leader that decides."""
    settings = replace(read_settings("contracts.py:acme", folder), state=folder)
    began = time.perf_counter()
    with control_plane(settings, Compiled(graph, {}, {}), (), None):
        took = time.perf_counter() - began
    print(f"start-up with {ENVERS} envers: {took:.2f} s   load {os.getloadavg()[0]:.1f}")


def reads(api: httpx.Client) -> None:
    """Single things and pages."""
    paths = {
        "one enver": "/envers/e15005/b..main",
        "why one": "/envers/e15005/b..main/why",
        "100 envers": "/envers?limit=100&after=e2",
        "50 runs": "/runs",
        "50 runs of one": "/runs?enver=e15005@main",
        "values of one": "/values?of=e15005@main",
        "100 values": "/values?limit=100",
    }
    for name, path in paths.items():
        timed(name, lambda path=path: api.get(path).raise_for_status())
    etag = api.get("/envers?limit=500").headers["etag"]
    timed("unchanged (304)", lambda: api.get("/envers?limit=500", headers={"If-None-Match": etag}))
    timed("404 with a suggestion", lambda: api.get("/envers/e99999/b..main"), 10)


def writes(api: httpx.Client) -> None:
    """From the request to the committed answer."""
    numbers = iter(range(1000))
    timed("a pause", lambda: api.post("/pauses", json={"scope": "*", "why": str(next(numbers))}).raise_for_status(), 50)
    api.delete("/pauses/*").raise_for_status()


def listeners(served: Served) -> None:
    """From a change to the last who hears of it."""
    heard, lock = list[float](), threading.Lock()

    def listen() -> None:
        with served.http() as http, http.stream("GET", "/events", timeout=60) as answer:
            next(line for line in answer.iter_lines() if line == "event: log")
            with lock:
                heard.append(time.perf_counter())

    threads = [threading.Thread(target=listen) for _ in range(LISTENERS)]
    for thread in threads:
        thread.start()
    until(lambda: len(served.feed._listeners) == LISTENERS, 60)
    began = time.perf_counter()
    served.push("c2", 7)
    for thread in threads:
        thread.join()
    first, last = 1000 * (min(heard) - began), 1000 * (max(heard) - began)
    print(f"{LISTENERS} listeners hear of a push: first {first:.0f} ms, last {last:.0f} ms after it was asked for")


def timed(name: str, do: Callable[[], object], times: int = 100) -> None:
    """Prints the median and the 95th percentile."""
    do()
    took = list[float]()
    for _ in range(times):
        began = time.perf_counter()
        do()
        took.append(1000 * (time.perf_counter() - began))
    print(f"{name:<24} {statistics.median(took):6.1f} ms, p95 {sorted(took)[int(times * 0.95) - 1]:6.1f} ms")


if __name__ == "__main__":
    main()
