"""People are told how things stand, together, when it is time; and nobody twice of what is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from odmd.bootstrap.notify_settings import read_notify
from odmd.control.leading.notifying import NewsTopic, Notifying, Route
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Later
from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import AccessChange
from odmd.control.scheduler.approvals import Delegation
from odmd.control.scheduler.envers import Consent, OpenQuestion
from odmd.control.scheduler.questions import AboutInput
from odmd.control.scheduler.state import Pause
from odmd.control.scheduler.values import RunInput
from odmd.errors import SettingsInvalid
from odmd.graph.approvals import HoursNode
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node, wire

IN = AboutInput("in0")
GRAPH = graph_of(
    [node(0, stage="dev"), node(1, stage="prod", team="payments"), node(2, [wire(0, 2)._replace(gate="security")])]
)
BURNS = replace(SOMEBODY, glass="it burns")
NIGHT = HoursNode(tuple(range(7)), 22 * 60, 24 * 60, "UTC")


@dataclass
class Chat:
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def tell(self, title: str, lines: str, *, urgent: bool) -> None:
        self.heard.append((f"{title}{' !' if urgent else ''}", lines))


@dataclass
class Told:
    """A route's people, and a clock."""

    route: Route = field(default_factory=lambda: Route("ops", frozenset(NewsTopic)))
    now: float = 1000.0
    chat: Chat = field(default_factory=Chat)

    def __post_init__(self) -> None:
        self.subscriber = Notifying(self.route, self.chat, lambda: GRAPH, lambda: self.now)

    def of(self, *events: e.Event) -> Sequence[tuple[str, str]]:
        before = len(self.chat.heard)
        self.subscriber.handle([Logged(n, one, "") for n, one in enumerate(events, 1)])
        return self.chat.heard[before:]


def offered(n: int = 1, version: int = 1, gate: str | None = "payments") -> e.Offered:
    content = RunInput("in0", "p", version, f"v{version}", f"v{version}")
    return e.Offered(address(n), IN, OpenQuestion(content, gate, 1, 0.0), 0.0)


def failed(n: int, retry_at: float | None = None) -> e.RunFailed:
    return e.RunFailed(7, address(n), "ODMD204 boom\nmend it", clean=True, at=0.0, retry_at=retry_at)


def approved(n: int = 1) -> e.Approved:
    return e.Approved(3, address(n), IN, SOMEBODY, "seen", 0.0)


def test_a_question_is_told_with_what_to_type() -> None:
    assert Told().of(offered()) == [
        (
            "e1@main",
            "e1@main: in0 #1 waits for team payments to approve it: "
            "`odmd approve e1@main` lets it in, `odmd reject e1@main` keeps it out",
        )
    ]


def test_what_was_answered_meanwhile_is_not_asked_any_more() -> None:
    ((title, lines),) = Told().of(offered(0), offered(1), approved(1))
    assert title == "1 questions, 1 answers"
    assert "e1@main: in0 was approved by somebody: seen" in lines
    assert "e1@main: in0 #1 waits" not in lines
    assert "e0@main: in0 #1 waits" in lines


def test_of_a_question_that_moved_on_how_it_stands_is_told_once() -> None:
    ((_, lines),) = Told().of(offered(1, 1), offered(1, 2))
    assert "#2" in lines
    assert "#1" not in lines


def test_what_is_tried_again_by_itself_is_nobodys_business() -> None:
    told = Told()
    assert not told.of(failed(0, retry_at=5.0))
    assert told.of(failed(0)) == [("e0@main", "e0@main: run 7 failed: ODMD204 boom")]


def test_messages_are_apart_by_so_much_and_what_comes_between_is_told_together() -> None:
    told = Told()
    told.of(failed(0))
    told.now += 20
    with pytest.raises(Later) as later:
        told.of(failed(1))
    assert later.value.seconds == 40
    told.now += 40
    assert told.of(failed(1), failed(0)) == [
        ("2 failures", "e1@main: run 7 failed: ODMD204 boom\ne0@main: run 7 failed: ODMD204 boom")
    ]


