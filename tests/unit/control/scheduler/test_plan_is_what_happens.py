"""A plan is what happens: what a confirmed plan lists begins, and nothing else does.

For any contracts before and after, state, targets, gates, promotions, pauses and failures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.events import RunStarted
from odmd.control.scheduler.messages import PauseScope, PinEnver, ReleaseEnver, StartChange, Tick
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.start import start_change
from odmd.graph import Graph
from odmd.model.build_types import CDK, Does
from odmd.plan import Limited, Plan, Step
from odmd.plan.run_steps import in_words, run_steps
from odmd.plan.wiring import promoted_from
from support.actors import SOMEBODY
from support.confirmed import Confirmed, contracts, histories, push
from support.planned import CHAIN
from support.refining import refines
from support.soak import examples
from support.worlds import World, address, graph_of, node

LIVE = (Does.WRITE, Does.CLEAR)


@settings(max_examples=examples(400))
@given(histories())
def test_what_a_confirmed_plan_lists_begins_and_nothing_else_does(
    made: tuple[Confirmed, Graph, Limited, list[str]],
) -> None:
    confirmed, graph, limited, failing = made
    plan = confirmed.plan(graph, limited)
    steps = {step.enver: step for step in plan.steps()}
    note(f"{graph_in_words(graph)}\nbefore: {state_in_words(confirmed.world)}\nplan: {plan_in_words(plan)}")
    kept = {enver.address: enver.lookups for enver in confirmed.world.state.envers.values()}
    before = len(confirmed.world.log)
    began = confirmed.apply(graph, plan, failing)
    note(f"began: {began}, failing: {failing}, targets: {limited.targets}\nafter: {state_in_words(confirmed.world)}")
    assert set(began) <= steps.keys(), "nothing begins that the plan does not list"
    assert not [one for one in confirmed.unread if one in steps and steps[one].certain], "what cannot be read stays"
    for enver in began:
        assert not steps[enver].waits, "what the plan says waits does wait"
        assert confirmed.world.state.envers[enver].last_run is not None
    assert_begun_as_listed(confirmed, plan, before)
    started = [event for event in confirmed.world.log[before:] if isinstance(event, RunStarted)]
    for run in {run.enver: run for run in reversed(started)}.values():
        if confirmed.world.state.envers[run.enver].pin is None:
            keeps = () if steps[run.enver].looks_up else kept.get(run.enver, ())
            assert run.fingerprint.lookups == keeps, "answers are kept, unless the plan says otherwise"
    state = confirmed.world.state
    for enver, step in steps.items():
        if step.certain and not step.waits and enver not in began:
            held = fails_before(confirmed.world, plan, enver) or may_be_held_up(confirmed.world, steps, enver)
            assert held, f"{enver} is certain and did not begin"
    if not any(one in failing for one in began):
        for enver in began:
            if state.envers[enver].pin is None:
                assert state.envers[enver].commit == steps[enver].commit
                assert state.envers[enver].slice == steps[enver].slice
                assert state.envers[enver].settings == steps[enver].settings
    again = confirmed.plan(graph, replace(limited, look_up=False))
    if not any(one in failing for one in began):
        left = [step for step in again.steps() if step.certain and not step.waits]
        assert not left, "what was carried out is not planned again"


def test_who_was_to_be_deployed_from_source_of_its_own_does_not_wait_for_the_origin_that_it_has_now() -> None:
    confirmed = Confirmed(World(graph_of([node(0, []), node(1, [])])))
    confirmed.hold(True)
    confirmed.world.send(start_change(confirmed.plan(confirmed.world.graph, Limited()), SOMEBODY, "apply"))  # killed
    confirmed.world.send(PauseScope(address(0), SOMEBODY))
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
        runs = enver.deployed and (enver.deployed.commit, enver.deployed.slice[7:11], enver.deployed.values)
        runs = runs and (*runs, enver.deployed.settings)
        wants = (
            enver.commit,
            enver.slice[7:11],
            enver.settings,
            bool(enver.failed),
            enver.owes,
            list(enver.offers),
            enver.follows,
        )
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
    assert confirmed.world.send(StartChange("nothing", SOMEBODY, "", (), instead=True)) is not None


@settings(max_examples=examples(200))
@given(st.data())
def test_the_steps_that_a_plan_lists_for_a_run_are_those_that_it_begins_with(data: st.DataObject) -> None:
    graph = data.draw(contracts(5))
    confirmed, names = Confirmed(World(graph)), st.lists(st.sampled_from(list(graph.envers)), unique=True, max_size=2)
    confirmed.apply(graph, confirmed.plan(graph, Limited()))
    for _ in range(3):
        push(data.draw, confirmed, graph)
        hold_some_at_earlier_runs(confirmed, data.draw(names))
        plan, before = confirmed.plan(graph, Limited()), len(confirmed.world.log)
        confirmed.apply(graph, plan, data.draw(names))
        assert_begun_as_listed(confirmed, plan, before)


def hold_some_at_earlier_runs(confirmed: Confirmed, envers: Sequence[str]) -> None:
    """At the first one of each, as soon as anything begins again."""
    world = confirmed.world
    first = {address(world.owners[pin.run]): pin for pin in reversed(world.pins.values())}
    for one in envers:
        if one in first:
            world.send(PinEnver(one, first[one]))


def assert_begun_as_listed(confirmed: Confirmed, plan: Plan, since: int) -> None:
    """The first run of each enver: the list of its plan, or the same with what became known.

    Whose origin failed goes without its commit, so that other values may be all that is new."""
    came = {step.number for step in plan.steps() if confirmed.world.state.envers[step.enver].failed is None}
    listed = {step.enver: step.run_steps for step in plan.steps() if not step.source or step.source in came}
    started = [event for event in confirmed.world.log[since:] if isinstance(event, RunStarted)]
    for enver, run in {event.enver: event.run for event in reversed(started) if event.enver in listed}.items():
        begun = confirmed.world.begun[run]
        is_live_alone = bool(begun) and begun == tuple([step for step in listed[enver] if step.does in LIVE])
        is_listed = refines(begun, listed[enver]) or is_live_alone  # no value came that it would have been deployed for
        assert is_listed, f"{in_words(begun)} is not what was listed: {in_words(listed[enver])}"


def test_of_a_kept_recipe_the_units_are_known_until_a_run_fails_that_touched_them() -> None:
    confirmed = Confirmed(World(CHAIN))
    confirmed.apply(CHAIN, confirmed.plan(CHAIN, Limited()))
    confirmed.commits[address(0)] = 1
    plan = confirmed.plan(CHAIN, Limited())
    assert [step.run_steps for step in plan.steps()] == [
        run_steps(CDK, RunMode.FULL),
        run_steps(CDK, RunMode.VALUES, tuple(unit_names(confirmed, 1))),
        run_steps(CDK, RunMode.VALUES, tuple(unit_names(confirmed, 2))),
    ]
    confirmed.apply(CHAIN, plan, [address(1)])
    again = {step.enver: step.run_steps for step in confirmed.plan(CHAIN, Limited()).steps()}
    assert again[address(1)] == run_steps(CDK, RunMode.VALUES)


def unit_names(confirmed: Confirmed, n: int) -> list[str]:
    return [unit.name for unit in confirmed.world.state.envers[address(n)].units.current()]


class TestAnswers:
    """What an app looked up is kept from run to run; that it is looked up again is said by a plan."""

    KEY = "vpc-provider:account=111122223333"

    def world(self) -> Confirmed:
        confirmed = Confirmed(World(graph_of([node(0, []), node(1, [])])))
        confirmed.world.answers = {address(0): ((self.KEY, '"old"'),)}
        confirmed.apply(confirmed.world.graph, confirmed.plan(confirmed.world.graph, Limited()))
        confirmed.world.answers = {address(0): ((self.KEY, '"new"'),)}
        return confirmed

    def test_are_kept_by_the_next_run(self) -> None:
        confirmed = self.world()
        graph = confirmed.world.graph
        assert not list(confirmed.plan(graph, Limited()).steps())
        confirmed.commits[address(0)] = 7
        confirmed.apply(graph, confirmed.plan(graph, Limited()))
        deployed = confirmed.world.state.envers[address(0)].deployed
        assert deployed is not None
        assert deployed.lookups == ((self.KEY, '"old"'),)

    def test_are_looked_up_again_when_a_plan_says_so_and_the_change_is_a_reason(self) -> None:
        confirmed = self.world()
        graph, before = confirmed.world.graph, len(confirmed.world.log)
        plan = confirmed.plan(graph, Limited((address(0),), look_up=True))
        assert [(step.enver, step.reasons, step.action.value) for step in plan.steps()] == [
            (address(0), (f"what it looked up is looked up again: {self.KEY}",), "update")
        ]
        assert plan.digest() != confirmed.plan(graph, Limited((address(0),))).digest()
        confirmed.apply(graph, plan)
        started = next(event for event in confirmed.world.log[before:] if isinstance(event, RunStarted))
        assert started.reasons == plan.stages[0].steps[0].reasons
        assert started.mode is RunMode.FULL
        run = confirmed.world.state.dirty.runs[started.run]
        assert run.reasons == (*started.reasons, f"lookup {self.KEY} changed")
        assert not list(confirmed.plan(graph, Limited()).steps())

    def test_are_not_looked_up_again_where_nothing_was(self) -> None:
        confirmed = self.world()
        plan = confirmed.plan(confirmed.world.graph, Limited(look_up=True))
        assert [step.enver for step in plan.steps()] == [address(0)]

    def test_are_those_of_the_run_that_an_enver_is_held_at_and_its_own_again_afterwards(self) -> None:
        confirmed = self.world()
        world, graph = confirmed.world, confirmed.world.graph
        first = world.state.envers[address(0)].deployed_by
        pin = Pin(first, world.state.envers[address(0)].deployed, (), "sha256:assembly", SOMEBODY, "")
        confirmed.apply(graph, confirmed.plan(graph, Limited(look_up=True)))
        confirmed.hold(False)
        world.send(PinEnver(address(0), pin))
        world.drain_runs()
        assert world.state.envers[address(0)].deployed.lookups == ((self.KEY, '"old"'),)
        world.send(ReleaseEnver(address(0), SOMEBODY))
        world.drain_runs()
        assert world.state.envers[address(0)].deployed.lookups == ((self.KEY, '"new"'),)
