"""What a listener of the event stream asked for: it is told that, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from odmd.control.reading.seen import SeenReads
from odmd.control.scheduler.about import envers_of, run_of
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.runs import Run

_MOST_RUNS: Final = 10_000
FindRun = Callable[[int], Run | None]


@dataclass(frozen=True, slots=True)
class WantedEvents:
    """Nothing said: every decision, and no line of any run."""

    runs: frozenset[int] = frozenset()
    """Decisions about these runs, and what they say."""
    envers: frozenset[str] = frozenset()
    """Decisions about these envers, and what their runs say."""
    change: int | None = None
    """What the runs of this change say, beside the decisions."""
    seen: SeenReads | None = None
    """What the listener sees of the state; None: all."""

    @property
    def has_lines(self) -> bool:
        """Whether it is told what any run says."""
        return bool(self.runs or self.envers or self.change is not None)

    def has_event(self, event: Event, runs: Mapping[int, Run]) -> bool:
        """Whether a decision is told; `runs` knows the run that it is about, if it is about one."""
        if self.seen is not None and not self.seen.sees_event(event):
            return False
        if not (self.runs or self.envers):
            return True
        run = run_of(event)
        if run in self.runs or not self.envers.isdisjoint(envers_of(event)):
            return True
        return run in runs and runs[run].enver in self.envers if run is not None else False

    def has_line(self, run: Run) -> bool:
        """Whether it is told what a run says."""
        if self.seen is not None and not self.seen.sees(run.enver):
            return False
        of_change = self.change is not None and (run.root == self.change or self.change in run.waves)
        return of_change or run.id in self.runs or run.enver in self.envers


class KnownRuns(dict[int, Run]):
    """Runs as they were when something was first told of them: whose they are, and why, never changes."""

    def __init__(self, find: FindRun) -> None:
        super().__init__()
        self._find = find

    def learn(self, run: int | None) -> None:
        """Looks a run up, once."""
        if run is None or run in self:
            return
        if len(self) >= _MOST_RUNS:
            self.pop(next(iter(self), 0), None)  # the oldest
        if (found := self._find(run)) is not None:
            self[run] = found
