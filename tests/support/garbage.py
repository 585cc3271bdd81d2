"""Garbage is looked for where some can be: not in all that the tests imported, nor after each hundred objects.

What was imported and collected is a million objects that stay to the end: a fifth of a worker's processor time went by
looking through them.
"""

from __future__ import annotations

import gc
from typing import Final

_OBJECTS: Final = 20_000
"""More than before, until it is looked for."""


def never() -> None:
    """While nothing is thrown away."""
    gc.disable()


def of_what_comes() -> None:
    """From now on; what is there stays."""
    gc.freeze()
    gc.set_threshold(_OBJECTS, 10, 10)
    gc.enable()
