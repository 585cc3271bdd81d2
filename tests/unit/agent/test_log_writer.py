"""Lines are kept in their order, in few writes, also when the database is away for a while."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from odmd.agent import LogWriter
from odmd.control.ports.run_log import Line
from odmd.errors import DatabaseUnreachable


class Kept:
    """A run log that is away the first times."""

    def __init__(self, away: int = 0) -> None:
        self.away, self.batches = away, list[list[str]]()

    def say(self, lines: Sequence[Line]) -> None:
        self.away -= 1
        if self.away >= 0:
            raise DatabaseUnreachable("away")
        self.batches.append([line.text for line in lines])

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        del run, after, limit
        return ()

    def texts(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


def test_all_is_kept_in_order_and_few_writes() -> None:
    kept = Kept()
    writer = LogWriter(kept)
    for number in range(1200):
        writer(1, f"line {number}")
    writer(1, "two\nlines", lasting=True)
    writer.flush()
    assert kept.texts() == [*(f"line {number}" for number in range(1200)), "two", "  │ lines"]
    assert len(kept.batches) <= 6
    writer.close()


def test_what_could_not_be_kept_is_kept_later() -> None:
    kept = Kept(away=2)
    writer = LogWriter(kept)
    writer(1, "one")
    writer(1, "two")
    writer.flush()
    writer.close()
    assert kept.texts() == ["one", "two"]


def test_a_database_that_stays_away_keeps_nobody() -> None:
    writer = LogWriter(Kept(away=10**6))
    writer(1, "one")
    writer.close()


class Slow(Kept):
    """A run log that takes nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def say(self, lines: Sequence[Line]) -> None:
        self.may.wait()
        super().say(lines)


def test_a_flood_leaves_room_for_our_own_lines_and_what_is_dropped_is_said_in_its_place() -> None:
    kept = Slow()
    writer = LogWriter(kept)
    for number in range(25_000):
        writer(1, f"app: line {number}")
    writer(2, "synth")
    writer(1, "upload")
    for number in range(30_000):
        writer(1, f"step {number}")
    writer(1, "what lasts", lasting=True)
    writer(1, "app: the end")
    kept.may.set()
    writer.flush()
    writer.close()
    said = kept.texts()
    ours = said[20_000:20_004]
    assert ours == ["synth", "… left out, for want of room: 5000 of the lines …", "upload", "step 0"]
    assert said[-3:] == [
        "… left out, for want of room: 10003 of the lines …",
        "what lasts",
        "… left out, for want of room: 1 of the lines …",
    ]
