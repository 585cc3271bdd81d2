"""Looks when it is time, and when somebody says where: a thread of one term."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from odmd.control.leading.backoff import backoff
from odmd.errors import OdmdError

LOGGER: Final = logging.getLogger("odmd.server")
K = TypeVar("K")
Look = Callable[[Collection[K] | None], object]
"""Looks at what was said to have moved, or at all."""


class Lookout(Generic[K]):
    """What fails is looked at again.

    Args:
        name: of what is looked at, in words.
        poll: seconds after which all is looked at; 0: only what somebody says moved, and all at the beginning.
    """

    def __init__(self, name: str, look: Look[K], poll: float) -> None:
        self._name, self._look, self._poll = name, look, poll
        self._news = threading.Condition()
        self._said = set[K]()
        self._all, self._all_at = False, time.monotonic() + poll
        self._over = False

    def said(self, where: K) -> None:
        """Something moved there; returns at once."""
        with self._news:
            self._said.add(where)
            self._news.notify()

    @contextmanager
    def running(self) -> Generator[None]:
        """Looks while inside; leaving waits for the look that is under way."""
        thread = threading.Thread(target=self._run, name=self._name)
        thread.start()
        try:
            yield
        finally:
            with self._news:
                self._over = True
                self._news.notify()
            thread.join()

    def _run(self) -> None:
        where: Collection[K] | None = None
        failures = 0
        while not self._over:
            try:
                self._look(where)
                failures = 0
            except OdmdError as trouble:
                LOGGER.warning("%s could not be looked at: %s %s", self._name, trouble.code, trouble.fact)
                failures += 1
            except Exception:
                LOGGER.exception("odmd itself is at fault")
                failures += 1
            if failures:
                self._once_more(where, failures)
            where = self._next()

    def _once_more(self, where: Collection[K] | None, failures: int) -> None:
        """What was not looked at is looked at again, after a while."""
        with self._news:
            self._all |= where is None
            self._said |= set(where or ())
            self._news.wait_for(lambda: self._over, backoff(failures - 1))

    def _next(self) -> Collection[K] | None:
        """What was said to have moved, as soon as something was; None: it is time to look at all, however much is said
        meanwhile."""
        with self._news:
            left = max(0.0, self._all_at - time.monotonic()) if self._poll else None
            self._news.wait_for(lambda: self._all or self._said or self._over, left)
            found, self._said = self._said, set[K]()
            if not (self._all or (self._poll and time.monotonic() >= self._all_at)):
                return found
            self._all, self._all_at = False, time.monotonic() + self._poll
            return None
