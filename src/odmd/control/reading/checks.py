"""What is looked at of what odmd needs, and what was found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from odmd.errors import OdmdError

Verdict = Literal["good", "note", "wrong"]
"""`note`: something that not everybody needs."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing."""

    name: str
    state: Verdict
    fact: str
    next_step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a look says."""

    fact: str
    state: Verdict = "good"
    next_step: str = ""


Look = Callable[[], Found]


def check(name: str, look: Look) -> Check:
    """One look, whatever comes of it."""
    began = time.perf_counter()
    try:
        found = look()
    except OdmdError as wrong:
        found = Found(wrong.fact, "wrong", wrong.next_step)
    except OSError as wrong:
        whose = "see whose it is, what lies there, and whether it may be used"
        found = Found(f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong), "wrong", whose)
    except Exception as broken:  # the others are looked at all the same
        found = Found(f"{type(broken).__name__}: {broken}", "wrong", "this is a mistake of odmd: please report it")
    return Check(name, found.state, found.fact, found.next_step, round(time.perf_counter() - began, 3))
