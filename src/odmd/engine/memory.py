"""The engine without a database: one thread, and a clock that a test can turn."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Sequence

from odmd.control.leading.backoff import backoff
from odmd.control.scheduler.effects import Effect, SendLater

Due = tuple[float, int, int, Effect]
"""(when, order of arrival, attempt, effect)"""


class ImmediateEngine:
    """Carries out one effect after the other, each as soon as the clock has reached it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: list[Due] = []
        self._seen: set[tuple[int, int]] = set()
        self._arrived = 0
        self._busy = False
        self._thread: threading.Thread | None = None
        self._stopping = False

    def outbox(self, position: int, effects: Sequence[Effect]) -> None:
        """Takes the effects of a commit; the same position twice is ignored."""
        with self._changed:
            for index, effect in enumerate(effects):
                if (position, index) not in self._seen:
                    self._seen.add((position, index))
                    self._add(effect.due if isinstance(effect, SendLater) else self._clock(), 0, effect)

    def start(self, perform: Callable[[Effect], None]) -> None:
        """Begins to carry out effects, in a thread of its own."""
        self._stopping = False
        self._thread = threading.Thread(target=self._work, args=(perform,), daemon=True)
        self._thread.start()

    def forget(self) -> int:
        """What is not carried out yet; returns how many effects that were."""
        with self._changed:
            forgotten = len(self._due)
            self._due.clear()
            return forgotten

    def stop(self) -> None:
        """Ends after the effect under way; the others stay for the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def clock_moved(self) -> None:
        """Looks at the clock again; for clocks that a test turns."""
        with self._changed:
            self._changed.notify_all()

    def wait_until_idle(self, timeout: float) -> bool:
        """Whether nothing is due any more within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._is_due(), timeout)

    def _work(self, perform: Callable[[Effect], None]) -> None:
        while (due := self._next()) is not None:
            _, _, attempt, effect = due
            try:
                perform(effect)
            except Exception:  # whatever it is, trying again later is all that an engine can do
                with self._changed:
                    self._add(self._clock() + backoff(attempt), attempt + 1, effect)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> Due | None:
        with self._changed:
            while not self._stopping:
                if self._is_due():
                    self._busy = True
                    return heapq.heappop(self._due)
                self._changed.wait(self._due[0][0] - self._clock() if self._due else None)
            return None

    def _is_due(self) -> bool:
        return bool(self._due) and self._due[0][0] <= self._clock()

    def _add(self, when: float, attempt: int, effect: Effect) -> None:
        self._arrived += 1
        heapq.heappush(self._due, (when, self._arrived, attempt, effect))
        self._changed.notify_all()
