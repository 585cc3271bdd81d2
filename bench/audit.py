"""What the log's chain costs a commit, and how long proofs and provenance take: `python bench/audit.py [EVENTS]`."""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from odmd.control.ports.ledger import GENESIS, Entry, link_of
from odmd.control.ports.log import Logged, Touched
from odmd.control.reading.proven import all_entries, prove
from odmd.control.reading.provenance import FactSort, ancestors
from odmd.control.reading.trail import Sought, found_entries
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.state import Wave
from odmd.control.scheduler.values import RunInput, Value, ValueRef
from odmd.plan.fingerprint import Fingerprint
from odmd.store.codec import EVENTS
from odmd.store.reads import SqliteReads
from odmd.store.sql import SqlStore

BENCH = Actor("bench", ActorKind.PERSON, "a benchmark", Scope.ADMIN)
BATCH, BATCHES = 20, 150
LAYERS, WIDE, FAN_IN = 20, 250, 3
"""5,000 values and the 5,000 runs that published them."""


def claimed(position: int) -> Logged:
    """A small event."""
    event = RunClaimed(position, AttemptNumber(1), f"worker {position % 7}", float(position))
    return Logged(position, event, f"message {position}")


def commits(folder: Path, *, chained: bool) -> float:
    """Milliseconds of one commit of a batch, the middle of many."""
    times = list[float]()
    links = patch("odmd.store.sql.link_of", link_of if chained else unlinked)
    with closing(SqlStore(folder / f"{time.monotonic_ns()}.db")) as store, links:
        for batch in range(BATCHES):
            events = [claimed(batch * BATCH + n) for n in range(1, BATCH + 1)]
            began = time.perf_counter()
            store.commit(batch * BATCH, [], events, Touched(), [])
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def unlinked(_before: str, _entry: Entry) -> str:
    """In the place of a link."""
    return GENESIS


@contextmanager
def told(what: str) -> Generator[None]:
    """Prints how long it took, by the clock and of this process."""
    began, worked = time.perf_counter(), time.process_time()
    yield
    took, works = time.perf_counter() - began, time.process_time() - worked
    print(f"{what}: {took:.2f} s, of which {works:.2f} s at work")


def rows(count: int) -> Iterator[tuple[int, str, str, str, float, str]]:
    """A log of so many events, chained."""
    before = GENESIS
    for position in range(1, count + 1):
        logged = claimed(position)
        type_, body = EVENTS.encode(logged.event)
        entry = Entry(position, logged.event.at, type_, logged.message, body, None)
        before = link_of(before, entry)
        yield position, type_, body, logged.message, logged.event.at, before


def proof(folder: Path, count: int) -> None:
    """A long log is proven, and searched."""
    file = folder / "long.db"
    SqlStore(file).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany(
            "INSERT INTO log (position, type, body, message, at, link) VALUES (?, ?, ?, ?, ?, ?)", rows(count)
        )
    with closing(SqliteReads(file)) as reads:
        with told(f"{count:,} events proven"):
            found = prove(reads.beginning(), all_entries(reads), "")
        assert (found.entries, found.broken) == (count, None)
        with told(f"{count:,} events searched for a text"):
            assert not found_entries(reads, Sought(text="nobody said this"))


def provenance(folder: Path) -> None:
    """A value that comes from thousands of others."""
    runs, values = list[Run](), list[Value]()
    for layer in range(LAYERS):
        for n in range(WIDE):
            id = layer * WIDE + n + 1
            sources = [(layer - 1) * WIDE + (n * FAN_IN + k) % WIDE for k in range(FAN_IN)] if layer else []
            given = tuple(RunInput(f"in{k}", f"s{k}/b..main/out", 1, "{}", f"i{k}") for k in sources)
            print_ = Fingerprint(f"{id:040x}", "slice", tuple((one.name, one.identity) for one in given))
            ref = ValueRef(f"s{id - 1}/b..main/out", 1)
            run = Run(id, f"s{id - 1}/b..main", print_, given, RunMode.FULL, (1,), ("new",), 1.0)
            runs.append(replace(run, status=RunStatus.SUCCEEDED, finished_at=2.0, published=(ref,)))
            values.append(Value(ref.product, 1, "{}", f"i{id - 1}", "Text", id, 2.0))
    last = replace(runs[-1], id=len(runs) + 1, enver="last/b..main")
    last.inputs = tuple(
        RunInput(f"in{k}", f"s{k}/b..main/out", 1, "{}", "") for k in range(len(runs) - WIDE, len(runs))
    )
    top = Value("last/b..main/out", 1, "{}", "top", "Text", last.id, 3.0)
    wave = Wave(1, "push", BENCH, 1.0, "plan", ())
    with closing(SqlStore(folder / "values.db")) as store:
        store.commit(0, [], [claimed(1)], Touched((), [*runs, last], [*values, top], [wave]), [])
    measured = told(f"all that a value comes from: {2 * len(runs) + 1:,} runs and values")
    with closing(SqliteReads(folder / "values.db")) as reads, measured:
        found = ancestors(reads, top)
    assert sum(fact.sort in (FactSort.RUN, FactSort.VALUE) for fact in found.facts) == 2 * len(runs) + 2


def main() -> None:
    """Prints the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = [(commits(folder, chained=True), commits(folder, chained=False)) for _ in range(3)]
        chained, plain = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"a commit of {BATCH} events: {chained:.2f} ms chained, {plain:.2f} ms not: ratio {chained / plain:.2f}")
        provenance(folder)
        proof(folder, count)


if __name__ == "__main__":
    main()
