"""What carries out committed effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from odmd.control.scheduler.effects import Effect


class Engine(Protocol):
    """Carries out effects that were committed, at least once each, also those of a process that died."""

    def start(self, perform: Callable[[Effect], None]) -> None:
        """Begins to carry out effects; one that raises is tried again with back-off."""
        ...

    def stop(self) -> None:
        """Ends; what is under way may be done again at the next start."""
        ...


class Forgetful(Protocol):
    """An engine that need not carry out what earlier processes left."""

    def forget(self) -> int:
        """What nobody has carried out yet; returns how many effects that were. To be called instead of `start`."""
        ...
