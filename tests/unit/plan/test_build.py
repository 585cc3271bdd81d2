"""A plan says what would run, in which stages, with which inputs, and why."""

from __future__ import annotations

from odmd.control.reading.recorded import recorded
from odmd.plan import FromStep, Known, Plan, StepAction, build_plan
from support.actors import SOMEBODY
from support.worlds import World, address, graph, product

CHAIN = graph(3, [(0, 1), (1, 2)])


def plan(world: World, **newer: str) -> Plan:
    """The plan at the recorded heads, some of them newer."""
    heads = {
        name: world.state.envers[name].commit if name in world.state.envers else "c1" for name in world.graph.envers
    }
    return build_plan(
        world.graph, recorded(world.state), {**heads, **{address(int(n[1:])): c for n, c in newer.items()}}
    )


def deployed() -> World:
    world = World(CHAIN)
    for n in range(3):
        world.commits[n] = 1
    from odmd.control.scheduler.messages import Head, StartChange

    heads = tuple(Head(node.address, "c1", node.slice()) for node in CHAIN.envers.values())
    world.send(StartChange("first", SOMEBODY, "", heads))
    world.drain()
    return world


def test_a_first_deployment_creates_everything_in_the_order_of_the_wires() -> None:
    made = plan(World(CHAIN))
    assert [[step.enver for step in stage.steps] for stage in made.stages] == [[address(n)] for n in range(3)]
    assert all(step.action is StepAction.CREATE and step.certain for step in made.steps())
    second = list(made.steps())[1]
    assert second.inputs[0].source == FromStep(1)
    assert second.reasons == ("its first deployment",)


def test_nothing_to_do_where_everything_runs_what_the_code_says() -> None:
    made = plan(deployed())
    assert not list(made.steps())
    assert made.unchanged == tuple(address(n) for n in range(3))


def test_a_new_commit_is_certain_and_its_consumers_are_only_possible() -> None:
    first, second, third = plan(deployed(), e0="c2").steps()
    assert (first.certain, first.action, first.reasons) == (True, StepAction.UPDATE, ("new commit c2 (runs c1)",))
    assert (second.certain, second.action) == (False, StepAction.VALUES)
    assert second.reasons == ("only if step 1 (e0@main) changes in0",)
    assert third.inputs[0].source == FromStep(2)


def test_an_input_whose_producer_has_no_step_is_known() -> None:
    world = deployed()
    (step,) = plan(world, e2="c2").steps()
    current = world.state.current(product(1))
    assert current
    assert step.inputs[0].source == Known(current.version, current.text)


def test_a_failed_enver_is_tried_again() -> None:
    world = deployed()
    world.push(0)
    world.fail(world.running()[0])
    step = next(iter(plan(world).steps()))
    assert step.reasons[0] == "its last run failed: boom"


def test_the_digest_says_whether_it_is_the_same_plan() -> None:
    world = deployed()
    assert plan(world, e0="c2").digest() == plan(world, e0="c2").digest()
    assert plan(world, e0="c2").digest() != plan(world, e0="c3").digest()


def test_an_enver_that_left_the_contracts_is_named_and_left_alone() -> None:
    made = build_plan(graph(2, [(0, 1)]), recorded(deployed().state), {address(n): "c1" for n in range(2)})
    assert [removal.enver for removal in made.removals] == [address(2)]


def test_a_first_deployment_that_failed_cleanly_is_still_a_first_one() -> None:
    world = World(CHAIN)
    world.push(0)
    world.fail(world.running()[0], clean=True)
    step = next(iter(plan(world).steps()))
    assert step.action is StepAction.CREATE
    assert "its first deployment" in step.reasons


def test_after_an_unclean_failure_what_runs_is_unknown() -> None:
    world = World(CHAIN)
    world.push(0)
    world.fail(world.running()[0], clean=False)
    step = next(iter(plan(world).steps()))
    assert step.action is StepAction.UPDATE
    assert "nobody knows for sure what runs" in step.reasons
