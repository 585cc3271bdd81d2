"""Who carries out runs: what workers say of themselves, and which of them are not heard of any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from odmd.control.scheduler.messages import LoseRun
from odmd.control.scheduler.runs import Run

BEATS: Final = 4
"""In the time after which it counts as gone, so that some that are late or fail change nothing."""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker as it said last."""

    name: str
    """Of one process, once."""
    release: str
    """Of odmd."""
    contracts: str
    """Digest of the contracts that it has."""
    places: int
    """How many runs it carries out at a time."""
    since: float
    beats: int = 0
    """Grows as long as it lives; so nobody has to compare clocks."""


class Workers(Protocol):
    """Where workers say that they live."""

    def beat(self, worker: WorkerView) -> None:
        """It lives: `beats` counts by itself."""
        ...

    def workers(self) -> Sequence[WorkerView]:
        """By name."""
        ...

    def leave(self, name: str) -> None:
        """It is gone, or is not heard of any more."""
        ...


@dataclass(slots=True)
class Watch:
    """The leader's eye on all workers but the one in its own process, by its own clock."""

    workers: Workers
    under_way: Callable[[], Sequence[Run]]
    tell: Callable[[LoseRun], object]
    mine: str
    patience: float
    """Seconds."""
    is_dead: Callable[[str], bool] = lambda _name: False
    """Whether a worker is surely gone, although it did not say so."""
    _heard: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    """Worker → its beats, and when they were seen first."""
    _looked: float = 0.0

    def look(self, now: float) -> None:
        """Takes its runs from who is gone or was not heard of for so long; to be called often, with a steady clock."""
        here = {worker.name: worker.beats for worker in self.workers.workers()}
        if now - self._looked > self.patience / 2:  # it was us who slept, or the database that was away
            self._heard.clear()
        self._looked = now
        for name, beats in here.items():
            if self._heard.get(name, (-1, 0.0))[0] != beats:
                self._heard[name] = (beats, now)
        silent = {name for name in here if now - self._heard[name][1] > self.patience}
        lost = silent | {name for name in here if self.is_dead(name)}
        for run in self.under_way():
            if run.worker and run.worker != self.mine and (run.worker not in here or run.worker in lost):
                why = f"was not heard of for {self.patience:g} s" if run.worker in silent else "is gone"
                self.tell(LoseRun(run.id, run.attempt, f"{run.worker} {why}"))
        for name in lost:
            self.workers.leave(name)
        self._heard = {name: heard for name, heard in self._heard.items() if name in here and name not in lost}
