"""Asks no faster than GitHub takes it: who matters most goes first, and who would wait long is told for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from odmd.errors import HostBusy
from odmd.providers.github.budget import Budget, Cost, Priority

PATIENCE_SECONDS: Final = 5.0
_AT_ONCE: Final = 20
"""GitHub takes a hundred, of all that use the App."""


class Pacer:
    """Of one installation, for all threads.

    Args:
        patience: seconds for which a request is held back here; what has to wait longer is its caller's business.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._budget, self._changed = Budget(), threading.Condition()
        self._waiting = dict[tuple[Priority, int], Cost]()
        self._came = self._under_way = 0

    @contextmanager
    def turn(self, cost: Cost, priority: Priority) -> Generator[None]:
        """One request is made inside.

        Raises:
            HostBusy: it would have to wait for too long.
        """
        with self._changed:
            self._wait(cost, priority)
            self._budget.spend(time.monotonic(), cost)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def taken(self) -> None:
        """The last request was not too much, whatever else its answer says."""
        with self._changed:
            self._budget.taken()

    def give_back(self) -> None:
        """The last request was answered with: nothing moved."""
        with self._changed:
            self._budget.give_back()
            self._changed.notify_all()

    def told(self, limit: int, remaining: int, seconds: float) -> None:
        """What an answer said: so many are left of so many, until so many seconds are over."""
        with self._changed:
            self._budget.told(limit, remaining, time.monotonic() + seconds)

    def refused(self, seconds: float | None) -> float:
        """It was too much; returns for how many seconds nothing is asked."""
        with self._changed:
            return self._budget.refused(time.monotonic(), seconds)

    def _wait(self, cost: Cost, priority: Priority) -> None:
        self._came += 1
        mine = (priority, self._came)
        self._waiting[mine] = cost
        try:
            until = time.monotonic() + self._patience
            while (delay := self._delay(mine, cost)) > 0:
                left = until - time.monotonic()
                if delay > left or left <= 0:
                    raise HostBusy("GitHub takes no more requests for now", max(delay, 1.0))
                self._changed.wait(delay)
        finally:
            del self._waiting[mine]
            self._changed.notify_all()

    def _delay(self, mine: tuple[Priority, int], cost: Cost) -> float:
        now = time.monotonic()
        if (own := self._budget.delay(now, cost, mine[0])) > 0:
            return own
        before = [one for one in self._waiting if one < mine]
        goes = any(self._budget.delay(now, self._waiting[one], one[0]) <= 0 for one in before)
        return self._patience / 10 if goes or self._under_way >= _AT_ONCE else 0.0
