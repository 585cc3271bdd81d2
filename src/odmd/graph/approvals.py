"""What has to be said before something is let in, as data: asked of times that others bring."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from odmd.graph.digests import values_said
from odmd.graph.paused import PausedGroup
from odmd.model.approvals import Approval, Freeze, Hours

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_WEEK: Final = 8


@dataclass(frozen=True, slots=True)
class HoursNode:
    """Hours of days of the week: minutes since midnight, by the clock of a zone."""

    days: tuple[int, ...]
    """0 is Monday."""
    begin: int
    end: int
    zone: str

    def have(self, at: float) -> bool:
        """Whether a time (seconds since the epoch) is within them."""
        there = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        return there.weekday() in self.days and self.begin <= there.hour * 60 + there.minute < self.end

    def next(self, at: float) -> datetime:
        """When they begin next."""
        today = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        days = (today.date() + timedelta(days=n) for n in range(_WEEK))
        begins = time(self.begin // 60, self.begin % 60, tzinfo=today.tzinfo)
        found = (datetime.combine(day, begins) for day in days if day.weekday() in self.days)
        return next(one for one in found if one.timestamp() > at)

    def __str__(self) -> str:
        return f"{_named(self.days)} {_clock(self.begin)}-{_clock(self.end)} {self.zone}"


@dataclass(frozen=True, slots=True)
class ApprovalNode:
    """What has to be said about one subject."""

    subject: str
    """`<enver>:<input>`, `<enver>:` for a promotion, `stage <name>`."""
    by: str
    """A team."""
    count: int = 1
    author: bool = True
    """Whether who began what is asked about may be one of them."""
    hours: HoursNode | None = None
    expires: float = 0.0
    """Seconds after which nobody can; 0: never."""
    remind: float = 0.0
    """Seconds between reminders; 0: there are none."""
    escalate_to: str = ""
    escalate_after: float = 0.0
    changes: bool = False
    """Of a stage: whether each run that would change something asks first."""
    dearer_by: float | None = None
    """Of a stage: from how much more an enver would cost a day on its runs ask first; None: whatever it costs."""

    def in_digest(self) -> Sequence[object]:
        """As older releases said it, where nothing is said that they did not know."""
        return values_said(self, ("dearer_by",))

    def __str__(self) -> str:
        """`two of payments, not the author, Mon-Fri 09:00-17:00 Europe/Berlin`."""
        said = [f"{self.count} of {self.by}" if self.count > 1 else self.by]
        said += ["not the author"] * (not self.author)
        said += [str(self.hours)] if self.hours else []
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class FreezeNode:
    """Nothing new begins in a scope between two times; seconds since the epoch."""

    scope: str
    begins: float
    ends: float
    why: str

    @property
    def id(self) -> str:
        """What tells it from others."""
        return f"{self.scope} {self.begins:.0f} {self.ends:.0f}"


def stage_subject(stage: str) -> str:
    """Of all that is asked in a stage."""
    return f"stage {stage}"


def approval_node(subject: str, said: Approval) -> ApprovalNode:
    """Of one that makes sense."""
    return ApprovalNode(
        subject,
        said.by.name,
        said.count,
        said.author,
        hours_node(said.hours) if said.hours else None,
        said.expires.total_seconds() if said.expires else 0.0,
        said.remind.total_seconds() if said.remind else 0.0,
        said.escalate_to.name if said.escalate_to else "",
        said.escalate_after.total_seconds() if said.escalate_to else 0.0,
        said.changes,
        said.dearer_by,
    )


def hours_node(said: Hours) -> HoursNode:
    """Of hours that make sense."""
    return HoursNode(tuple(_days(said.days)), _minutes(said.begin), _minutes(said.end), said.zone)


def freeze_node(said: Freeze) -> FreezeNode:
    """Of one that makes sense."""
    zone = ZoneInfo(said.zone)
    first, after = (datetime.combine(day, time(), zone) for day in (said.first, said.last + timedelta(days=1)))
    return FreezeNode(str(PausedGroup("stage", said.stage)), first.timestamp(), after.timestamp(), said.why)


def wrong_with(said: Approval) -> Iterator[tuple[str, str]]:
    """What makes no sense, and what to write instead."""
    if said.count < 1:
        yield f"asks {said.count} people", "let it ask one or more: count=1"
    for name in ("expires", "remind", "escalate_after"):
        found: timedelta | None = getattr(said, name)
        if found is not None and found <= timedelta():
            yield f"has {name}={found}, which is over before it begins", f"give {name} a time: timedelta(hours=4)"
    if said.dearer_by is not None and not 0 <= said.dearer_by < float("inf"):
        yield f"has dearer_by={said.dearer_by}, which no cost can be", "give it an amount a day: dearer_by=5"
    if said.hours is not None:
        yield from wrong_hours(said.hours)


def wrong_hours(said: Hours) -> Iterator[tuple[str, str]]:
    """The same of hours."""
    if not list(_days(said.days)):
        yield f"has days {said.days!r}, and there are no such days", 'write "Mon-Fri", "Sat,Sun" or "Mon-Sun"'
    clocks = [one for one in (said.begin, said.end) if not _CLOCK.fullmatch(one)]
    for one in clocks:
        yield f"has {one!r}, which no clock shows", 'write "09:00", and "24:00" for the end of a day'
    if not clocks and _minutes(said.begin) >= _minutes(said.end):
        yield f"has hours from {said.begin} to {said.end}, which are none", "let them begin before they end"
    yield from wrong_zone(said.zone)


def wrong_zone(zone: str) -> Iterator[tuple[str, str]]:
    """A zone that this machine does not know."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        yield f"has zone {zone!r}, and there is no such zone", 'write one of the IANA list, such as "Europe/Berlin"'


def _days(said: str) -> Iterator[int]:
    """`Mon-Fri,Sun`; none where a word of it is no day."""
    found: list[int] = []
    for part in said.split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found += [day % 7 for day in range(begin, end + 1 + 7 * (end < begin))]
    yield from dict.fromkeys(found)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _named(days: Sequence[int]) -> str:
    in_a_row = len(days) > 1 and all((one + 1) % 7 == other for one, other in pairwise(days))
    return f"{DAYS[days[0]]}-{DAYS[days[-1]]}" if in_a_row else ",".join(DAYS[day] for day in days)
