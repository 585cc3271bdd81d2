"""Waiting for AWS: often at first, since most things are quick, then ever less often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

FIRST: Final = 0.1
LONGEST: Final = 2.0
_GROWTH: Final = 1.5


def looks(sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Yields whenever it is time to look again, without end."""
    pause = FIRST
    while True:
        yield
        sleep(pause)
        pause = min(pause * _GROWTH, LONGEST)
