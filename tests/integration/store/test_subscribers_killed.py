"""kill -9 while a subscriber handles a batch: the next process hands it all that it may not have handled, in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from store_samples import append

from odmd.store.sql import SqlStore
from odmd.store.where import Postgres, Where
from support.forked import forge
from support.until import until

EVENTS = 200
FOLLOWS = """
    import os, sys, time
    from pathlib import Path
    from odmd.control.leading import subscribers
    from odmd.control.ports.subscribers import Begin
    from odmd.store.sql import SqlStore
    from odmd.store.subscriptions import SqlSubscriptions
    from odmd.store.where import Postgres

    subscribers._BATCH, subscribers._KEEP_SECONDS = 20, 0.0
    where = Postgres(sys.argv[1]) if "://" in sys.argv[1] else Path(sys.argv[1])
    store, file = SqlStore(where), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    class Writes:
        name, begin = "writes", Begin.OLDEST

        def handle(self, batch):
            for entry in batch:
                os.write(file, f"{entry.position}\\n".encode())
                time.sleep(0.002)

    subscribers.Subscribers(store, SqlSubscriptions(store.database), [Writes()]).start()
    time.sleep(600)
"""


@pytest.mark.parametrize("killed_after", [1, 30, 75])
def test_the_next_process_goes_on_where_it_surely_was(where: Where, tmp_path: Path, killed_after: int) -> None:
    store = SqlStore(where)
    append(store, EVENTS)
    first = seen_until(where, tmp_path / "first", killed_after)
    kept = store.subscriptions()[0].position
    assert first == list(range(1, len(first) + 1)), "in order, each once in one life"
    assert kept <= len(first), "it is never said of an event that it was handled before it was"
    assert kept >= len(first) - 40, "but for the batch under way and the one before"
    append(store, 10)  # somebody else leads meanwhile
    second = seen_until(where, tmp_path / "second", EVENTS + 10 - kept)
    assert second == list(range(kept + 1, EVENTS + 11))
    store.close()


def seen_until(where: Where, file: Path, count: int) -> Sequence[int]:
    """The positions that a process was given until it was killed, somewhat after so many."""
    place = where.url if isinstance(where, Postgres) else str(where)
    code = "\n".join(line.removeprefix("    ") for line in FOLLOWS.splitlines())
    process = forge().start_program(code, place, file)
    try:
        until(lambda: len(lines(file)) >= count or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    return lines(file)


def lines(file: Path) -> Sequence[int]:
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []
