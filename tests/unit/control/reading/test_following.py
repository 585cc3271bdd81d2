"""What is said of those who follow the log by name."""

from __future__ import annotations

import pytest

from odmd.control.ports.log import Logged, Touched
from odmd.control.ports.subscribers import WAITED_SECONDS, Begin
from odmd.control.reading.following import subscribers
from odmd.control.scheduler.events import RunClaimed
from odmd.store.memory import MemoryStore

MONTH = WAITED_SECONDS


@pytest.fixture
def store() -> MemoryStore:
    """Three events at 1, 2 and 3 seconds; who follows them was heard of at 0, and handled the first."""
    made = MemoryStore()
    made.subscribe("traces", Begin.OLDEST, 0.0)
    made.commit(0, [], [Logged(n, RunClaimed(1, n, "w", float(n)), "m") for n in (1, 2, 3)], Touched(), [])
    made.advance("traces", 1, 1.0)
    return made


def trouble(store: MemoryStore, now: float) -> str:
    (found,) = subscribers(store, now)
    return found.trouble


def test_one_that_keeps_up_or_is_about_to_is_no_trouble(store: MemoryStore) -> None:
    (found,) = subscribers(store, 5.0)
    assert (found.position, found.lag, found.behind, found.trouble) == (1, 2, 3.0, "")
    store.advance("traces", 3, 2.0)
    (found,) = subscribers(store, MONTH)
    assert (found.lag, found.behind, found.trouble) == (0, 0.0, "")


def test_one_that_fails_says_why_at_once(store: MemoryStore) -> None:
    store.failed("traces", "ConnectionError: refused", 4.0)
    assert trouble(store, 5.0) == "traces is 2 events behind: ConnectionError: refused"


def test_one_that_is_slow_and_one_that_nobody_runs(store: MemoryStore) -> None:
    assert trouble(store, 1000.0) == "traces is 2 events behind: it is slow"
    assert "nobody runs it" in trouble(store, 9000.0)
    store.advance("traces", 2, 8999.0)
    assert trouble(store, 9000.0) == "traces is 1 event behind: it is slow"


def test_one_that_nobody_waits_for_any_more_is_no_trouble(store: MemoryStore) -> None:
    assert "nobody runs it" in trouble(store, MONTH)
    assert trouble(store, MONTH + 2) == ""


def test_what_it_missed_is_counted(store: MemoryStore) -> None:
    store.advance("traces", 3, 4.0, missed=2)
    (found,) = subscribers(store, 4.0)
    assert found.missed == 2
