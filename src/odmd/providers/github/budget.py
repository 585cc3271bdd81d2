"""How much GitHub takes in which time, as numbers: what was spent, what it said is left, and how long to wait.

GitHub's own figures: so many requests an hour, which it tells with each answer; 900 points a minute, where a write is
5; and of what makes notifications 80 a minute and 500 an hour.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final


class Priority(IntEnum):
    """Who goes first, and how much of the hour is left for those before him."""

    ANSWER = 0
    """Somebody waits for it."""
    RUN = 1
    """A run waits for it."""
    MIRROR = 2
    SWEEP = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one request."""

    points: int = 1
    notifies: bool = False
    """Whether it makes content of which people are told."""


READ: Final = Cost()
WRITE: Final = Cost(5)
CONTENT: Final = Cost(5, notifies=True)
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_LEFT_FOR_OTHERS: Final = {Priority.ANSWER: 0.0, Priority.RUN: 0.02, Priority.MIRROR: 0.1, Priority.SWEEP: 0.3}
_SHORTEST: Final = 60.0
"""What GitHub asks for where it says that it is too much, and not for how long."""
_LONGEST: Final = 3600.0


@dataclass(slots=True)
class _Window:
    """At most `most` within the last `seconds`."""

    most: int
    seconds: float
    _spent: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])
    _sum: int = 0

    def delay(self, now: float, amount: int) -> float:
        """Until so much more fits."""
        while self._spent and self._spent[0][0] <= now - self.seconds:
            self._sum -= self._spent.popleft()[1]
        over, wait = self._sum + amount - self.most, 0.0
        for at, spent in self._spent:
            if over <= 0:
                break
            over, wait = over - spent, at + self.seconds - now
        return wait

    def spend(self, now: float, amount: int) -> None:
        self._spent.append((now, amount))
        self._sum += amount


@dataclass(slots=True)
class Budget:
    """Of one installation; all times are of one clock that never goes back."""

    _points: _Window = field(default_factory=lambda: _Window(900, _MINUTE))
    _content: _Window = field(default_factory=lambda: _Window(80, _MINUTE))
    _content_hourly: _Window = field(default_factory=lambda: _Window(500, _HOUR))
    _limit: int = 0
    _remaining: int = 0
    _reset: float = 0.0
    _closed_until: float = 0.0
    _refusals: int = 0

    def delay(self, now: float, cost: Cost, priority: Priority) -> float:
        """Seconds to wait; 0: it fits now."""
        waits = [self._closed_until - now, self._points.delay(now, cost.points)]
        if cost.notifies:
            waits += [self._content.delay(now, 1), self._content_hourly.delay(now, 1)]
        if now < self._reset and self._remaining <= self._limit * _LEFT_FOR_OTHERS[priority]:
            waits.append(self._reset - now)
        return max(0.0, *waits)

    def spend(self, now: float, cost: Cost) -> None:
        """It is asked now."""
        self._points.spend(now, cost.points)
        self._remaining -= 1
        if cost.notifies:
            self._content.spend(now, 1)
            self._content_hourly.spend(now, 1)

    def give_back(self) -> None:
        """Nothing moved: GitHub counts no such request to the hour."""
        self._remaining += 1

    def told(self, limit: int, remaining: int, reset: float) -> None:
        """What an answer said of the hour. Answers overtake each other: within one hour the lowest is true."""
        if reset <= self._reset + 1.0 and self._limit == limit:
            remaining = min(remaining, self._remaining)
        self._limit, self._remaining, self._reset = limit, remaining, max(reset, self._reset)

    def refused(self, now: float, seconds: float | None) -> float:
        """It was too much; returns for how long nothing is asked: twice as long each time, unless it is said."""
        wait = seconds if seconds is not None else min(_LONGEST, _SHORTEST * 2**self._refusals)
        self._refusals += 1
        self._closed_until = max(self._closed_until, now + wait)
        return wait

    def taken(self) -> None:
        """It was not too much."""
        self._refusals = 0
