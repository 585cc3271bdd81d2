"""A gate is its team's: whoever else answers changes nothing, and is told who may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler.envers import LOSS
from odmd.control.scheduler.events import Approved
from odmd.control.scheduler.may import ADMINS, Actor, approver, may_answer
from odmd.control.scheduler.messages import Answer
from support.worlds import World, address, graph_of, node, wire

TEAMS = st.sampled_from(["baristas", "roasters", "bakers"])


@given(st.lists(TEAMS), st.none() | TEAMS, st.booleans())
def test_only_the_team_or_an_admin_answers(teams: list[str], gate: str | None, admin: bool) -> None:
    actor = Actor("ada", tuple(teams), admin)
    assert may_answer(actor, gate) == (gate is None or admin or gate in teams)
    assert may_answer(None, gate)


@pytest.mark.parametrize(
    ("actor", "is_let_in"),
    [
        (Actor("eve"), False),
        (Actor("eve", ("roasters",)), False),
        (Actor("ada", ("baristas",)), True),
        (Actor("root", (), True), True),
        (None, True),
    ],
)
def test_the_gate_is_looked_at_where_the_answer_is_decided(actor: Actor | None, is_let_in: bool) -> None:
    world = asking()
    offer = world.state.envers[address(1)].offers["in0"]
    answer = Answer(address(1), "in0", offer.content.identity, True, "somebody", actor=actor)
    assert any(isinstance(event, Approved) for event in world.send(answer)) == is_let_in
    assert ("in0" in world.state.envers[address(1)].offers) != is_let_in


def asking() -> World:
    """A world in which the second enver asks team baristas about its input."""
    world = World(graph_of([node(0), node(1, [wire(0, 1, mode="gated")])]))
    world.push(0, 1)
    world.drain()
    return world


def test_data_of_an_enver_that_left_the_contracts_is_for_admins() -> None:
    world = asking()
    offer = replace(world.state.envers[address(1)].offers["in0"], gate=None)
    assert approver(world.wiring, "gone/b..main", LOSS, offer) == ADMINS
    assert not may_answer(Actor("ada", ("baristas", "")), ADMINS)
    assert may_answer(Actor("root", (), True), ADMINS)
    assert may_answer(None, ADMINS)


def test_data_is_its_envers_team_to_lose() -> None:
    world = asking()
    wiring, offer = world.wiring, world.state.envers[address(1)].offers["in0"]
    lost = replace(offer, gate=None)
    assert approver(wiring, address(1), LOSS, lost) == wiring.graph.envers[address(1)].team
    assert approver(wiring, address(1), "in0", lost) is None, "whoever may write lets in what no team guards"
