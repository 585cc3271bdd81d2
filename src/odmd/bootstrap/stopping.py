"""How a process that runs until it is told to stop is told so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

_LEFT_AT_ONCE: Final = 130


def stopping(say: Callable[[str], None]) -> threading.Event:
    """Set by the first SIGTERM or Ctrl-C; the second ends the process at once. To be called in the main thread."""
    told = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if told.is_set():
            sys.stderr.flush()
            os._exit(_LEFT_AT_ONCE)  # as after kill -9, what is under way is taken up by others, or at the next start
        told.set()  # first of all: the next signal may come while this one is handled
        say("stopping: what is under way goes on to its end; once more, and it is left as it is")

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
    return told
