"""A plan is what happens: what a confirmed plan lists begins, and nothing else does.

For any contracts before and after, state, targets, gates, promotions, pauses and failures.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, note, settings

from odmd.control.messages import PauseScope, StartChange, Tick
from odmd.control.start import start_change
from odmd.graph import Graph
from odmd.plan import Limited, Plan, Step
from odmd.plan.wiring import promoted_from
from support.confirmed import Confirmed, histories
from support.worlds import World, address, graph_of, node


@settings(max_examples=400)
@given(histories())
def test_what_a_confirmed_plan_lists_begins_and_nothing_else_does(
    made: tuple[Confirmed, Graph, Limited, list[str]],
) -> None:
    confirmed, graph, limited, failing = made
    plan = confirmed.plan(graph, limited)
    steps = {step.enver: step for step in plan.steps()}
    note(f"{graph_in_words(graph)}\nbefore: {state_in_words(confirmed.world)}\nplan: {plan_in_words(plan)}")
    began = confirmed.apply(graph, plan, failing)
    note(f"began: {began}, failing: {failing}, targets: {limited.targets}\nafter: {state_in_words(confirmed.world)}")
    assert set(began) <= steps.keys(), "nothing begins that the plan does not list"
    assert not [one for one in confirmed.unread if one in steps and steps[one].certain], "what cannot be read stays"
    for enver in began:
        assert not steps[enver].waits, "what the plan says waits does wait"
        run = confirmed.world.state.envers[enver].last_run
        assert run is not None
    state = confirmed.world.state
    for enver, step in steps.items():
        if step.certain and not step.waits and enver not in began:
            held = fails_before(confirmed.world, plan, enver) or may_be_held_up(confirmed.world, steps, enver)
            assert held, f"{enver} is certain and did not begin"
    if not any(one in failing for one in began):
        for enver in began:
            if state.envers[enver].pin is None:
                assert state.envers[enver].commit == steps[enver].commit
                assert state.envers[enver].contracts == steps[enver].contracts
    again = confirmed.plan(graph, limited)
    if not any(one in failing for one in began):
        left = [step for step in again.steps() if step.certain and not step.waits]
        assert not left, "what was carried out is not planned again"


def test_who_was_to_be_deployed_from_source_of_its_own_does_not_wait_for_the_origin_that_it_has_now() -> None:
    confirmed = Confirmed(World(graph_of([node(0, []), node(1, [])])))
    confirmed.hold(True)
    confirmed.world.send(start_change(confirmed.plan(confirmed.world.graph, Limited()), "somebody", "apply"))  # killed
    confirmed.world.send(PauseScope(address(0), "somebody"))
    promoted = graph_of([node(0, []), node(1, [], revision=f"promoted:{address(0)}")])

    plan = confirmed.plan(promoted, Limited())

    assert {step.enver: step.waits for step in plan.steps()}[address(1)] == ()
    assert confirmed.apply(promoted, plan) == [address(1)]


def graph_in_words(graph: Graph) -> str:
    wires = [f"{one.producer} → {one.consumer} {one.mode} {one.placeholder or ''}" for one in graph.wires()]
    return "\n".join(
        (*(f"{one.address}: {one.revision} {one.approver or ''}" for one in graph.envers.values()), *wires)
    )


def state_in_words(world: World) -> str:
    said = []
    for enver in world.state.envers.values():
        runs = enver.deployed and (enver.deployed.commit, enver.deployed.contracts[7:11], enver.deployed.values)
        wants = (enver.commit, enver.contracts[7:11], bool(enver.failed), enver.owes, list(enver.offers), enver.follows)
        said.append(f"{enver.address}: runs {runs}, wants {wants}")
    return "\n  ".join((*said, f"paused: {list(world.state.standing.pauses)}"))


def plan_in_words(plan: Plan) -> str:
    steps = [f"{s.number} {s.enver} {s.certain} {s.commit} from {s.source} {s.reasons} {s.waits}" for s in plan.steps()]
    return "\n  ".join((*steps, f"left out {plan.left_out}", f"gates {plan.gates}"))


def may_be_held_up(world: World, steps: Mapping[str, Step], enver: str) -> bool:
    """Whether somebody whom it waits for, near or far, will wait itself if the wave reaches it."""
    todo, seen = [enver], set[str]()
    while todo:
        for other in world.wiring.upstream.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return any(one in steps and not steps[one].certain and bool(steps[one].waits) for one in seen)


def fails_before(world: World, plan: Plan, enver: str) -> bool:
    """Whether somebody whom it waits for, near or far, failed."""
    wiring = world.wiring
    todo, seen = [enver], set[str]()
    while todo:
        one = todo.pop()
        for other in (*wiring.upstream.get(one, ()), promoted_from(wiring.graph.envers[one])):
            if other in world.state.envers and other not in seen:
                seen.add(other)
                todo.append(other)
    return any(world.state.envers[other].failed is not None for other in seen)


@given(histories())
def test_the_plan_that_apply_makes_is_the_one_that_was_shown(made: tuple[Confirmed, Graph, Limited, list[str]]) -> None:
    confirmed, graph, limited, _ = made
    shown = confirmed.plan(graph, limited)
    confirmed.hold(True)
    confirmed.world.send(Tick(confirmed.world.now))
    assert confirmed.plan(graph, limited).digest() == shown.digest()
    assert confirmed.world.send(StartChange("nothing", "somebody", "", (), instead=True)) is not None
