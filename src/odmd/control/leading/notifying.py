"""Tells people what they have to know: a subscriber for each route, so that one that is away keeps no other waiting.

What comes within a while, or in quiet hours, is told together; a question that was answered meanwhile is not asked any
more. So what somebody gets is how things stand, and not a line for each event. After kill -9 the last message may come
twice, and none is lost.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import Template
from typing import Final

from odmd.control.ports.channels import PeopleChannel
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin, Later
from odmd.control.reading.event_words import words
from odmd.control.reading.explain import how_to_answer
from odmd.control.scheduler import events as e
from odmd.control.scheduler.about import actor_of, envers_of
from odmd.control.scheduler.actor import AccessChange, Actor
from odmd.control.scheduler.approvals import approval_of, gate_of
from odmd.graph import EnverNode, Graph
from odmd.graph.approvals import HoursNode
from odmd.graph.paused import within
from odmd.model import naming

_SHOWN: Final = 20
_LONGEST: Final = 500
_Asking = e.Offered | e.Consented | e.Reminded | e.Escalated


class NewsTopic(StrEnum):
    """What somebody may want to know of."""

    QUESTIONS = "questions"
    """What waits for an answer, and is not answered."""
    ANSWERS = "answers"
    """What was let in, or kept out."""
    FAILURES = "failures"
    """What failed and is not tried again by itself, and what is not what was deployed."""
    HOLDS = "holds"
    """Pauses, freezes and what is held at an earlier run."""
    CLONES = "clones"
    """Those that end soon, as nobody uses them."""
    GOVERNANCE = "governance"
    """Policies and approvals that change, teams answered for by others, and glass that is broken."""
    ACCESS = "access"
    """Tokens and keys that come and go; of no team, so for routes of all envers."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told of what, how often and when."""

    name: str
    topics: frozenset[NewsTopic]
    teams: frozenset[str] = frozenset()
    """Of envers, or whose answer is waited for; none: all."""
    stages: frozenset[str] = frozenset()
    """None: all."""
    every: float = 60.0
    """Seconds between messages, at least."""
    quiet: HoursNode | None = None
    """When only what is urgent is told, with all that waited."""
    title: str = "${title}"
    """What the title of a message is made of: `TITLE_FIELDS`."""
    line: str = "${line}"
    """The same of each of its lines: `LINE_FIELDS`."""


TITLE_FIELDS: Final = ("title", "organisation", "count")
LINE_FIELDS: Final = ("line", "topic", "organisation")


@dataclass(frozen=True, slots=True)
class _News:
    """One line, and what it is about."""

    topic: NewsTopic
    line: str
    urgent: bool = False


