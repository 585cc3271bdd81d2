"""Looks by itself, while this process leads, whether what runs is what was deployed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from odmd.control.leading.drift import DriftAsked, DriftLook
from odmd.errors import OdmdError

LOGGER: Final = logging.getLogger("odmd.server")
_BETWEEN_SECONDS: Final = 1.0
"""After a few envers, so that an account's API has room for others."""
_ROUNDS: Final = 10
"""In the time for which a look stands."""


class Looking:
    """A thread of one term. Looks that stand are not made again, so the next term goes on where this one stopped."""

    def __init__(self, look: Callable[[], DriftLook], every: float, *, resources: bool) -> None:
        """`every`: seconds for which a look stands."""
        self._look, self._every, self._asked = look, every, DriftAsked(resources=resources)
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Generator[None]:
        """Looks while inside; leaving waits for the looks that are under way."""
        thread = threading.Thread(target=self._run, name="looking")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                for _ in self._look().round(self._asked):
                    if self._over.wait(min(_BETWEEN_SECONDS, self._every / _ROUNDS)):
                        return
            except OdmdError as trouble:  # the next round finds the same
                LOGGER.warning("what runs could not be looked at: %s %s", trouble.code, trouble.fact)
            except Exception:
                LOGGER.exception("odmd itself is at fault")
            self._over.wait(self._every / _ROUNDS)
