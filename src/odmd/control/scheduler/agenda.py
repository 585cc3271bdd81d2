"""Where something may follow: kept beside the state, so that a message costs what it affects.

All of it can be derived from the state; nothing of it is stored. `evolve` notes what it touched, `follow` looks there.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from odmd.control.scheduler.values import ValueRef
from odmd.model.targets import Target


class Lane(NamedTuple):
    """Envers that compete for the same limits with the same priority."""

    priority: int
    """0 somebody waits, 1 automatic, 2 clone."""
    team: str
    target: Target
    build_type: str

    @property
    def team_key(self) -> str:
        return f"team {self.team}"

    @property
    def target_key(self) -> str:
        return f"target {self.target}"

    @property
    def type_key(self) -> str:
        return f"type {self.build_type}"


class InOrder:
    """Envers to visit, those first whom others wait for; each once, unless it is added again after its visit."""

    def __init__(self, ordered: Sequence[str], position: Mapping[str, int], envers: Iterable[str]) -> None:
        self._ordered, self._position = ordered, position
        self._heap = sorted([position[enver] for enver in envers])  # which is a heap
        self._waiting = set(self._heap)

    def add(self, envers: Iterable[str]) -> None:
        for enver in envers:
            if (at := self._position[enver]) not in self._waiting:
                self._waiting.add(at)
                heapq.heappush(self._heap, at)

    def next(self) -> str | None:
        """The first one; None when there is none left."""
        if not self._heap:
            return None
        at = heapq.heappop(self._heap)
        self._waiting.discard(at)
        return self._ordered[at]


@dataclass(slots=True)
class Timers:
    """A time for each enver; the earliest first."""

    _at: dict[str, float] = field(default_factory=dict[str, float])
    _heap: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    def put(self, enver: str, at: float) -> None:
        if self._at.get(enver) != at:
            self._at[enver] = at
            heapq.heappush(self._heap, (at, enver))

    def drop(self, enver: str) -> None:
        self._at.pop(enver, None)

    def first(self, until: float) -> str | None:
        """The enver with the earliest time, if that is not after `until`."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][1] if self._heap and self._heap[0][0] <= until else None


@dataclass(slots=True)
class Startable:
    """Who could start, by lane; within a lane the one that waited longest is first."""

    _lanes: dict[Lane, list[tuple[float, str]]] = field(default_factory=dict[Lane, list[tuple[float, str]]])
    _of: dict[str, tuple[Lane, float]] = field(default_factory=dict[str, tuple[Lane, float]])

    def put(self, enver: str, lane: Lane, since: float) -> None:
        if self._of.get(enver) != (lane, since):
            self._of[enver] = lane, since
            heapq.heappush(self._lanes.setdefault(lane, []), (since, enver))

    def drop(self, enver: str) -> None:
        self._of.pop(enver, None)

    def firsts(self) -> list[tuple[Lane, float, str]]:
        """The first of each lane."""
        found: list[tuple[Lane, float, str]] = []
        for lane, waiting in list(self._lanes.items()):
            while waiting and self._of.get(waiting[0][1]) != (lane, waiting[0][0]):
                heapq.heappop(waiting)
            if waiting:
                found.append((lane, *waiting[0]))
            else:
                del self._lanes[lane]
        return found


@dataclass(slots=True)
class Agenda:
    """What to look at next."""

    everything: bool = False
    """Nothing is known yet: the state was just loaded, or other contracts came into force."""
    envers: dict[str, None] = field(default_factory=dict[str, None])
    """Those whose waves, inputs or run changed, or those of somebody upstream."""
    latches: dict[str, None] = field(default_factory=dict[str, None])
    """Consumers over gated or manual wires of what was published, and envers promoted from what was deployed."""
    cycles: dict[str, None] = field(default_factory=dict[str, None])
    values: dict[ValueRef, None] = field(default_factory=dict[ValueRef, None])
    """Superseded ones that nobody may run with any more."""
    moving: set[str] = field(default_factory=set[str])
    """Envers that deploy, or will without any message from outside but results."""
    moving_in: Counter[str] = field(default_factory=Counter[str])
    """How many of a cycle's members move."""
    startable: Startable = field(default_factory=Startable)
    waiting: Timers = field(default_factory=Timers)
    """Since when an enver waits for others that move: it starts anyway when that is too long."""
    again: Timers = field(default_factory=Timers)
    """When an enver's failed run is tried again."""
    verify: Timers = field(default_factory=Timers)
    """When what runs is verified again."""
    questions: Timers = field(default_factory=Timers)
    """When something happens by itself to what an enver asks."""
    clones: Timers = field(default_factory=Timers)
    """When something happens by itself to clones, by the first of a set."""
    ended_clones: dict[str, None] = field(default_factory=dict[str, None])
    """Sets that are to go, and of which less may be left now."""
    unclaimed: dict[int, None] = field(default_factory=dict[int, None])
    """Runs that began or were lost, and may be for jobs."""
    given: Timers = field(default_factory=Timers)
    """When the run of an enver fails that waits for its job."""
    running: Counter[str] = field(default_factory=Counter[str])
    """How many runs are under way for a team, in a place, of a build type."""
    counted: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """Run → what it counts for."""

    def begin(self, run: int, lane: Lane) -> None:
        """A run is under way."""
        self.counted[run] = lane.team_key, lane.target_key, lane.type_key
        self.running.update(self.counted[run])

    def end(self, run: int) -> None:
        """A run has ended."""
        self.running.subtract(self.counted.pop(run, ()))