def test_in_quiet_hours_only_what_is_urgent_is_told_with_what_waited() -> None:
    told = Told(replace(Told().route, quiet=NIGHT), now=datetime(2026, 11, 27, 23, tzinfo=UTC).timestamp())
    with pytest.raises(Later):
        told.of(failed(0))
    assert told.subscriber.name == "notify ops"
    for broken in (
        e.Approved(3, address(1), IN, BURNS, "", 0.0),
        e.Paused("*", Pause(BURNS, "", None), 0.0),
        e.Delegated(Delegation("bob", "payments", BURNS, 9e9, ""), 0.0),
        e.Consented(address(1), IN, Consent(BURNS, "", 0.0), 1, 0.0),
    ):
        ((title, lines),) = told.of(failed(0), broken)
        assert title == "1 failures, 1 governance !", broken
        assert "somebody (broke the glass: it burns) acted past all policies" in lines


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (Route("r", frozenset(NewsTopic), teams=frozenset({"payments"})), ["e1@main"]),
        (Route("r", frozenset(NewsTopic), stages=frozenset({"dev"})), ["e0@main"]),
        (Route("r", frozenset({NewsTopic.ANSWERS})), []),
        (Route("r", frozenset(NewsTopic), teams=frozenset({"nobody"})), []),
    ],
)
def test_each_route_is_told_of_its_own(route: Route, told: list[str]) -> None:
    assert [title for title, _ in Told(route).of(failed(0), failed(1))] == told


@pytest.mark.parametrize(
    "asked",
    [
        e.Reminded(address(2), IN, 0.0, 0.0),
        e.Consented(address(2), IN, Consent(SOMEBODY, "", 0.0), 1, 0.0),
        e.Escalated(address(2), IN, "leads", 0.0, 0.0),
    ],
)
def test_whose_answer_is_waited_for_is_told_of_others_envers(asked: e.Event) -> None:
    security = Told(Route("r", frozenset(NewsTopic), teams=frozenset({"security"})))
    assert security.of(offered(2, gate="security"))
    assert not security.of(offered(0, gate="baristas"))
    assert Told(security.route).of(offered(2, gate="security"), asked), "with the last word on it, too"
    assert Told(security.route).of(asked)
    leads = Told(replace(security.route, teams=frozenset({"leads"})))
    assert bool(leads.of(asked)) == isinstance(asked, e.Escalated)


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("stage:prod", {"prod", "payments"}),
        ("stage:dev", {"dev", "baristas"}),
        ("team:payments", {"prod", "payments"}),
        (address(1), {"prod", "payments"}),
        ("*", {"prod", "dev", "payments", "baristas"}),
    ],
)
def test_a_pause_is_told_to_whom_it_is_about(scope: str, told: set[str]) -> None:
    stages = {one: Route("r", frozenset(NewsTopic), stages=frozenset({one})) for one in ("dev", "prod")}
    teams = {one: Route("r", frozenset(NewsTopic), teams=frozenset({one})) for one in ("baristas", "payments")}
    for event in (e.Paused(scope, Pause(SOMEBODY, "", None), 0.0), e.Resumed(scope, SOMEBODY, 0.0)):
        assert {name for name, route in {**stages, **teams}.items() if Told(route).of(event)} == told


def test_a_flood_is_counted() -> None:
    ((title, lines),) = Told().of(*[failed(0)] * 50)
    assert title == "50 failures"
    assert lines.splitlines()[-1] == "and 30 more"


def access(change: AccessChange) -> e.AccessChanged:
    return e.AccessChanged(change, "3f0c9a", f"{change.value}: of ada, to write", SOMEBODY, 0.0)


def test_who_gets_in_is_told_where_all_is_and_sessions_are_not() -> None:
    told = [change for change in AccessChange if Told().of(access(change))]
    assert set(AccessChange) - set(told) == {AccessChange.SESSION_BEGUN, AccessChange.SESSION_ENDED}
    of_a_team = Route("payments", frozenset(NewsTopic), frozenset(["payments"]))
    assert not Told(of_a_team).of(access(AccessChange.TOKEN_MADE))
    ((title, _),) = Told().of(access(AccessChange.KEY_ROTATED))
    assert title.endswith("!")


def test_a_route_has_words_of_its_own() -> None:
    route = Route(
        "ops", frozenset(NewsTopic), title="[${organisation}] ${title} (${count})", line="${topic}> ${line} $$"
    )
    assert Told(route).of(failed(0)) == [
        ("[acme] e0@main (1)", "failures> e0@main: run 7 failed: ODMD204 boom $"),
    ]


def test_what_others_write_is_no_template(tmp_path: Path) -> None:
    hostile = e.RunFailed(7, address(0), "ODMD204 ${topic} $nobody", clean=True, at=0.0, retry_at=None)
    ((_, line),) = Told().of(hostile)
    assert line.endswith("ODMD204 ${topic} $nobody")
    for wrong in ({"title": "${nobody}"}, {"line": "${"}, {"line": "$"}, {"line": "${count}"}):
        with pytest.raises(SettingsInvalid, match=r"there are|has (title|line)"):
            read_notify({"ops": {"to": ["env:X"], **wrong}}, tmp_path, "pyproject.toml")
    (read,) = read_notify({"ops": {"to": ["env:X"], "title": "${count} at ${organisation}"}}, tmp_path, "p")
    assert read.route.title == "${count} at ${organisation}"
