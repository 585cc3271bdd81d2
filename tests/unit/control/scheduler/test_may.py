"""A gate is its team's: whoever else answers changes nothing, and is told who may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler.actor import Actor, Scope
from odmd.control.scheduler.border import raise_refusal
from odmd.control.scheduler.envers import OpenQuestion
from odmd.control.scheduler.events import Approved, Denied
from odmd.control.scheduler.may import NEEDS, Action, Admins, Subject, approver, may
from odmd.control.scheduler.messages import (
    Answer,
    CancelRun,
    Message,
    PauseScope,
    Recover,
    ReleaseEnver,
    ReportDrift,
    ResumeScope,
    StartChange,
)
from odmd.control.scheduler.questions import LOSS, AboutInput
from odmd.control.scheduler.values import RunInput
from odmd.errors import NotAllowed
from odmd.graph.governed import Governed, PolicyFile
from support.actors import somebody
from support.worlds import World, address, graph_of, node, wire

TEAMS = st.sampled_from(["baristas", "roasters", "bakers"])


def asks_about(gate: str | None) -> Subject:
    offer = OpenQuestion(RunInput("in0", "p", 1, "t", "i"), gate, 0, 0.0)
    return Subject("in0 #1", address(1), AboutInput("in0"), offer)


@given(st.lists(TEAMS), st.none() | TEAMS, st.sampled_from(Scope))
def test_only_the_team_or_an_admin_answers(teams: list[str], gate: str | None, scope: Scope) -> None:
    actor = somebody("ada", *teams, scope=scope)
    may_write = scope in (Scope.WRITE, Scope.ADMIN)
    allowed = may_write and (gate is None or scope is Scope.ADMIN or gate in teams)
    assert (may(actor, Action.ANSWER, asks_about(gate), None) is None) == allowed


@given(st.sampled_from(Action), st.sampled_from(Scope), st.none() | st.integers(1, 3), st.none() | st.integers(1, 3))
def test_nobody_does_more_than_his_scope_or_for_another_run(
    action: Action, scope: Scope, own: int | None, run: int | None
) -> None:
    refusal = may(replace(somebody(scope=scope), run=own), action, Subject(run=run), None)
    too_much = action in NEEDS and (not scope.includes(NEEDS[action]) or (run is not None and own not in (None, run)))
    assert (refusal is not None) == too_much
    assert refusal is None or (refusal.reason and refusal.next_step)


@pytest.mark.parametrize(
    ("actor", "is_let_in"),
    [
        (somebody("eve", scope=Scope.WRITE), False),
        (somebody("eve", "roasters", scope=Scope.WRITE), False),
        (somebody("ada", "baristas", scope=Scope.READ), False),
        (somebody("ada", "baristas", scope=Scope.WRITE), True),
        (somebody("root"), True),
    ],
)
def test_the_gate_is_looked_at_where_the_answer_is_decided(actor: Actor, is_let_in: bool) -> None:
    world = asking()
    offer = world.state.envers[address(1)].offers[AboutInput("in0")]
    events = world.send(Answer(address(1), AboutInput("in0"), offer.content.identity, True, actor))
    assert any(isinstance(event, Approved) for event in events) == is_let_in
    assert (AboutInput("in0") in world.state.envers[address(1)].offers) != is_let_in
    denied = [event for event in events if isinstance(event, Denied)]
    assert [(one.by, one.action, one.enver) for one in denied] == (
        [] if is_let_in else [(actor, Action.ANSWER, address(1))]
    )


WRITES = [
    StartChange("push", somebody(scope=Scope.READ), "", ()),
    PauseScope("*", somebody(scope=Scope.READ)),
    ResumeScope("*", somebody(scope=Scope.READ)),
    ReleaseEnver(address(1), somebody(scope=Scope.READ)),
    ReportDrift(address(1), "it moved", somebody(scope=Scope.READ)),
    Recover(1, somebody(scope=Scope.WRITE), "why"),
    CancelRun(1, somebody(scope=Scope.READ)),
]


@pytest.mark.parametrize("message", WRITES, ids=lambda one: type(one).__name__)
def test_of_what_somebody_may_not_nothing_comes_but_a_line_in_the_log(message: Message) -> None:
    world = asking()
    (denied,) = world.send(message)
    assert isinstance(denied, Denied)
    with pytest.raises(NotAllowed, match="is good for"):
        raise_refusal([denied])


def asking() -> World:
    """A world in which the second enver asks team baristas about its input."""
    world = World(graph_of([node(0), node(1, [wire(0, 1, mode="gated")])]))
    world.push(0, 1)
    world.drain()
    return world


def test_data_of_an_enver_that_left_the_contracts_is_for_admins() -> None:
    world = asking()
    offer = replace(world.state.envers[address(1)].offers[AboutInput("in0")], gate=None)
    graph, lost = world.wiring.graph, Subject("data", "gone/b..main", LOSS, offer)
    assert approver(graph, "gone/b..main", LOSS, offer) == Admins.ONLY
    assert may(somebody("ada", "baristas", "", scope=Scope.WRITE), Action.ANSWER, lost, graph)
    assert may(somebody("root"), Action.ANSWER, lost, graph) is None


def test_data_is_its_envers_team_to_lose() -> None:
    world = asking()
    graph, offer = world.wiring.graph, world.state.envers[address(1)].offers[AboutInput("in0")]
    lost = replace(offer, gate=None)
    assert approver(graph, address(1), LOSS, lost) == graph.envers[address(1)].team
    assert approver(graph, address(1), AboutInput("in0"), lost) is None, "whoever may write lets in what no team guards"


@pytest.mark.parametrize(("teams", "may_break"), [(["t0"], False), (["t0", "t1"], True)])
def test_whoever_breaks_somebody_needs_a_right_over_whom_he_breaks(teams: list[str], may_break: bool) -> None:
    """By the defaults of policies: it is that team's own to allow."""
    graph = graph_of([node(0, team="t0"), node(1, [wire(0, 1)], team="t1")])
    world = World(replace(graph, governed=Governed(policies=(PolicyFile("main.cedar", ""),))))
    writer = somebody("ada", *teams, scope=Scope.WRITE)
    world.commits[0] = 1
    events = world.send(replace(StartChange("push", writer, "", (world.head(0),)), breaks=(address(1),)))
    denied = [(one.action, one.enver) for one in events if isinstance(one, Denied)]
    assert denied == ([] if may_break else [(Action.BREAK, address(1))])
    assert bool(world.running()) is may_break
