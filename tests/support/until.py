"""Waiting for what comes about, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

Found = TypeVar("Found")

TOO_LONG: Final = 120.0
"""Seconds after which what is waited for will not come: a machine that does seven other things is no failure."""
_FIRST, _LONGEST = 0.002, 0.05


def until(is_so: Callable[[], Found]) -> Found:
    """What it finds, once it is so.

    Raises:
        AssertionError
    """
    ends, pause = time.monotonic() + TOO_LONG, _FIRST
    while not (found := is_so()):
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
    return found
