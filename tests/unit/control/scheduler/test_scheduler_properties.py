"""What the scheduler promises, whatever the graph and the order of messages."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.control.scheduler.events import ChangeAccepted, RunStarted, RunSucceeded
from odmd.control.scheduler.inputs import desired
from odmd.control.scheduler.messages import FinishRun, Publication, RetireValue
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.setup import Limits
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import Resource, ValueRef, ValueStatus
from odmd.graph import Graph
from support.soak import examples
from support.worlds import ACCOUNT, DEV, World, address, graph, product

MANY = settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def graphs(draw: st.DrawFn, most: int = 6) -> Graph:
    n = draw(st.integers(2, most))
    wires = [(i, j) for j in range(1, n) for i in sorted(draw(st.sets(st.integers(0, j - 1), max_size=3)))]
    pairs = [(j, i) for i in range(n) for j in range(i + 1, n)]  # a writer after a reader: never a circle
    return graph(n, wires, draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)))


def everything_up(world: World) -> None:
    world.push(*range(len(world.graph.envers)))
    world.drain()


@MANY
@given(graphs(), st.integers(0, 99), st.sampled_from([2, 3, 10**9]), st.data())
def test_in_a_quiet_system_one_wave_runs_an_enver_once_if_its_fingerprint_changes_and_else_never(
    g: Graph, seed: int, outcomes: int, data: st.DataObject
) -> None:
    world = World(g, seed, outcomes)
    everything_up(world)
    before = {name: enver.deployed for name, enver in world.state.envers.items()}
    mark = len(world.log)
    world.push(data.draw(st.integers(0, len(g.envers) - 1)))
    while runs := world.running():
        world.finish(data.draw(st.sampled_from(runs)))
    counted = Counter(world.started(mark))
    for name, enver in world.state.envers.items():
        assert counted[name] == int(enver.deployed != before[name])
    assert not world.state.owing
    assert not world.state.waves


CHAOS = [
    "push",
    "push two",
    "finish",
    "finish",
    "finish",
    "fail",
    "fail unclean",
    "retry",
    "claim again",
    "again",
    "later",
]


@MANY
@given(graphs(), st.integers(0, 99), st.sampled_from([2, 10**9]), st.sampled_from([1, 2, 99]), st.data())
def test_after_the_last_fault_everything_runs_with_its_newest_inputs_and_owes_nothing(
    g: Graph, seed: int, outcomes: int, at_once: int, data: st.DataObject
) -> None:
    world = World(g, seed, outcomes, limits=Limits(at_once))
    n = len(g.envers)
    some = st.integers(0, n - 1)
    for _ in range(data.draw(st.integers(1, 25))):
        what, x = data.draw(st.sampled_from(CHAOS)), data.draw(some)
        disturb(world, what, x, data)
    world.push(*range(n))
    for _ in range(n + 1):
        world.drain()
        world.retry(*range(n))
    for enver in world.state.envers.values():
        assert enver.deployed == desired(world.wiring, world.state, enver)
        assert not enver.owes
    assert not world.state.waves
    assert not world.state.superseded, "everything that nobody runs with is retired"
    assert_replays(world)
    assert_no_more_runs_than_waves(world)


def disturb(world: World, what: str, x: int, data: st.DataObject) -> None:
    run = world.run_of(x)
    match what:
        case "push":
            world.push(x)
        case "push two":
            world.push(*{x, data.draw(st.integers(0, len(world.graph.envers) - 1))})
        case "finish" if run:
            world.finish(run)
        case "fail" | "fail unclean" if run:
            world.fail(run, clean=what == "fail")
        case "retry":
            world.retry(x)
        case "claim again" if run:
            world.claim(run)
        case "again" if world.sent:
            events = world.send(data.draw(st.sampled_from(world.sent)))
            assert not any(isinstance(event, RunSucceeded) for event in events), "late results change nothing"
        case "later" if world.due:
            world.send(world.due.pop(data.draw(st.integers(0, len(world.due) - 1))))
        case _:
            pass


def assert_replays(world: World) -> None:
    assert world.replayed() == world.state


def assert_no_more_runs_than_waves(world: World) -> None:
    succeeded = Counter(e.enver for e in world.log if isinstance(e, RunSucceeded))
    waves = sum(isinstance(e, ChangeAccepted) for e in world.log)
    assert all(count <= waves for count in succeeded.values())


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_a_run_starts_with_published_inputs_that_differ_from_what_surely_runs(
    g: Graph, seed: int, data: st.DataObject
) -> None:
    world = World(g, seed, 3)
    everything_up(world)
    for _ in range(4):
        before = {name: enver.deployed for name, enver in world.state.envers.items()}
        mark = len(world.log)
        world.push(data.draw(st.integers(0, len(g.envers) - 1)))
        for event in world.log[mark:]:
            if isinstance(event, RunStarted):
                assert event.fingerprint != before[event.enver]
        world.drain()
    live = {value.ref for values in world.state.values.values() for value in values}
    assert not live & set(world.retired())


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_projections_restore_to_the_same_state(g: Graph, seed: int, data: st.DataObject) -> None:
    world = World(g, seed, 3)
    everything_up(world)
    world.push(data.draw(st.integers(0, len(g.envers) - 1)))
    state = world.state
    restored = State.restore(
        state.position,
        next_run=state.next_run,
        next_wave=state.next_wave,
        versions=state.versions,
        envers=state.envers.values(),
        runs=state.runs.values(),
        values=[value for values in state.values.values() for value in values],
        waves=state.waves.values(),
        standing=state.standing,
    )
    assert restored == state


def test_a_failed_enver_holds_its_wave_downstream_and_nothing_else() -> None:
    world = World(graph(5, [(0, 1), (0, 2), (1, 3), (2, 3), (4, 3)]))
    everything_up(world)
    world.push(0)
    world.finish(world.running()[0])
    one, two = world.run_of(1), world.run_of(2)
    assert one
    assert two
    world.fail(one)
    world.finish(two)
    assert world.run_of(3) is None, "half of the wave is missing"
    world.push(4)
    world.finish(world.running()[0])
    assert world.run_of(3), "an unrelated wave is not held"
    world.drain()
    world.retry(1)
    world.drain()
    assert not world.state.owing


def test_readers_move_before_writers() -> None:
    writer, reader = 1, 2
    world = World(graph(3, [(0, writer), (0, reader)], moves_after=[(writer, reader)]))
    everything_up(world)
    mark = len(world.log)
    world.push(0)
    world.drain()
    assert world.started(mark) == [address(0), address(reader), address(writer)]


def test_an_enver_waits_for_an_upstream_that_moves_for_another_wave() -> None:
    world = World(graph(3, [(0, 2), (1, 2)]))
    everything_up(world)
    mark = len(world.log)
    world.push(0)
    world.push(1)
    first, second = world.running()
    world.finish(first)
    assert world.run_of(2) is None, "its other producer still moves"
    world.finish(second)
    world.drain()
    assert world.started(mark).count(address(2)) == 1, "one run takes both"


def test_a_value_that_something_older_forwards_to_is_not_retired_before_that() -> None:
    world = World(graph(2, [(0, 1)]))
    everything_up(world)
    for _ in range(2):  # the consumer never moves, while its producer is replaced twice, each time with a bridge
        world.push(0)
        run = world.run_of(0)
        assert run
        text = world.value(run)
        resource = Resource("test", text, ACCOUNT.id, DEV.region)
        published = Publication(product(0), text, text, "test:Text", resource, bridge=f"to {text}")
        world.send(FinishRun(run, world.claim(run), "sha256:assembly", (published,)))
        if consumer := world.run_of(1):
            world.fail(consumer)
    middle = world.state.value(ValueRef(product(0), 2))
    assert middle
    assert middle.ref not in world.state.leased, "its consumer failed cleanly: it still runs with #1"
    assert middle.retire_at is None, "#1 forwards to it"
    world.retry(1)
    world.drain()
    retired = [ref.version for ref in world.retired() if ref.product == product(0)]
    assert retired == [1, 2]


def test_a_value_that_is_needed_again_when_its_grace_ends_stays() -> None:
    world = World(graph(2, [(0, 1)]))
    everything_up(world)
    world.push(0)
    while runs := world.running():
        world.finish(runs[0])
    (message,) = [due for due in world.due if isinstance(due, RetireValue) and due.product == product(0)]
    ref = ValueRef(message.product, message.version)
    world.state.leased[ref] = {address(1)}
    assert world.send(message) == []


def test_the_same_value_again_is_no_new_version() -> None:
    world = World(graph(2, [(0, 1)]), outcomes=1)
    everything_up(world)
    world.push(0)
    world.drain()
    assert world.state.versions == {product(0): 1, product(1): 1}


def test_values_only_if_nothing_but_values_differs_from_what_surely_runs() -> None:
    world = World(graph(2, [(0, 1)]))
    everything_up(world)

    def mode_of_consumer(*pushed: int) -> RunMode:
        world.push(*pushed)
        while world.run_of(1) is None:
            world.finish(world.running()[0])
        run = world.run_of(1)
        assert run
        return world.state.runs[run].mode

    assert mode_of_consumer(0) is RunMode.VALUES
    world.drain()
    assert mode_of_consumer(0, 1) is RunMode.FULL, "its own commit is new, too"
    run = world.run_of(1)
    assert run
    world.fail(run, clean=False)
    assert mode_of_consumer(0) is RunMode.FULL, "what runs is unknown"


def test_a_value_is_retired_only_when_its_last_consumer_moved() -> None:
    world = World(graph(3, [(0, 1), (0, 2)]))
    everything_up(world)
    world.push(0)
    world.finish(world.running()[0])
    world.finish(world.running()[0])
    first = ValueRef(f"{address(0)}/out", 1)
    assert first in world.state.leased, "one consumer still runs with it"
    assert world.state.value(first).retire_at is None
    world.finish(world.running()[0])
    world.drain()
    assert first in world.retired()


def test_the_result_of_an_older_claim_changes_nothing() -> None:
    world = World(graph(2, [(0, 1)]))
    world.push(0, 1)
    run = world.running()[0]
    old = world.claim(run)
    world.claim(run)
    assert world.send(FinishRun(run, old, "sha256:old", ())) == []
    assert world.state.runs[run].attempt == 2


def test_after_an_unclean_failure_what_runs_is_unknown_and_its_old_inputs_stay_leased() -> None:
    world = World(graph(2, [(0, 1)]))
    everything_up(world)
    world.push(0)
    world.finish(world.running()[0])
    world.fail(world.running()[0], clean=False)
    assert world.state.envers[address(1)].deployed is None
    superseded = next(v for v in world.state.values[f"{address(0)}/out"] if v.status is ValueStatus.SUPERSEDED)
    assert superseded.ref in world.state.leased


def test_a_first_deployment_that_failed_cleanly_keeps_nothing_leased() -> None:
    world = World(graph(2, [(0, 1)]))
    world.push(0, 1)
    world.finish(world.running()[0])
    world.fail(world.running()[0], clean=True)
    assert not world.state.envers[address(1)].leases
