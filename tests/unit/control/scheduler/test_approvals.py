"""Approvals as the contracts want them: how many, who, when, until when; and what happens while nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.actor import ODMD, Actor, Scope
from odmd.control.scheduler.approvals import Delegation
from odmd.control.scheduler.effects import SendLater, effects_of
from odmd.control.scheduler.questions import CHANGES, SOURCE, AboutInput
from odmd.graph import Graph
from odmd.graph.approvals import ApprovalNode, FreezeNode, HoursNode
from odmd.graph.governed import Governed, PolicyFile
from support.actors import SOMEBODY, somebody
from support.worlds import World, address, graph_of, node, wire

IN = AboutInput("in0")
SUBJECT = f"{address(1)}:in0"
DAY = 86_400.0
PAYMENTS = ApprovalNode(SUBJECT, "payments", count=2)


def governed(*approvals: ApprovalNode, freezes: Sequence[FreezeNode] = ()) -> Graph:
    gated = wire(0, 1, mode="gated")._replace(gate="payments")
    nodes = [node(0), node(1, [gated], stage="prod")]
    return replace(graph_of(nodes), governed=Governed(approvals=approvals, freezes=tuple(freezes)))


def ungated(*approvals: ApprovalNode, freezes: Sequence[FreezeNode] = ()) -> World:
    """All of it deployed."""
    nodes = [node(0), node(1, [wire(0, 1)], stage="prod")]
    said = Governed(approvals=approvals, freezes=tuple(freezes))
    world = World(replace(graph_of(nodes), governed=said))
    world.push(0, 1)
    world.drain_runs()
    return world


def asking(*approvals: ApprovalNode) -> World:
    """e1 asks whether the first value of e0 may in."""
    world = World(governed(*approvals))
    world.push(0, 1)
    world.drain_runs()
    assert IN in world.state.envers[address(1)].offers
    return world


def answer(world: World, by: Actor, *, approved: bool = True, authors: Sequence[str] = ("zoe",)) -> Sequence[e.Event]:
    identity = world.state.envers[address(1)].offers[IN].content.identity
    return world.send(m.Answer(address(1), IN, identity, approved, by, "as I see it", tuple(authors)))


def of(name: str, *teams: str) -> Actor:
    return somebody(name, *(teams or ("payments",)), scope=Scope.WRITE)


def kinds(events: Sequence[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


class TestHowMany:
    def test_the_last_one_who_has_to_say_so_lets_it_in_and_each_counts_once(self) -> None:
        world = asking(PAYMENTS)
        (first,) = answer(world, of("ann"))
        assert isinstance(first, e.Consented)
        assert (first.consent.by.name, first.lacking) == ("ann", 1)
        assert answer(world, of("ann")) == []
        events = answer(world, of("bob"))
        assert isinstance(events[0], e.Approved)
        assert [one.by.name for one in events[0].given] == ["ann"]
        wave = world.state.waves[events[0].wave]
        assert (wave.by.name, wave.why) == ("bob", "ann: as I see it; bob: as I see it")

    @given(st.lists(st.sampled_from(["ann", "bob", "cleo", "dan"]), max_size=8), st.integers(1, 4))
    def test_it_is_let_in_when_so_many_different_people_said_so_and_never_before(
        self, names: list[str], count: int
    ) -> None:
        world = asking(replace(PAYMENTS, count=count))
        approved_after = None
        for n, name in enumerate(names):
            if IN not in world.state.envers[address(1)].offers:
                break
            if any(isinstance(event, e.Approved) for event in answer(world, of(name))):
                approved_after = n + 1
        seen = [len(set(names[: n + 1])) for n in range(len(names))]
        assert approved_after == (seen.index(count) + 1 if count in seen else None)

    def test_one_no_is_enough(self) -> None:
        world = asking(PAYMENTS)
        answer(world, of("ann"))
        assert kinds(answer(world, of("bob"), approved=False))[0] == "Rejected"
        assert IN not in world.state.envers[address(1)].offers

    @pytest.mark.parametrize("approved", [True, False])
    def test_what_is_asked_stays_and_what_came_since_is_asked_after_it_without_anybodys_yes(
        self, approved: bool
    ) -> None:
        world = asking(PAYMENTS)
        answer(world, of("ann"))
        world.push(0)
        (run,) = world.running()
        world.finish(run)
        offer = world.state.envers[address(1)].offers[IN]
        assert (offer.content.version, [one.by.name for one in offer.given]) == (1, ["ann"])
        answer(world, of("bob"), approved=approved)
        offer = world.state.envers[address(1)].offers[IN]
        assert (offer.content.version, offer.given) == (2, ())

    def test_who_may_not_is_told_and_nothing_is_counted(self) -> None:
        world = asking(PAYMENTS)
        (denied,) = answer(world, of("eve", "baristas"))
        assert isinstance(denied, e.Denied)
        assert "waits for team payments" in denied.reason


class TestWho:
    def test_not_the_author_nor_who_may_be_he(self) -> None:
        world = asking(replace(PAYMENTS, count=1, author=False))
        for authors, why in ((("ann",), "was begun by him"), ((), "nobody knows who began it")):
            (denied,) = answer(world, of("ann"), authors=authors)
            assert isinstance(denied, e.Denied)
            assert why in denied.reason
        assert kinds(answer(world, of("bob"), authors=("ann",)))[0] == "Approved"

    def test_an_author_may_say_no(self) -> None:
        world = asking(replace(PAYMENTS, author=False))
        assert kinds(answer(world, of("ann"), approved=False, authors=("ann",)))[0] == "Rejected"

    def test_whose_enver_asks_may_take_it_back_and_not_let_it_in(self) -> None:
        world = asking(PAYMENTS)
        asker = of("ada", world.graph.envers[address(1)].team)
        assert kinds(answer(world, asker)) == ["Denied"]
        assert kinds(answer(world, asker, approved=False))[0] == "Rejected"

    def test_the_approval_of_a_stage_counts_where_a_wire_says_nothing_itself(self) -> None:
        of_stage = ApprovalNode("stage prod", "security", count=2)
        world = asking(of_stage)
        assert kinds(answer(world, of("ann"))) == ["Consented"], "the wire's team, and so many of it"
        own = asking(of_stage, replace(PAYMENTS, count=1))
        assert kinds(answer(own, of("ann")))[0] == "Approved"


class TestWhatChangesBetweenTwoWhoSayYes:
    """A consent counts if it would count now: nobody's yes outlives the right to say it."""

    def asked_once(self, said: ApprovalNode = PAYMENTS) -> World:
        world = asking(said)
        assert kinds(answer(world, of("ann"))) == ["Consented"]
        return world

    def said_by(self, events: Sequence[e.Event]) -> list[str]:
        (approved,) = [event for event in events if isinstance(event, e.Approved)]
        return [one.by.name for one in (*approved.given, approved)]

    def test_another_team_answers(self) -> None:
        world = self.asked_once()
        world.use(governed(replace(PAYMENTS, by="security")))
        assert kinds(answer(world, of("sue", "security"))) == ["Consented"]
        assert self.said_by(answer(world, of("sid", "security"))) == ["sue", "sid"]

    def test_an_author_may_not_any_more(self) -> None:
        world = self.asked_once()
        world.use(governed(replace(PAYMENTS, author=False)))
        assert kinds(answer(world, of("bob"), authors=["ann"])) == ["Consented"]
        assert self.said_by(answer(world, of("cleo"), authors=["ann"])) == ["bob", "cleo"]

    def test_who_let_him_takes_it_back(self) -> None:
        world = asking(PAYMENTS)
        world.send(m.Delegate(Delegation("eve", "payments", of("ann"), 1e9, "on holiday")))
        assert kinds(answer(world, of("eve", "baristas"))) == ["Consented"]
        world.send(m.EndDelegation("eve", "payments", of("ann")))
        assert kinds(answer(world, of("ann"))) == ["Consented"]
        assert self.said_by(answer(world, of("bob"))) == ["ann", "bob"]

    def test_what_was_said_in_time_stays_said(self) -> None:
        """A delegation that ended by itself, or hours that are over, take nothing back."""
        world = asking(PAYMENTS)
        world.send(m.Delegate(Delegation("eve", "payments", of("ann"), world.now + 5, "on holiday")))
        assert kinds(answer(world, of("eve", "baristas"))) == ["Consented"]
        world.now += 10
        assert self.said_by(answer(world, of("ann"))) == ["eve", "ann"]

    def test_policies_forbid_it(self) -> None:
        world = self.asked_once()
        forbidding = PolicyFile(
            "main.cedar", 'forbid(principal == Actor::"ann", action == Action::"answer", resource);'
        )
        graph = governed(PAYMENTS)
        world.use(replace(graph, governed=replace(graph.governed, policies=(forbidding,))))
        assert kinds(answer(world, of("bob"))) == ["Consented"]
        assert self.said_by(answer(world, of("cleo"))) == ["bob", "cleo"]

    def test_who_may_again_says_so_again(self) -> None:
        world = self.asked_once()
        world.use(governed(replace(PAYMENTS, by="security")))
        assert kinds(answer(world, of("ann", "security"))) == ["Consented"]
        assert self.said_by(answer(world, of("sue", "security"))) == ["ann", "sue"]


