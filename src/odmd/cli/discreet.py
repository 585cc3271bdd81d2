"""What a command makes, and what it holds in memory, is its user's alone."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final

_OURS: Final = 0o077
_USERS: Final = ContextVar[int | None]("the umask that the command was started with", default=None)
_PR_SET_DUMPABLE: Final = 4
"""Of linux/prctl.h."""


def be_discreet() -> None:
    """From now on nobody else reads the files that this process and what it starts make.

    On Linux nobody reads its memory and environment either, nor attaches to it: not another program of the same user,
    root alone.
    """
    _USERS.set(os.umask(_OURS))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library that is another one
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


@contextmanager
def for_the_user() -> Generator[None]:
    """What is made inside was asked for, and is as the user's umask has it. Nothing else is made meanwhile."""
    if (users := _USERS.get()) is None:
        yield
        return
    ours = os.umask(users)
    try:
        yield
    finally:
        os.umask(ours)