class Notifying:
    """A subscriber that tells one route's people."""

    begin = Begin.NEXT

    def __init__(
        self,
        route: Route,
        channel: PeopleChannel,
        graph: Callable[[], Graph | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._route, self._channel, self._graph, self._clock = route, channel, graph, clock
        self._due = 0.0

    @property
    def name(self) -> str:
        return f"notify {self._route.name}"

    def handle(self, batch: Sequence[Logged]) -> None:
        """Raises:
        Later: it is too early to tell it.
        NotTold
        """
        news = list(self._news([entry.event for entry in batch]))
        if not news:
            return
        urgent, now = any(one.urgent for one in news), self._clock()
        if not urgent and (wait := self._wait(now)) > 0:
            raise Later(wait)
        self._channel.tell(*self._said(news), urgent=urgent)
        self._due = self._clock() + self._route.every

    def _said(self, news: Sequence[_News]) -> tuple[str, str]:
        """Title and text, as the route wants them."""
        graph = self._graph()
        named = {"organisation": graph.organisation if graph else ""}
        title = Template(self._route.title).substitute(named, title=_title(news), count=len(news))
        line = Template(self._route.line)
        return title, _text([line.substitute(named, line=one.line, topic=one.topic) for one in news])

    def _wait(self, now: float) -> float:
        quiet = self._route.quiet
        return max(self._due - now, 60.0 if quiet is not None and quiet.have(now) else 0.0)

    def _news(self, batch: Sequence[e.Event]) -> Iterator[_News]:
        """In their order; of questions, what stands at the end."""
        graph, open_still = self._graph(), _open_at_the_end(batch)
        for event in batch:
            if isinstance(event, _Asking) and id(event) not in open_still and not _broken_glass(event):
                continue
            found = _news_of(event)
            if found is not None and found.topic in self._route.topics and self._is_about(event, graph):
                yield found

    def _is_about(self, event: e.Event, graph: Graph | None) -> bool:
        route = self._route
        if not (route.teams or route.stages):
            return True
        if isinstance(event, e.AccessChanged):
            return False
        declared: Sequence[EnverNode] = _declared(event, graph) if graph else ()
        teams = {one.team for one in declared} | set(_asked_teams(event, graph))
        in_teams = not route.teams or bool(teams & route.teams)
        in_stages = not route.stages or any(one.stage in route.stages for one in declared)
        return (in_teams and in_stages) or (not declared and not teams and not route.stages)


def _open_at_the_end(batch: Sequence[e.Event]) -> set[int]:
    """The last word on each question that is open after these."""
    last = dict[tuple[str, object], int]()
    for event in batch:
        if isinstance(event, _Asking):
            last[event.enver, event.input] = id(event)
        elif isinstance(event, e.Approved | e.Rejected | e.Expired):
            last.pop((event.enver, event.input), None)
    return set(last.values())


def _news_of(event: e.Event) -> _News | None:
    """What of an event people may want to know."""
    if (glass := _broken_glass(event)) is not None:
        return _News(
            NewsTopic.GOVERNANCE, f"{glass} acted past all policies: {words(event) or type(event).__name__}", True
        )
    match event:
        case e.Offered() | e.Consented() | e.Reminded() | e.Escalated():
            how = how_to_answer(naming.enver_label(event.enver), event.input)
            return _News(NewsTopic.QUESTIONS, f"{words(event)}: {how}", isinstance(event, e.Escalated))
        case e.Approved() | e.Rejected() | e.Expired():
            return _News(NewsTopic.ANSWERS, words(event))
        case e.RunFailed() if event.retry_at is None:
            first = event.error.partition("\n")[0]
            return _News(NewsTopic.FAILURES, f"{naming.enver_label(event.enver)}: run {event.run} failed: {first}")
        case e.RemovalFailed() | e.Drifted() | e.DidNotSettle():
            return _News(NewsTopic.FAILURES, words(event))
        case e.DriftSeen() if event.found:
            return _News(NewsTopic.FAILURES, words(event))
        case e.Paused() | e.Resumed() | e.Pinned() | e.Released() | e.DriftAccepted():
            return _News(NewsTopic.HOLDS, words(event))
        case e.ClonesEndSoon():
            return _News(NewsTopic.CLONES, words(event))
        case e.PoliciesChanged() | e.Delegated() | e.DelegationEnded():
            return _News(NewsTopic.GOVERNANCE, words(event))
        case e.AccessChanged() if event.change not in _SESSIONS:
            return _News(NewsTopic.ACCESS, words(event), event.change is AccessChange.KEY_ROTATED)
        case _:
            return None


_SESSIONS: Final = (AccessChange.SESSION_BEGUN, AccessChange.SESSION_ENDED)
"""Come and go all day; `odmd audit search` has them."""


def _broken_glass(event: e.Event) -> Actor | None:
    by = actor_of(event)
    return by if by and by.glass else None


def _declared(event: e.Event, graph: Graph) -> Sequence[EnverNode]:
    """The envers that it is about; of a pause, all that are within it."""
    paused = isinstance(event, e.Paused | e.Resumed)
    named = within(event.scope, graph.envers.values()) if paused else envers_of(event)
    return [graph.envers[one] for one in named if one in graph.envers]


def _asked_teams(event: e.Event, graph: Graph | None) -> Iterator[str]:
    """Whose answer is waited for."""
    if not isinstance(event, _Asking):
        return
    gate = event.offer.gate if isinstance(event, e.Offered) else gate_of(graph, event.enver, event.input)
    said = approval_of(graph, event.enver, event.input, gate)
    if team := said.by if said else gate:
        yield team
    if isinstance(event, e.Escalated):
        yield event.team


def _title(news: Sequence[_News]) -> str:
    if len(news) == 1:
        return news[0].line.partition(": ")[0][:80]
    counted = Counter(one.topic for one in news)
    return ", ".join(f"{counted[topic]} {topic}" for topic in NewsTopic if topic in counted)


def _text(said: Sequence[str]) -> str:
    lines = [one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…" for one in said[:_SHOWN]]
    more = [f"and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
    return "\n".join([*lines, *more])
