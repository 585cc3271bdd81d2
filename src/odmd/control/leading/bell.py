"""Wakes who waits for something to be committed."""

from __future__ import annotations

import threading


class Bell:
    """Rung by whoever sees a commit; who waits says what it heard before it looked, so that no ring is missed."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._times = 0

    def heard(self) -> int:
        """How often it has rung."""
        with self._rung:
            return self._times

    def ring(self) -> None:
        """Something was committed."""
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Until it has rung more often than that, or so long."""
        with self._rung:
            self._rung.wait_for(lambda: self._times > heard, seconds)
