"""Keeps what runs say, a batch at a time, so that a talkative run costs few writes."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import Final

from odmd.control.ports.run_log import LONGEST_LINE, Line, RunLog
from odmd.errors import OdmdError, Refused
from odmd.texts import GOES_ON

LOGGER: Final = logging.getLogger("odmd.worker")
_EVERY_SECONDS: Final = 0.3
_FLUSH_SECONDS: Final = 2.0
_AT_ONCE: Final = 500
_WAITING: Final = 20_000
"""Lines that wait for a database that is away: what an app prints; of odmd's own twice, of lasting ones three times as
many. What comes then is dropped, and counted in its place."""


class LogWriter:
    """A `Report` that keeps lines."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._lines: list[Line] = []
        self._changed = threading.Condition()
        self._closed = False
        self._dropped = Counter[int]()
        self._hurried = 0
        self._thread = threading.Thread(target=self._write_on, name="run log", daemon=True)
        self._thread.start()

    def __call__(self, run: int, line: str, *, lasting: bool = False) -> None:
        first, *rest = line.splitlines() or [""]
        with self._changed:
            now = time.time()
            for text in (first, *(f"{GOES_ON}{more}" for more in rest)):
                said = Line(0, run, now, text[:LONGEST_LINE], lasting)
                if len(self._lines) < _WAITING * said.kind:
                    self._own_up(run)
                    self._lines.append(said)
                else:
                    self._dropped[run] += 1
            self._changed.notify_all()

    def flush(self) -> None:
        """Waits until all that was said so far is kept, for a moment."""
        with self._changed:
            for run in list(self._dropped):
                self._own_up(run)
            self._hurried += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._lines, _FLUSH_SECONDS)
            self._hurried -= 1

    def close(self) -> None:
        """Writes what there is."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(5)

    def _own_up(self, run: int) -> None:
        if dropped := self._dropped.pop(run, 0):
            self._lines.append(Line(0, run, time.time(), f"… left out, for want of room: {dropped} of the lines …"))

    def _write_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._closed)
                if not self._lines:
                    return
                self._changed.wait_for(lambda: self._closed or self._hurried, _EVERY_SECONDS)
                batch = self._lines[:_AT_ONCE]
            if self._say(batch):
                with self._changed:
                    del self._lines[: len(batch)]
                    self._changed.notify_all()
            elif self._closed:
                return
            else:
                time.sleep(_EVERY_SECONDS)

    def _say(self, lines: list[Line]) -> bool:
        try:
            self._log.say(lines)
        except Refused as over:
            LOGGER.warning("what the run says is not kept any more: %s", over)
        except OdmdError as trouble:
            LOGGER.warning("what runs say is not kept for now: %s", trouble)
            return False
        return True
