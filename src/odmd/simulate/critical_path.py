"""What each run waited for, and the longest chain: what stays when any number of runs may be under way at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from odmd.simulate.facts import ApprovalAsked, Arrived, Began, CutOff, Ended, Fact, PauseBegan, Published


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a chain: a run, or an approval that somebody waits for. Times are as they really were."""

    enver: str
    began: float
    ended: float
    run: int | None = None
    approves: str = ""
    """What people call the question that is approved."""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Bar:
    """One run as it went."""

    run: int
    enver: str
    mode: str
    waves: tuple[int, ...]
    reasons: tuple[str, ...]
    due: float
    """When the first of the waves arrived that it is for."""
    ready: float
    """When the last one upstream was done: from here to `began` it waits for a free place."""
    waits_for: str
    """Who was done last, upstream or itself; empty when it waited for nobody."""
    began: float
    ended: float
    error: str
    published: tuple[str, ...]
    earliest: float
    """When it would have begun if nothing waited for a free place."""
    steps: tuple[str, ...] = ()
    """What it does, in words, as a plan lists it."""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class _Mark:
    """When something is done at the earliest, if nothing waits for a free place; and the chain that leads to it."""

    earliest: float = 0.0
    link: Link | None = None
    before: _Mark | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Done:
    """When an enver was really done."""

    at: float
    enver: str


_NOTHING: Final = _Mark()


@dataclass(slots=True)
class _Open:
    """A run under way."""

    began: Began
    due: float
    upstream: _Done
    """Who was done last, really."""
    before: _Mark
    published: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class ChainReader:
    """Reads facts in their order: everybody upstream is done before a run begins."""

    upstream: Callable[[str], Sequence[str]]
    bars: list[Bar] = field(default_factory=list[Bar])
    last: _Mark = field(default_factory=_Mark)
    """The end of the longest chain."""
    _marks: dict[str, _Mark] = field(default_factory=dict[str, _Mark])
    _done: dict[str, _Done] = field(default_factory=dict[str, _Done])
    _waves: dict[int, _Mark] = field(default_factory=dict[int, _Mark])
    _last_began: dict[str, float] = field(default_factory=dict[str, float])
    _arrivals: dict[int, float] = field(default_factory=dict[int, float])
    _open: dict[int, _Open] = field(default_factory=dict[int, _Open])
    _asked: dict[int, ApprovalAsked] = field(default_factory=dict[int, ApprovalAsked])
    _ends: dict[int, _Mark] = field(default_factory=dict[int, _Mark])
    """The mark of each run that asked for an approval."""

    def read(self, facts: Iterable[Fact]) -> ChainReader:
        """Takes in facts; returns itself."""
        for fact in facts:
            match fact:
                case Arrived():
                    self._waves[fact.wave] = self._arrived(fact)
                    self._arrivals[fact.wave] = fact.at
                case Began():
                    self._open[fact.run] = self._began(fact)
                case Published():
                    self._open[fact.run].published.append(fact.product)
                case ApprovalAsked():
                    self._asked[fact.approval] = fact
                case CutOff():
                    self._marks[fact.enver], self._done[fact.enver] = self._upstream(fact.enver)
                case Ended():
                    self._ended(fact)
                case PauseBegan():
                    pass
        return self

    def chain(self) -> tuple[Link, ...]:
        """The longest chain, from its first link."""
        links: list[Link] = []
        mark: _Mark | None = self.last
        while mark is not None:
            if mark.link is not None:
                links.append(mark.link)
            mark = mark.before
        return tuple(reversed(links))

    def _arrived(self, fact: Arrived) -> _Mark:
        if fact.approval is None:
            return _Mark(fact.at)
        asked = self._asked[fact.approval]
        link = Link(asked.enver, asked.at, fact.at, approves=asked.input)
        since = self._ends[asked.run]
        return _Mark(since.earliest + link.seconds, link, since)

    def _began(self, fact: Began) -> _Open:
        mark, done = self._upstream(fact.enver)
        fresh = self._fresh(fact)
        first = min((self._waves[wave] for wave in fresh), key=_earliest, default=_NOTHING)
        due = min((self._arrivals[wave] for wave in fresh), default=0.0)
        self._last_began[fact.enver] = fact.at
        return _Open(fact, due, done, max(first, mark, key=_earliest))

    def _fresh(self, fact: Began) -> Sequence[int]:
        """The waves that a run is for: those that came since the run before it, else all."""
        known = [wave for wave in fact.waves if wave in self._waves]
        before = self._last_began.get(fact.enver, -1.0)
        return [wave for wave in known if self._arrivals[wave] > before] or known

    def _upstream(self, enver: str) -> tuple[_Mark, _Done]:
        """What is done last of everybody upstream and of the enver itself: without limits, and really."""
        others = self.upstream(enver)
        marks = (self._marks[one] for one in (*others, enver) if one in self._marks)
        done = (self._done[one] for one in (*others, enver) if one in self._done)
        return max(marks, key=_earliest, default=_NOTHING), max(done, default=_Done(0.0, ""))

    def _ended(self, fact: Ended) -> None:
        run = self._open.pop(fact.run)
        link = Link(fact.enver, run.began.at, fact.at, run=fact.run)
        mark = _Mark(run.before.earliest + link.seconds, link, run.before)
        self._marks[fact.enver], self._done[fact.enver] = mark, _Done(fact.at, fact.enver)
        self._ends[fact.run] = mark
        self.last = max(self.last, mark, key=_earliest)
        self.bars.append(_bar(run, fact))


def _earliest(mark: _Mark) -> float:
    return mark.earliest


def _bar(run: _Open, ended: Ended) -> Bar:
    began = run.began
    is_after = run.upstream.at > run.due
    return Bar(
        run=began.run,
        enver=began.enver,
        mode=began.mode,
        waves=began.waves,
        reasons=began.reasons,
        due=run.due,
        ready=run.upstream.at if is_after else run.due,
        waits_for=run.upstream.enver if is_after else "",
        began=began.at,
        ended=ended.at,
        error=ended.error,
        published=tuple(run.published),
        earliest=run.before.earliest,
        steps=tuple(map(str, began.steps)),
    )
