"""An enver under earlier contracts, as production is until its promotion, has the inputs that they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import Answer, ReportDrift
from odmd.control.scheduler.questions import AboutInput
from odmd.control.scheduler.runs import RunMode
from odmd.graph import Graph, WireEdge
from odmd.plan import Limited, build_plan
from odmd.plan.stages import FromStep, Known
from odmd.plan.wiring import Wiring
from support.actors import SOMEBODY
from support.planned import promoted
from support.worlds import World, address, graph_of, node, wire

SHARED, OTHER, MAIN, PROD = 0, 1, 2, 3


def shop(*wires: WireEdge) -> Graph:
    """Two shared envers; main, and its production, with these wires each."""
    of_prod = [one._replace(consumer=address(PROD)) for one in wires]
    prod = promoted(PROD, MAIN, wires=of_prod, approver="baristas")
    return graph_of([node(SHARED), node(OTHER), node(MAIN, wires), prod])


NOW = wire(SHARED, MAIN)
RENAMED = NOW._replace(name="events")
ELSEWHERE = wire(OTHER, MAIN)


@pytest.fixture
def world() -> World:
    """Production runs what main did before the contracts changed."""
    made = World(shop(NOW))
    made.push(SHARED, OTHER, MAIN)
    made.drain()
    made.answer(PROD)
    made.drain()
    return made


def inputs(world: World) -> dict[str, int]:
    run = world.run_of(PROD)
    assert run is not None
    return {one.name: one.version for one in world.state.runs[run].inputs}


def test_a_new_value_comes_in_under_the_name_that_its_code_knows(world: World) -> None:
    world.use(shop(RENAMED))
    world.push(SHARED)
    while world.run_of(PROD) is None:
        world.finish(world.running()[0])
    run = world.state.runs[world.running()[-1]]
    assert inputs(world) == {"in0": 2}
    assert run.fingerprint.slice == shop(NOW).slice(address(PROD))
    assert run.mode is RunMode.VALUES, "with the template that it has"


def test_a_plan_says_so(world: World) -> None:
    graph = shop(RENAMED)
    heads = {address(SHARED): "new", address(OTHER): "commit-1-1", address(MAIN): "commit-2-1"}
    plan = build_plan(graph, recorded(world.state, Wiring(graph)), heads, Limited((address(PROD),)))
    step = next(one for one in plan.steps() if one.enver == address(PROD))
    assert [(one.name, type(one.source)) for one in step.inputs] == [("in0", FromStep)]
    assert step.slice == shop(NOW).slice(address(PROD))


@pytest.mark.parametrize("wires", [(ELSEWHERE,), (), (ELSEWHERE._replace(name="in0"),)])
def test_what_the_contracts_lead_to_now_does_not_reach_it(world: World, wires: tuple[WireEdge, ...]) -> None:
    """Its own wire is gone: what that let in stays, and no other value takes its name."""
    began = len(world.log)
    world.use(shop(*wires))
    world.push(SHARED, OTHER)
    world.drain()
    assert address(PROD) not in world.started(began)
    known = recorded(world.state, Wiring(world.graph))
    plan = build_plan(world.graph, known, {address(n): f"commit-{n}-2" for n in (SHARED, OTHER, MAIN)})
    assert address(PROD) not in [one.enver for one in plan.steps() if one.certain]


def test_what_is_lost_is_deployed_again_as_it_was(world: World) -> None:
    world.use(shop(ELSEWHERE))
    world.send(ReportDrift(address(PROD), "its stack is gone", SOMEBODY))
    assert inputs(world) == {"in0": 1}
    known = recorded(world.state, Wiring(world.graph))
    plan = build_plan(world.graph, known, {address(n): f"commit-{n}-1" for n in (SHARED, OTHER, MAIN)})
    step = next(one for one in plan.steps() if one.enver == address(PROD))
    assert [(one.name, one.product, type(one.source)) for one in step.inputs] == [
        ("in0", NOW.product, Known),
    ]


def test_a_gated_wire_lets_in_under_the_old_name_what_was_approved(world: World) -> None:
    gated = wire(SHARED, MAIN, mode="gated")._replace(name="events")
    world.use(
        graph_of(
            [
                *list(shop(NOW).envers.values())[:3],
                promoted(PROD, MAIN, wires=[gated._replace(consumer=address(PROD))], approver="baristas"),
            ]
        )
    )
    world.push(SHARED)
    world.drain_runs()
    assert world.run_of(PROD) is None
    events = AboutInput("events")
    while offer := world.state.envers[address(PROD)].offers.get(events):  # what it runs with already, then what is new
        world.send(Answer(address(PROD), events, offer.content.identity, True, SOMEBODY))
    assert inputs(world) == {"in0": 2}


def test_promoted_it_has_the_new_names(world: World) -> None:
    world.use(shop(RENAMED, ELSEWHERE))
    world.push(MAIN)
    world.drain()
    world.answer(PROD)
    assert inputs(world) == {"events": 1, "in1": 1}


def test_another_order_of_stages_comes_into_force_though_the_contracts_are_the_same() -> None:
    world = World(shop(NOW))
    world.use(world.graph)
    began = len(world.log)
    world.use(replace(world.graph, stages=("dev", "prod")))
    assert (len(world.log) - began, world.state.standing.stages) == (1, ("dev", "prod"))
    assert world.replayed() == world.state
