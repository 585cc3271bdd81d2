"""How much a test takes of what it could: a sample in `make test`, all of it in `make soak` and in `make search`."""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import settings

SOAKING: Final = os.environ.get("ODMD_SOAK", "") not in ("", "0")
_SAMPLE: Final = 3
"""One in so many examples of a property that has many."""


def examples(most: int) -> int:
    """Of a property; the profiles that search take all."""
    searching = settings.get_current_profile_name() not in ("default", "odmd")
    return most if SOAKING or searching else most // _SAMPLE


def rounds(few: int, many: int) -> int:
    """Of what is slow: kills by chance, sweeps."""
    return many if SOAKING else few


soak_only = pytest.mark.skipif(not SOAKING, reason="`make soak` runs it: its kind is proven by a quicker test, too")
