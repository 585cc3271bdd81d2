"""What a run gives, and what it runs, comes to nobody before it is verified."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.events import Pinned, RunFailed, RunStarted, ValuePublished
from odmd.control.scheduler.messages import ReleaseEnver, Tick, VerifyEnver
from odmd.control.scheduler.values import ValueRef
from odmd.graph import EnverNode
from odmd.graph.verified import UNVERIFIED, Verification
from odmd.model import CommandCheck, SuiteCheck
from odmd.plan import build_plan
from odmd.plan.run_steps import RunMode, checks_of
from odmd.plan.wiring import Wiring
from support.actors import SOMEBODY
from support.planned import promoted
from support.soak import examples
from support.worlds import World, address, graph_of, node, product, wire

MADE, CONSUMER, PROD = 0, 1, 2
MOVES = ("push", "green", "red", "left out", "fail", "lose", "retry", "restart", "release", "verify", "try", "later")
TRIED = SuiteCheck("tests/tried")
CHECKS = (CommandCheck("./smoke", name="smoke"), CommandCheck("./more", name="more"))


def verified(*, rolls_back: bool = False, bakes: float = 0) -> Verification:
    return Verification(commands=CHECKS, order=("smoke", "more"), rolls_back=rolls_back, bake_minutes=bakes)


def shop(verification: Verification) -> World:
    """One enver with a consumer, and its production, which follows it."""
    made = node(MADE, verification=verification)
    return World(graph_of([made, node(CONSUMER, [wire(MADE, CONSUMER)]), promoted(PROD, MADE)]))


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.booleans(),
    st.sampled_from([0, 1]),
    st.lists(st.sampled_from(MOVES), max_size=30),
)
def test_nothing_comes_of_a_run_that_is_not_verified(rolls_back: bool, bakes: float, steps: list[str]) -> None:
    world, passed = shop(verified(rolls_back=rolls_back, bakes=bakes)), set[int]()
    for what in ["push", *steps]:
        act(world, what, passed)
    made = [event for event in world.log if isinstance(event, RunStarted) and event.enver == address(MADE)]
    said = [event for event in made if event.suite is None and event.run in passed]
    last = [event for event in said if not bakes or event.mode is RunMode.VERIFY]
    commits = {event.fingerprint.commit for event in last}
    for event in world.log:
        if isinstance(event, ValuePublished) and event.product.startswith(f"{address(MADE)}/"):
            assert event.run in passed
        if isinstance(event, RunStarted) and event.enver == address(PROD):
            assert event.fingerprint.commit in commits
    assert world.replayed() == world.state


def act(world: World, what: str, passed: set[int]) -> None:
    for run in [run for run in world.running() if world.state.runs[run].enver != address(MADE)]:
        world.finish(run)
    if (run := world.run_of(MADE)) is not None:
        end(world, what, run, passed)
    match what:
        case "push":
            world.push(MADE, CONSUMER)
        case "retry":
            world.retry(MADE)
        case "restart":
            world.restart()
        case "release":
            world.send(ReleaseEnver(address(MADE), SOMEBODY))
        case "verify":
            world.send(VerifyEnver(address(MADE), SOMEBODY))
        case "try":
            world.send(VerifyEnver(address(MADE), SOMEBODY, suite=TRIED))
        case "later":
            world.now += 40
            world.send(Tick(world.now))
        case _:
            pass


def end(world: World, what: str, run: int, passed: set[int]) -> None:
    match what:
        case "green":
            passed.add(run)
            world.finish(run)
        case "red" | "left out":
            world.finish(run, red=what == "red", verified=False)
        case "fail":
            world.fail(run, clean=False)
        case "lose":
            world.claim(run)
        case _:
            pass


def run_of_made(world: World) -> int:
    found = world.run_of(MADE)
    assert found is not None
    return found


def test_what_does_not_pass_stays_and_is_not_known_to_run() -> None:
    world = shop(verified())
    world.push(MADE, CONSUMER)
    world.drain()
    world.push(MADE)
    world.finish(run_of_made(world), red=True)
    enver = world.state.envers[address(MADE)]
    assert enver.deployed is None
    assert enver.unknown
    assert not world.running(), "the same is not tried again by itself"


def test_it_goes_back_to_the_inputs_of_what_ran_before() -> None:
    world = shop(verified(rolls_back=True))
    world.push(MADE, CONSUMER)
    world.drain()
    before = world.state.envers[address(MADE)].deployed
    world.push(MADE)
    failed = run_of_made(world)
    events = world.finish(failed, red=True)
    pin = next(event.pin for event in events if isinstance(event, Pinned))
    assert (pin.fingerprint, pin.by) == (before, ODMD)
    assert str(failed) in pin.why
    back = run_of_made(world)
    assert world.state.runs[back].fingerprint == before
    world.finish(back)
    assert world.state.envers[address(MADE)].deployed == before
    assert not world.running()


def test_it_does_not_go_back_from_what_it_went_back_to() -> None:
    world = shop(verified(rolls_back=True))
    world.push(MADE, CONSUMER)
    world.drain()
    world.push(MADE)
    world.finish(run_of_made(world), red=True)
    events = world.finish(run_of_made(world), red=True)
    assert not [event for event in events if isinstance(event, Pinned)]
    assert not world.running()


def test_a_first_run_that_does_not_pass_has_nowhere_to_go_back_to() -> None:
    world = shop(verified(rolls_back=True))
    world.push(MADE)
    events = world.finish(run_of_made(world), red=True)
    assert not [event for event in events if isinstance(event, Pinned)]


def test_an_agent_that_leaves_checks_out_is_told_so() -> None:
    world = shop(verified())
    world.push(MADE)
    events = world.finish(run_of_made(world), verified=False)
    (failed,) = [event for event in events if isinstance(event, RunFailed)]
    assert failed.error.startswith("ODMD151 it ended well, and its agent did not verify it: smoke, more")
    assert not failed.clean


def test_a_rollback_to_earlier_contracts_is_verified_as_those_said() -> None:
    world = shop(UNVERIFIED)
    world.push(MADE, CONSUMER)
    first = run_of_made(world)
    world.drain()
    world.use(shop(verified()).graph)
    world.push(MADE)
    assert checks_of(world.state.runs[run_of_made(world)].steps) == ("smoke", "more")
    world.drain()
    world.pin(MADE, first)
    assert checks_of(world.state.runs[run_of_made(world)].steps) == ()


@pytest.mark.parametrize("one", [node(0), node(0, verification=UNVERIFIED)])
def test_who_is_not_verified_keeps_the_digest_of_older_releases(one: EnverNode) -> None:
    assert one.slice() == node(0).slice()
    assert one.slice() != node(0, verification=verified()).slice()
    assert node(0, verification=verified()).slice() != node(0, verification=verified(rolls_back=True)).slice()


def deployed(world: World) -> World:
    world.push(MADE, CONSUMER)
    world.drain_runs()
    return world


def planned_for_prod(world: World) -> bool:
    heads = {address(MADE): "commit-0-1", address(CONSUMER): "commit-1-1"}
    plan = build_plan(world.graph, recorded(world.state, Wiring(world.graph)), heads)
    return address(PROD) in [step.enver for step in plan.steps()]


def test_a_plan_lets_nobody_take_over_what_bakes() -> None:
    world = deployed(shop(verified(bakes=1)))
    assert not planned_for_prod(world)
    world.state.envers[address(MADE)].baking = False
    assert planned_for_prod(world)


def test_what_bakes_is_verified_once_more_before_anybody_takes_it_over() -> None:
    world = deployed(shop(verified(bakes=1)))
    assert world.published() == [ValueRef(product(MADE), 1), ValueRef(product(CONSUMER), 1)], "consumers move at once"
    assert address(PROD) not in world.started()
    world.restart()
    world.send(Tick(world.now))
    assert not world.running(), "its time is not over"
    world.now += 60
    world.send(Tick(world.now))
    again = world.state.runs[run_of_made(world)]
    assert (again.mode, again.reasons) == (RunMode.VERIFY, ("its time to bake is over",))
    assert list(map(str, again.steps)) == ["verify smoke", "verify more"]
    assert address(PROD) not in world.started()
    assert not planned_for_prod(world)
    world.finish(again.id)
    assert address(PROD) in world.started()
    world.drain()
    assert world.replayed() == world.state


def test_what_does_not_pass_at_the_end_of_its_time_goes_back_to_what_did() -> None:
    world = deployed(shop(verified(rolls_back=True, bakes=1)))
    world.now += 60
    world.send(Tick(world.now))
    world.drain_runs()
    first = world.state.envers[address(MADE)].deployed
    world.push(MADE)
    world.drain_runs()
    world.now += 60
    world.send(Tick(world.now))
    events = world.finish(run_of_made(world), red=True)
    assert [event.pin.fingerprint for event in events if isinstance(event, Pinned)] == [first]
    world.drain_runs()
    assert world.state.envers[address(PROD)].commit == "commit-0-1"


def test_who_cannot_be_looked_at_goes_on_baking() -> None:
    world = deployed(shop(verified(bakes=1)))
    world.now += 60
    world.send(Tick(world.now))
    world.fail(run_of_made(world), may_pass=True)
    assert not world.running()
    assert world.state.envers[address(MADE)].baking
    world.now += 60
    world.send(Tick(world.now))
    world.finish(run_of_made(world))
    assert address(PROD) in world.started()


def test_somebody_has_what_runs_verified_again() -> None:
    world = deployed(shop(verified()))
    before = world.state.envers[address(MADE)].deployed
    assert world.send(VerifyEnver(address(CONSUMER), SOMEBODY, "why not")) == [], "nothing verifies it"
    world.send(VerifyEnver(address(MADE), SOMEBODY, "an incident"))
    again = run_of_made(world)
    assert world.state.runs[again].reasons == (f"verified for {SOMEBODY.name}: an incident",)
    marked = len(world.log)
    world.finish(again)
    assert not [event for event in world.log[marked:] if isinstance(event, ValuePublished)]
    assert world.state.envers[address(MADE)].deployed == before
    world.send(VerifyEnver(address(MADE), SOMEBODY))
    world.finish(run_of_made(world), red=True)
    enver = world.state.envers[address(MADE)]
    assert (enver.deployed, enver.unknown) == (None, True)
    assert not world.running(), "it is not deployed again by itself"
    world.retry(MADE)
    world.drain()
    assert world.state.envers[address(MADE)].deployed is not None


@pytest.mark.parametrize("red", [False, True])
@pytest.mark.parametrize("bakes", [0, 1])
def test_a_suite_that_somebody_tries_changes_nothing_of_what_counts(*, red: bool, bakes: float) -> None:
    world = deployed(shop(verified(rolls_back=True, bakes=bakes)))
    before = world.state.envers[address(MADE)]
    said = (before.deployed, before.unknown, before.passed, before.baking, before.verify_at, before.failure)
    world.send(VerifyEnver(address(MADE), SOMEBODY, "what if", TRIED))
    tried = world.state.runs[run_of_made(world)]
    assert (tried.mode, list(map(str, tried.steps))) == (RunMode.VERIFY, ["verify tests/tried"])
    assert tried.reasons == (f"verified for {SOMEBODY.name}: what if",)
    world.restart()
    marked = len(world.log)
    world.finish(tried.id, red=red)
    assert not [one for one in world.log[marked:] if isinstance(one, ValuePublished | Pinned)]
    after = world.state.envers[address(MADE)]
    assert said == (after.deployed, after.unknown, after.passed, after.baking, after.verify_at, after.failure)
    assert world.replayed() == world.state
    world.now += 60
    world.send(Tick(world.now))
    assert (world.run_of(MADE) is not None) is bool(bakes), "what bakes is verified once its time is over"


def test_a_suite_waits_for_a_run_under_way_and_needs_nothing_in_the_contract() -> None:
    world = deployed(shop(UNVERIFIED))
    world.push(MADE)
    deploys = run_of_made(world)
    world.send(VerifyEnver(address(MADE), SOMEBODY, suite=TRIED))
    assert run_of_made(world) == deploys
    world.finish(deploys)
    assert world.state.runs[run_of_made(world)].suite == TRIED