class TestWhen:
    HOURS = HoursNode((0, 1, 2, 3, 4), 9 * 60, 17 * 60, "Europe/Berlin")

    @pytest.mark.parametrize(
        ("at", "open_", "next_"),
        [
            ("2026-11-27T08:59:00+01:00", False, "2026-11-27T09:00:00+01:00"),
            ("2026-11-27T09:00:00+01:00", True, "2026-11-30T09:00:00+01:00"),
            ("2026-11-27T17:00:00+01:00", False, "2026-11-30T09:00:00+01:00"),
            ("2026-11-28T12:00:00+01:00", False, "2026-11-30T09:00:00+01:00"),
            ("2026-03-27T18:00:00+01:00", False, "2026-03-30T09:00:00+02:00"),
        ],
    )
    def test_hours_are_those_of_the_clock_there(self, at: str, open_: bool, next_: str) -> None:
        moment = datetime.fromisoformat(at).timestamp()
        assert self.HOURS.have(moment) is open_
        assert self.HOURS.next(moment) == datetime.fromisoformat(next_)

    @given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001
    def test_the_next_time_is_one_and_the_first(self, at: datetime) -> None:
        moment = at.replace(tzinfo=UTC).timestamp()
        begins = self.HOURS.next(moment).timestamp()
        assert begins > moment
        assert self.HOURS.have(begins)
        assert not self.HOURS.have(begins - 60)

    def test_outside_of_them_nobody_lets_anything_in_and_is_told_when(self) -> None:
        world = asking(replace(PAYMENTS, count=1, hours=self.HOURS))
        world.now = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
        (denied,) = answer(world, of("ann"))
        assert isinstance(denied, e.Denied)
        assert "Mon-Fri 09:00-17:00 Europe/Berlin only" in denied.reason
        assert denied.next_step == "come back at Monday 09:00"
        world.now = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
        assert kinds(answer(world, of("ann")))[0] == "Approved"


