"""How long to wait before what failed is tried again."""

from __future__ import annotations

from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 30.0


def backoff(attempt: int) -> float:
    """Seconds after the failure of attempt 0, 1, 2 …: doubling, up to half a minute."""
    return min(LONGEST, FIRST * 2 ** min(attempt, 10))
