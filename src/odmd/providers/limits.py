"""What a foreign program may take of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """What a program may take, with all that it starts."""

    memory_mb: int = 8_000
    processes: int = 1_000
    """Threads count as well."""
    seconds: int = 1_800
    disk_mb: int = 10_000
    """What lies in the folders that it writes to."""


USUAL: Final = ProgramLimits()
"""More than any app takes that is well."""
