"""A plan names the stacks that left their app, and those that will as the contracts say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import FinishClearance, FinishRun
from odmd.control.scheduler.start import start_change
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.graph import Graph
from odmd.graph.built import CdkNode
from odmd.model.targets import Target
from odmd.plan import Plan, build_plan
from odmd.plan.build import Limited
from odmd.plan.words import headline, sections
from support.actors import SOMEBODY
from support.worlds import ACCOUNT, DEV, World, address, graph, graph_of

E = address(0)
PART = DeployedUnit("part", Target(ACCOUNT.id, DEV.region))


def deploy(world: World, *names: str) -> None:
    world.push(0)
    (run,) = world.running()
    world.send(FinishRun(run, world.claim(run), "sha256:assembly", (), names))


def left(*, why: str, asks: bool = False) -> World:
    """`part` left the app and could not be removed."""
    world = World(graph(1, []))
    deploy(world, "app", "part")
    deploy(world, "app")
    began = world.state.envers[E].units.clearing
    world.send(FinishClearance(E, (), (Leftover(PART, why, asks=asks),), began))
    return world


def plan(world: World, contracts: Graph | None = None, *, targets: tuple[str, ...] = (), new: str = "") -> Plan:
    heads = {E: new or world.state.envers[E].commit}
    return build_plan(contracts or world.graph, recorded(world.state), heads, Limited(targets))


def lines(made: Plan) -> list[str]:
    return [line for title, said in sections(made) if title == "Stacks that left their app" for line in said]


def test_one_that_could_not_be_removed_is_named_with_its_reason_and_tried_again() -> None:
    made = plan(left(why="AWS refused: it is in use"))
    assert lines(made) == [f"- stack part in {ACCOUNT.id}, {DEV.region} of e0@main: AWS refused: it is in use"]
    assert headline(made).startswith("1 stack to remove")
    assert (made.is_empty(), made.begins()) == (False, True)
    assert start_change(made, SOMEBODY, "").clear == (E,)


def test_one_that_waits_for_an_answer_is_named_and_nothing_is_to_do() -> None:
    made = plan(left(why="Table would go with it", asks=True))
    assert "Table would go with it" in lines(made)[0]
    assert (made.is_empty(), made.begins()) == (True, False)
    assert start_change(made, SOMEBODY, "").clear == ()


def test_a_plan_for_some_tries_nothing_again() -> None:
    made = plan(left(why="AWS refused"), targets=(E,))
    assert lines(made)
    assert made.is_empty()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"region": "eu-west-1"}, f"its enver moves to {ACCOUNT.id}, eu-west-1"),
        ({"built": CdkNode("", ("other",))}, "its enver's stacks are other now"),
    ],
)
def test_what_the_contracts_make_leave_is_named_before_it_does(changed: dict[str, object], why: str) -> None:
    world = World(graph(1, []))
    deploy(world, "app")
    (node,) = world.graph.envers.values()
    made = plan(world, graph_of([replace(node, **changed)]), new="c9")
    assert lines(made) == [f"- stack app in {ACCOUNT.id}, {DEV.region} of e0@main: {why}"]


def test_what_is_tried_again_is_part_of_what_is_approved() -> None:
    world = World(graph(1, []))
    deploy(world, "app")
    before = plan(world).digest()
    again = left(why="AWS refused")
    assert plan(again).digest() != before
