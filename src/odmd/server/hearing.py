"""Looks where webhooks point, while this process leads: what came is taken together, so that a burst is one look."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from typing import Final

from odmd.control.leading.backoff import backoff
from odmd.control.ports.hosts import Deliveries, Hint
from odmd.errors import OdmdError

LOGGER: Final = logging.getLogger("odmd.server")
_BATCH: Final = 500
_LOOK_SECONDS: Final = 1.0
"""How long at most one waits that another server took."""
_FORGET_SECONDS: Final = 3600.0
_KEPT_SECONDS: Final = 4 * 86_400.0
"""Longer than a host may deliver the same again."""

Look = Callable[[Collection[Hint]], None]
"""Goes where they point; once for all of them. What it raises is tried again."""


class Hearing:
    """A thread of one term."""

    def __init__(self, deliveries: Deliveries, look: Look) -> None:
        self._deliveries, self._look = deliveries, look
        self._arrived = threading.Event()
        self._over = False
        self._forgot = 0.0

    def arrived(self) -> None:
        """Something came; returns at once."""
        self._arrived.set()

    @contextmanager
    def running(self) -> Generator[None]:
        """Looks while inside; leaving waits for the look that is under way."""
        thread = threading.Thread(target=self._run, name="hearing")
        thread.start()
        try:
            yield
        finally:
            self._over = True
            self._arrived.set()
            thread.join()

    def _run(self) -> None:
        failures = 0
        while not self._over:
            self._arrived.clear()
            try:
                found = self._once()
                failures = 0
            except Exception as trouble:
                _note(trouble)
                found, failures = False, failures + 1
            if not found and not self._over:
                self._arrived.wait(backoff(failures - 1) if failures else _LOOK_SECONDS)

    def _once(self) -> bool:
        """Whether there was anything."""
        if batch := self._deliveries.pending(_BATCH):
            self._look({one.hint for one in batch})
            self._deliveries.handled([one.seq for one in batch])
        if (now := time.monotonic()) - self._forgot > _FORGET_SECONDS or not self._forgot:
            self._deliveries.forget(time.time() - _KEPT_SECONDS)
            self._forgot = now
        return bool(batch)


def _note(trouble: Exception) -> None:
    if isinstance(trouble, OdmdError):
        LOGGER.warning("webhooks could not be looked at: %s %s", trouble.code, trouble.fact)
    else:
        LOGGER.error("odmd itself is at fault", exc_info=trouble)
