"""The providers that an agent works with, and whom it tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from odmd.control.ports import Artifacts, Cloud, Handovers, Repositories, Synthesiser


class Tell(Protocol):
    """Told what is going on, one line at a time."""

    def __call__(self, line: str, *, lasting: bool = False) -> None:
        """A lasting line is part of the record that a person wants to read afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each port that a run needs."""

    repositories: Repositories
    synthesiser: Synthesiser
    cloud: Cloud
    handovers: Handovers
    artifacts: Artifacts
