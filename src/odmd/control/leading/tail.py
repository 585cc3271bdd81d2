"""The newest events as they were committed here, so that who keeps up need not read them from the database."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final, Protocol

from odmd.control.ports.log import Logged

_NEWEST: Final = 2000


class Log(Protocol):
    """As much of the store as a reader of the log needs."""

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        """As `EventLog.read`."""
        ...


class Tail:
    """Reads what it was told from memory, and what is older from the log."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._newest = deque[Logged](maxlen=_NEWEST)

    def add(self, entry: Logged) -> None:
        """What was committed, in order."""
        with self._lock:
            if self._newest and entry.position != self._newest[-1].position + 1:
                self._newest.clear()  # somebody else appended in between
            self._newest.append(entry)

    def read(self, after: int, limit: int) -> Sequence[Logged]:
        """Events after a position, as `EventLog.read`."""
        with self._lock:
            if self._newest and after >= (first := self._newest[0].position) - 1:
                begin = after + 1 - first
                return list(islice(self._newest, begin, begin + limit))
        return self._log.read(after, limit)
