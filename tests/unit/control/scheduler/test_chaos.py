"""Graphs with gates, promotions and cycles; every message, in any order: what must hold in the end, and always.

Each step of the scheduler is held against `support.spec` by `World` itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from odmd.control.scheduler.events import (
    Approved,
    ChangeAccepted,
    DidNotSettle,
    Drifted,
    PassStarted,
    Pinned,
    Promoted,
    Released,
    RunStarted,
    RunSucceeded,
)
from odmd.control.scheduler.inputs import desired
from odmd.control.scheduler.messages import (
    AcceptDrift,
    CancelRun,
    Loss,
    PauseScope,
    ReleaseEnver,
    ReportDrift,
    ResumeScope,
    StartChange,
    Tick,
)
from odmd.control.scheduler.questions import AboutInput
from odmd.control.scheduler.ready import paused
from odmd.control.scheduler.setup import Limits
from odmd.graph import EnverNode, Graph
from support.actors import SOMEBODY
from support.soak import examples
from support.worlds import World, address, graph_of, node, wire

MANY = settings(max_examples=examples(250), deadline=None, suppress_health_check=list(HealthCheck))
TEAMS = ("baristas", "roasters")
NEVER = 10.0**9


@st.composite
def graphs(draw: st.DrawFn, most: int = 6) -> Graph:
    """Automatic, gated, manual and placeholder wires, back and forth; promoted envers, clones, teams, build types."""
    n = draw(st.integers(2, most))
    nodes: list[EnverNode] = []
    for k in range(n):
        forward = [
            wire(i, k, mode=draw(st.sampled_from(["automatic", "automatic", "automatic", "gated", "manual"])))
            for i in sorted(draw(st.sets(st.integers(0, k - 1), max_size=3)) if k else ())
        ]
        back = sorted(draw(st.sets(st.integers(k + 1, n - 1), max_size=1)) if k < n - 1 else ())
        more = {
            "team": draw(st.sampled_from(TEAMS)),
            "build_type": draw(st.sampled_from(["cdk", "image"])),
            "origin": draw(st.sampled_from([None, None, address(0)])) if k else None,
        }
        if k and draw(st.integers(0, 5)) == 0:
            more |= {"revision": f"promoted:{address(draw(st.integers(0, k - 1)))}"}
            more |= {"approver": draw(st.sampled_from([None, "baristas"]))}
        nodes.append(node(k, [*forward, *(wire(i, k, held=True) for i in back)], **more))
    pairs = [(j, i) for i in range(n) for j in range(i + 1, n)]
    return graph_of(nodes, draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)))


def is_promoted(g: Graph, n: int) -> bool:
    return g.envers[address(n)].revision.startswith("promoted:")


MESSAGES = [
    *["push", "push two", "push quietly"],
    *["finish"] * 6,
    *[
        "fail",
        "fail unclean",
        "fail for now",
        "fail at a loss",
        "retry",
        "claim again",
        "again",
        "later",
        "later",
        "cancel",
    ],
    *["approve", "approve", "reject", "pause", "pause team", "pause all", "resume", "pin", "release", "tick"],
    *["drift", "look", "accept"],
    "contracts",
]

limits = st.builds(
    Limits,
    organisation=st.sampled_from([1, 2, None]),
    place=st.sampled_from([None, 2]),
    build_types=st.sampled_from([{}, {"image": 1}]),
)


@MANY
@given(graphs(), st.integers(0, 99), st.sampled_from([2, 10**9]), limits, st.sampled_from([3.0, NEVER]), st.data())
def test_after_the_last_fault_everything_runs_with_the_newest_inputs_that_its_latches_allow(
    g: Graph, seed: int, outcomes: int, most: Limits, patience: float, data: st.DataObject
) -> None:
    world = World(g, seed, outcomes, limits=most, patience=patience)
    n = len(g.envers)
    for _ in range(data.draw(st.integers(1, 30))):
        disturb(world, data.draw(st.sampled_from(MESSAGES)), data.draw(st.integers(0, n - 1)), data)
    settled = make_good(world)
    event("settled" if settled else "an approval goes round in circles")
    if settled:
        assert_converged(world)
    assert world.replayed() == world.state
    assert_no_more_runs_than_waves(world)


def disturb(world: World, what: str, x: int, data: st.DataObject) -> None:  # noqa: PLR0912 - one line a message
    n, run, team = address(x), world.run_of(x), data.draw(st.sampled_from(TEAMS))
    match what:
        case "push" | "push quietly" if not is_promoted(world.graph, x):
            world.push(x, interactive=what == "push")
        case "push two":
            both = {x, data.draw(st.integers(0, len(world.graph.envers) - 1))}
            world.push(*(y for y in both if not is_promoted(world.graph, y)))
        case "finish" if run:
            world.finish(run)
        case "fail" | "fail unclean" | "fail for now" if run:
            world.fail(run, clean=what != "fail unclean", may_pass=what == "fail for now")
        case "fail at a loss" if run:
            world.fail(run, clean=data.draw(st.booleans()), loss=Loss("a table would go", f"sha256:{run}"))
        case "cancel" if run:
            world.send(CancelRun(run, SOMEBODY))
        case "claim again" if run:
            world.claim(run)
        case "retry":
            world.retry(x)
        case "again" if world.sent:
            events = world.send(data.draw(st.sampled_from(world.sent)))
            assert not any(isinstance(event, RunSucceeded) for event in events), "late results change nothing"
        case "later" if world.due:
            world.send(world.due.pop(data.draw(st.integers(0, len(world.due) - 1))))
        case "approve" | "reject":
            world.answer(x, approved=what == "approve")
        case "pause" | "pause team" | "pause all":
            scope = {"pause": n, "pause team": f"team:{team}", "pause all": "*"}[what]
            world.send(PauseScope(scope, SOMEBODY, until=data.draw(st.sampled_from([None, world.now + 5]))))
        case "resume" if world.state.standing.pauses:
            world.send(ResumeScope(data.draw(st.sampled_from(sorted(world.state.standing.pauses))), SOMEBODY))
        case "pin" if world.pins:
            own = [run for run, owner in world.owners.items() if owner == x]
            if own:
                world.pin(x, data.draw(st.sampled_from(own)))
        case "release":
            world.send(ReleaseEnver(n, SOMEBODY))
        case "drift":
            world.send(ReportDrift(n, "a hand", SOMEBODY))
        case "look":
            world.drift(n, *data.draw(st.sets(st.sampled_from("ab"), min_size=1)))
        case "accept" if n in world.state.envers:
            ids = tuple(one.deviation.id for one in world.state.envers[n].drift)
            world.send(AcceptDrift(n, ids, SOMEBODY, "so be it", data.draw(st.sampled_from([None, world.now + 9]))))
        case "tick":
            world.send(Tick(0))
        case "contracts":
            world.use(with_other_wires(world.graph, x, data))
        case _:
            pass


def with_other_wires(g: Graph, x: int, data: st.DataObject) -> Graph:
    """The same organisation, but one enver has one wire less, or another mode of one, or leaves altogether."""
    nodes = {k: one for k in range(20) if (one := g.envers.get(address(k)))}
    mine = nodes[x]
    if not mine.wires:
        return g
    one = data.draw(st.sampled_from(mine.wires))
    rest = tuple(wire for wire in mine.wires if wire is not one)
    mode = data.draw(st.sampled_from(["none", "automatic", "gated"]))
    other = () if mode == "none" or one.placeholder else (one._replace(mode=mode),)
    nodes[x] = replace_node(mine, wires=(*rest, *other))
    return Graph(g.organisation, g.central_account, {one.address: one for one in nodes.values()}, g.moves_after)


def replace_node(one: EnverNode, **more: object) -> EnverNode:
    return replace(one, **more)  # type: ignore[arg-type]


def make_good(world: World) -> bool:
    """No more faults: everything is resumed, released, pushed, answered and tried again. False when that never ends."""
    numbers = [x for x in range(20) if address(x) in world.graph.envers]
    for scope in list(world.state.standing.pauses):
        world.send(ResumeScope(scope, SOMEBODY))
    for x in numbers:
        world.send(ReleaseEnver(address(x), SOMEBODY))
    world.push(*(x for x in numbers if not is_promoted(world.graph, x)))
    for _ in range(40):
        world.drain()
        asked = [x for x in numbers if world.answer(x)]
        tried = [x for x in numbers if world.retry(x)]
        if not asked and not tried and not world.running():
            return True
    return False


def assert_converged(world: World) -> None:
    gave_up = {key for key, settling in world.state.standing.settling.items() if settling.moved}
    for name, enver in world.state.envers.items():
        assert not paused(world.wiring, world.state, name)
        wanted = desired(world.wiring, world.state, enver)
        upstream = [world.state.envers[other] for other in above(world, name)]
        if any(desired(world.wiring, world.state, one) is None for one in (enver, *upstream)):
            continue  # something was never approved, or never promoted, and holds what comes after it
        assert enver.deployed == wanted
        assert not enver.owes
        for wire_, latch in world.wiring.inputs[name]:
            current, picked = world.state.current(wire_.product), enver.picked.get(wire_.name)
            if latch and current and world.wiring.cycle(name) not in gave_up:
                rejected = enver.rejected.get(AboutInput(wire_.name)) == current.identity
                assert rejected or (picked.identity if picked else wire_.placeholder) == current.identity


def above(world: World, name: str) -> set[str]:
    found, todo = set[str](), [name]
    while todo:
        for other in world.wiring.upstream[todo.pop()]:
            if other not in found and other in world.state.envers:
                found.add(other)
                todo.append(other)
    return found


def assert_no_more_runs_than_waves(world: World) -> None:
    opened = ChangeAccepted | Approved | Promoted | PassStarted | Pinned | Released | Drifted
    waves = sum(isinstance(e, opened) for e in world.log)
    succeeded = Counter(e.enver for e in world.log if isinstance(e, RunSucceeded))
    assert all(count <= waves for count in succeeded.values())


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_a_run_starts_with_what_is_published_approved_and_not_running_yet(
    g: Graph, seed: int, data: st.DataObject
) -> None:
    world = World(g, seed, 3)
    n = len(g.envers)
    for _ in range(data.draw(st.integers(1, 20))):
        mark = len(world.log)
        disturb(world, data.draw(st.sampled_from(MESSAGES)), data.draw(st.integers(0, n - 1)), data)
        approved = {(e.enver, e.input) for e in world.log if isinstance(e, Approved)}
        for started in (e for e in world.log[mark:] if isinstance(e, RunStarted)):
            assert not paused(world.wiring, world.state, started.enver)
            for given_ in started.inputs:
                value = world.state.value(given_.ref)
                assert given_.version == 0 or (value and value.identity == given_.identity), "published, not retired"
                gated = any(w.name == given_.name and w.mode == "gated" for w in g.envers[started.enver].wires)
                if gated and world.graph is g and world.state.envers[started.enver].pin is None:
                    assert (started.enver, AboutInput(given_.name)) in approved


def passes(world: World, k: int) -> int:
    return sum(isinstance(e, PassStarted) for e in world.log[k:])


@st.composite
def rings(draw: st.DrawFn) -> Graph:
    """Automatic wires forwards, placeholders backwards."""
    n = draw(st.integers(2, 5))
    nodes = [
        node(
            k,
            [
                *(wire(i, k) for i in sorted(draw(st.sets(st.integers(0, k - 1), max_size=3)) if k else ())),
                *(wire(j, k, held=True) for j in (range(k + 1, n)) if draw(st.integers(0, 2)) == 0),
            ],
        )
        for k in range(n)
    ]
    return graph_of(nodes)


@MANY
@given(rings(), st.integers(0, 9999), st.data())
def test_a_cycle_takes_at_most_as_many_passes_as_it_has_placeholders(g: Graph, seed: int, data: st.DataObject) -> None:
    world = World(g, seed)
    world.push(*range(len(g.envers)))
    world.drain()
    k = len(world.log)
    world.push(data.draw(st.integers(0, len(g.envers) - 1)))
    world.drain()
    placeholders = sum(len(cycle.wires) for cycle in world.wiring.cycles.values())
    assert passes(world, k) <= placeholders
    assert all(count <= 1 + placeholders for count in Counter(world.started(k)).values())
    event("settles" if not any(isinstance(e, DidNotSettle) for e in world.log[k:]) else "does not settle")


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_a_restart_anywhere_changes_no_decision(g: Graph, seed: int, data: st.DataObject) -> None:
    """The agenda is derived: a scheduler that knows nothing but the state decides the same."""
    world = World(g, seed, 3, limits=Limits(2))
    n = len(g.envers)
    for _ in range(data.draw(st.integers(1, 25))):
        disturb(world, data.draw(st.sampled_from(MESSAGES)), data.draw(st.integers(0, n - 1)), data)
        if data.draw(st.booleans()):
            world.restart()


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_what_left_the_contracts_goes_when_nobody_runs_with_it_any_more(
    g: Graph, seed: int, data: st.DataObject
) -> None:
    world, n = World(g, seed, 3), len(g.envers)
    world.push(*(x for x in range(n) if not is_promoted(g, x)))
    world.drain()
    gone = data.draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1))
    stay = [x for x in range(n) if x not in gone]
    world.use(without(g, gone))
    world.send(StartChange("they left", SOMEBODY, "", (), remove=tuple(address(x) for x in gone)))
    for _ in range(data.draw(st.integers(0, 15))):
        what = data.draw(st.sampled_from([one for one in MESSAGES if one not in ("contracts", "pin", "push two")]))
        disturb(world, what, data.draw(st.sampled_from(stay)), data)
    mark = len(world.log)
    made_good = make_good(world)
    for entry in world.log[mark:]:
        assert not (isinstance(entry, RunStarted) and entry.enver in {address(x) for x in gone})
    assert world.replayed() == world.state
    for x in gone:
        enver = world.state.envers.get(address(x))
        used = {ref.product for y in stay if (one := world.state.envers.get(address(y))) for ref in one.leases}
        if enver and made_good and f"{address(x)}/out" not in used and enver.run is None:
            assert enver.removed
            assert not enver.leases
            assert not world.state.made_by(enver.address)


def without(g: Graph, gone: set[int]) -> Graph:
    """The organisation without some envers; whoever consumed of them does so no more."""
    left = {address(x) for x in gone}
    kept = {
        name: replace_node(
            one,
            wires=tuple(wire for wire in one.wires if wire.producer not in left),
            revision="branch:main" if one.revision.removeprefix("promoted:") in left else one.revision,
            origin=None if one.origin in left else one.origin,
        )
        for name, one in g.envers.items()
        if name not in left
    }
    after = {
        writer: tuple(reader for reader in readers if reader not in left)
        for writer, readers in g.moves_after.items()
        if writer not in left
    }
    return Graph(g.organisation, g.central_account, kept, after)