class TestTime:
    def test_what_nobody_answers_in_time_stays_out_until_it_is_asked_about_again(self) -> None:
        world = asking(replace(PAYMENTS, expires=DAY))
        (offered,) = [event for event in world.log if isinstance(event, e.Offered)]
        (tick,) = [effect for effect in effects_of(offered) if isinstance(effect, SendLater)]
        assert tick.due == offered.at + DAY
        world.now = tick.due
        events = world.send(tick.message)
        assert kinds(events) == ["Expired"]
        assert IN not in world.state.envers[address(1)].offers
        assert world.send(m.Tick(world.now)) == [], "and it is not asked about by itself"
        again = world.send(m.AskAgain(address(1), IN, SOMEBODY, "we were away"))
        assert kinds(again) == ["AskedAgain", "Offered"]
        assert kinds(answer(world, of("ann"))) == ["Consented"]

    def test_those_who_have_to_answer_are_reminded_and_after_a_while_others_may(self) -> None:
        said = replace(PAYMENTS, count=1, remind=100.0, escalate_to="leads", escalate_after=250.0)
        world = asking(said)
        began, found = world.state.envers[address(1)].offers[IN].at, list[tuple[str, float]]()
        ticks = [
            one for event in world.log for one in effects_of(event) if isinstance(one, SendLater) and one.due < DAY
        ]
        while ticks and len(found) < 4:
            tick = ticks.pop(0)
            world.now = max(world.now, tick.due)
            for event in world.send(tick.message):
                found.append((type(event).__name__, round(event.at - began)))
                ticks += [one for one in effects_of(event) if isinstance(one, SendLater)]
        assert [name for name, _ in found] == ["Reminded", "Reminded", "Escalated", "Reminded"]
        assert [at // 10 * 10 for _, at in found] == [100, 200, 250, 300]
        assert kinds(answer(world, of("lea", "leads")))[0] == "Approved"

    def test_before_its_time_another_team_may_not(self) -> None:
        world = asking(replace(PAYMENTS, count=1, escalate_to="leads", escalate_after=250.0))
        assert kinds(answer(world, of("lea", "leads"))) == ["Denied"]

    def test_open_questions_cost_nothing_while_nothing_is_due(self) -> None:
        world = asking(replace(PAYMENTS, expires=DAY))
        assert world.state.agenda.questions.first(world.now) is None
        assert world.state.agenda.questions.first(world.now + DAY) == address(1)


class TestDelegation:
    def delegated(self, world: World, by: Actor, until: float = 1e9) -> Sequence[e.Event]:
        return world.send(m.Delegate(Delegation("bob", "payments", by, until, "on holiday")))

    def test_who_is_let_answers_for_a_while_and_it_stands_with_what_he_says(self) -> None:
        world = asking(PAYMENTS)
        bob = of("bob", "baristas")
        assert kinds(answer(world, bob)) == ["Denied"]
        assert kinds(self.delegated(world, of("ann"))) == ["Delegated"]
        (said,) = answer(world, bob)
        assert isinstance(said, e.Consented)
        assert said.consent.delegated == "for payments, as ann said"
        world.send(m.EndDelegation("bob", "payments", of("ann")))
        assert kinds(answer(world, of("bob", "bakers"))) == ["Denied"]

    def test_nobody_lets_others_do_what_he_may_not_nor_passes_it_on(self) -> None:
        world = asking(PAYMENTS)
        assert kinds(self.delegated(world, of("eve", "baristas"))) == ["Denied"]
        self.delegated(world, of("ann"))
        onward = m.Delegate(Delegation("carl", "payments", of("bob", "baristas"), 1e9, ""))
        assert kinds(world.send(onward)) == ["Denied"]

    def test_it_is_over_when_it_is(self) -> None:
        world = asking(PAYMENTS)
        self.delegated(world, of("ann"), until=world.now + 5)
        world.now += 10
        assert kinds(answer(world, of("bob", "baristas"))) == ["Denied"]

    def test_who_answers_for_others_may_end_it_himself(self) -> None:
        world = asking(PAYMENTS)
        self.delegated(world, of("ann"))
        assert kinds(world.send(m.EndDelegation("bob", "payments", of("bob", "baristas")))) == ["DelegationEnded"]


class TestFreezes:
    FREEZE = FreezeNode("stage:prod", 1000.0, 2000.0, "the end of the year")

    def test_a_declared_freeze_begins_and_ends_by_itself(self) -> None:
        world = ungated(freezes=[self.FREEZE])
        timers = [one for event in world.log for one in effects_of(event) if isinstance(one, SendLater)]
        begins = [one for one in timers if one.due == 1000.0]
        world.now = 999.0
        (paused,) = [event for event in world.send(begins[0].message) if isinstance(event, e.Paused)]
        assert (paused.scope, paused.pause.by, paused.pause.until) == ("stage:prod", ODMD, 2000.0)
        world.push(1)
        assert not world.running()
        world.now = 2000.0
        assert "Resumed" in kinds(world.send(m.Tick(2000.0)))
        assert world.running()

    def test_one_that_somebody_ended_does_not_begin_again(self) -> None:
        world = ungated(freezes=[self.FREEZE])
        world.now = 1000.0
        world.send(m.Tick(1000.0))
        assert kinds(world.send(m.ResumeScope("stage:prod", SOMEBODY, "a leak"))) == ["Resumed"]
        assert "Paused" not in kinds(world.send(m.Tick(1100.0)))

    def test_a_longer_pause_of_somebody_stays(self) -> None:
        world = ungated(freezes=[self.FREEZE])
        world.send(m.PauseScope("stage:prod", SOMEBODY, "we move"))
        world.now = 1000.0
        world.send(m.Tick(1000.0))
        assert world.state.standing.pauses["stage:prod"].by == SOMEBODY


class TestChanges:
    def test_a_run_that_asks_first_goes_on_when_exactly_that_was_approved(self) -> None:
        world = ungated(ApprovalNode("stage prod", "payments", count=2, changes=True))
        world.push(1)
        (run,) = world.running()
        asked = m.Loss("e1--main: Modify Table", "sha256:these", is_change=True)
        events = world.send(m.FailRun(run, world.claim(run), "it asks", clean=True, loss=asked))
        assert kinds(events)[-1] == "Offered"
        offer = world.state.envers[address(1)].offers[CHANGES]
        for name in ("ann", "bob"):
            said = m.Answer(address(1), CHANGES, offer.content.identity, True, of(name), "", ("zoe",))
            world.send(said)
        (run,) = world.running()
        assert world.state.runs[run].allowed == "sha256:these"
        assert CHANGES not in world.state.envers[address(1)].offers


def test_a_promotion_has_an_approval_of_its_own() -> None:
    nodes = [node(0), node(1, revision=f"promoted:{address(0)}", approver="payments", stage="prod")]
    graph = replace(graph_of(nodes), governed=Governed(approvals=(ApprovalNode(f"{address(1)}:", "payments", 2),)))
    world = World(graph)
    world.push(0)
    world.drain_runs()
    identity = world.state.envers[address(1)].offers[SOURCE].content.identity
    said = [world.send(m.Answer(address(1), SOURCE, identity, True, of(name))) for name in ("ann", "bob")]
    assert [kinds(events)[0] for events in said] == ["Consented", "Approved"]
