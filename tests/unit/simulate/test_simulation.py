"""The scheduler on virtual time, and what is read from it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from odmd.graph import Graph
from odmd.plan import Fingerprint
from odmd.simulate import (
    Bar,
    ImaginedFreeze,
    Limits,
    Outcome,
    Push,
    Scenario,
    Simulation,
    advice,
    durations,
    from_deployed,
    from_nothing,
    parse_duration,
    spread,
    without,
    without_wires,
)
from odmd.simulate.clock import Ending, Event, Starting, State, evolve
from odmd.simulate.facts import Began, Fact
from support.worlds import address, graph

_FIXED = {"": parse_duration("3m"), ":values": parse_duration("40s")}
_VARIED = {"": parse_duration("2m..9m")}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    n = draw(st.integers(1, 8))
    pairs = [(i, j) for j in range(n) for i in range(j)]
    wires = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    return graph(n, wires)


@st.composite
def simulations(draw: st.DrawFn) -> Simulation:
    """Any pushes, failures, chances and limits."""
    g = draw(graphs())
    envers = st.sampled_from(list(g.envers))
    pushed = draw(st.lists(st.tuples(st.integers(0, 900), envers), min_size=1, max_size=5))
    scenario = Scenario(
        pushes=tuple(Push(float(at), f"push of {enver}", (enver,)) for at, enver in pushed),
        fails=draw(st.frozensets(envers, max_size=2)),
        changes=draw(st.sampled_from([0.0, 0.5, 1.0])),
        ripple=draw(st.sampled_from([0.0, 0.5, 1.0])),
        seed=draw(st.integers(0, 5)),
    )
    begin = draw(st.sampled_from([from_deployed(g), from_nothing]))
    at_once = draw(st.sampled_from([None, 1, 2, 3]))
    return Simulation(g, begin, scenario, durations(g.envers, given=_VARIED), Limits(at_once))


def push(g: Graph, *pushed: int, ripple: float = 1.0, at_once: int | None = None) -> Simulation:
    """Everything deployed, then one change; durations are fixed."""
    scenario = Scenario((Push(0.0, "push", tuple(map(address, pushed))),), ripple=ripple)
    return Simulation(g, from_deployed(g), scenario, durations(g.envers, given=_FIXED), Limits(at_once))


class Endless:
    """A world whose first run takes longer than anybody waits."""

    def run_ends(self, starting: Starting) -> Ending:
        return Ending(1e9)

    def approval_takes(self, enver: str, input: str) -> float | None:
        return None


def runs(outcome: Outcome) -> list[tuple[str, float, float]]:
    return [(bar.enver.partition("/")[0], bar.began, bar.ended) for bar in outcome.bars]


def fingerprints(simulation: Simulation) -> set[tuple[str, Fingerprint]]:
    facts: list[Fact] = []
    simulation.clock(facts).run(simulation.scenario.pushes)
    return {(fact.enver, fact.fingerprint) for fact in facts if isinstance(fact, Began)}


def only(outcome: Outcome, n: int) -> Bar:
    (bar,) = (bar for bar in outcome.bars if bar.enver == address(n))
    return bar


@given(simulations())
def test_the_same_seed_gives_the_same(simulation: Simulation) -> None:
    assert simulation.run() == simulation.run()


@given(simulations())
def test_replaying_the_log_gives_the_state(simulation: Simulation) -> None:
    facts: list[Fact] = []
    log: list[Event] = []
    clock = simulation.clock(facts, log)
    clock.run(simulation.scenario.pushes)
    state: State = simulation.begin()
    for event in log:
        evolve(clock.setup.wirings, state, event)
    assert state == clock.state


@given(simulations())
def test_nobody_ends_before_the_lower_bound_or_exceeds_the_limit(simulation: Simulation) -> None:
    outcome = simulation.run()
    assert outcome.makespan >= outcome.bound - 1e-6
    assert outcome.makespan >= outcome.critical - 1e-6
    assert outcome.most_at_once() <= (simulation.limits.organisation or 99)
    for bar in outcome.bars:
        assert bar.due <= bar.ready <= bar.began < bar.ended


@given(simulations())
def test_the_longest_chain_adds_up(simulation: Simulation) -> None:
    outcome = simulation.run()
    if outcome.bars:
        assert sum(link.seconds for link in outcome.chain) <= outcome.critical + 1e-6
        for one, other in zip(outcome.chain, outcome.chain[1:], strict=False):
            assert one.ended <= other.began + 1e-6


@given(graphs(), st.data())
def test_without_limits_one_push_takes_as_long_as_its_longest_chain(g: Graph, data: st.DataObject) -> None:
    pushed = data.draw(st.lists(st.integers(0, len(g.envers) - 1), min_size=1, unique=True))
    outcome = push(g, *pushed, ripple=data.draw(st.sampled_from([0.0, 0.5, 1.0]))).run()
    assert outcome.makespan == outcome.critical
    assert outcome.makespan == sum(link.seconds for link in outcome.chain)


@given(graphs(), st.data(), st.integers(1, 4))
def test_with_a_limit_it_takes_at_most_what_any_order_without_idling_takes(
    g: Graph, data: st.DataObject, most: int
) -> None:
    """Graham's bound of list scheduling: (2 - 1/m) times what nobody can beat."""
    pushed = data.draw(st.lists(st.integers(0, len(g.envers) - 1), min_size=1, unique=True))
    simulation = push(g, *pushed, ripple=data.draw(st.sampled_from([0.0, 0.5, 1.0])), at_once=most)
    outcome = replace(simulation, durations=durations(g.envers, given=_VARIED)).run()
    assert outcome.makespan <= (2 - 1 / most) * outcome.bound + 1e-6


@given(graphs(), st.data())
def test_places_build_types_and_pauses_are_kept_to(g: Graph, data: st.DataObject) -> None:
    name, most = data.draw(st.sampled_from(["place", "test"])), data.draw(st.integers(1, 2))
    types = {node.build_type: most for node in g.envers.values()}
    limits = Limits(None, most) if name == "place" else Limits(None, None, types)
    scope, ends = data.draw(st.sampled_from([*g.envers, "*"])), data.draw(st.sampled_from([60.0, 400.0]))
    frozen = ImaginedFreeze(scope, 30.0, ends)
    one = push(g, *range(len(g.envers)))
    outcome = replace(one, limits=limits, scenario=replace(one.scenario, freezes=(frozen,))).run()
    assert outcome.most_at_once() <= most, "all are in one place and of one build type"
    assert outcome.makespan >= outcome.bound - 1e-6
    assert not outcome.held
    for bar in outcome.bars:
        assert scope not in (bar.enver, "*") or not 30.0 <= bar.began < ends


@given(graphs(), st.data())
def test_limits_and_durations_change_when_and_never_what(g: Graph, data: st.DataObject) -> None:
    """The (enver, fingerprint) pairs of one push from quiet are decided by what runs publish, not by their order."""
    pushed = data.draw(st.lists(st.integers(0, len(g.envers) - 1), min_size=1, unique=True))
    one = push(g, *pushed)
    other = replace(one, limits=Limits(data.draw(st.integers(1, 3))), durations=durations(g.envers, given=_VARIED))

    assert fingerprints(one) == fingerprints(other)


def test_a_chain_runs_one_after_the_other_and_values_only() -> None:
    outcome = push(graph(3, [(0, 1), (1, 2)]), 0).run()
    assert runs(outcome) == [("e0", 0, 180), ("e1", 180, 220), ("e2", 220, 260)]
    assert [bar.mode for bar in outcome.bars] == ["full", "values only", "values only"]
    assert [link.enver for link in outcome.chain] == [address(0), address(1), address(2)]


def test_new_values_end_at_their_consumer_unless_they_ripple() -> None:
    outcome = push(graph(3, [(0, 1), (1, 2)]), 0, ripple=0.0).run()
    assert [bar.enver for bar in outcome.bars] == [address(0), address(1)]
    assert [one.enver for one in outcome.cut_off_only] == [address(2)]


def test_a_run_says_for_whom_it_waits_and_for_a_free_place() -> None:
    outcome = push(graph(3, [(0, 1), (0, 2)]), 0, at_once=1).run()
    last = only(outcome, 2)
    assert (last.due, last.waits_for, last.ready, last.began) == (0, address(0), 180, 220)
    assert outcome.critical == 220
    assert outcome.bound == outcome.work == outcome.makespan == 260


def test_who_fails_holds_what_is_behind() -> None:
    simulation = push(graph(3, [(0, 1), (1, 2)]), 0)
    failing = replace(simulation, scenario=replace(simulation.scenario, fails=frozenset({address(1)})))
    outcome = failing.run()
    assert [bar.enver for bar in outcome.failed] == [address(1)]
    assert {held.enver for held in outcome.held} == {address(1), address(2)}


def test_without_a_wire_nothing_flows_and_nobody_has_to_be_deployed_for_it() -> None:
    whole = graph(2, [(0, 1)])
    dropped = {address(1): frozenset({"in0"})}
    g = without_wires(whole, dropped)
    simulation = replace(push(g, 0), begin=without(from_deployed(whole), g, dropped))
    assert [bar.enver for bar in simulation.run().bars] == [address(0)]
    nothing = replace(simulation, scenario=Scenario((Push(0.0, "push", (address(1),)),)))
    assert [bar.enver for bar in nothing.run().bars] == [address(1)]


def test_an_approval_is_waited_for_and_stands_in_the_chain() -> None:
    g = graph(2, [(0, 1)])
    (wire,) = g.envers[address(1)].wires
    gated = replace(g.envers[address(1)], wires=(wire._replace(mode="gated", gate="platform"),))
    g = Graph(g.organisation, g.central_account, {**g.envers, address(1): gated}, {})
    alone = push(g, 0)
    assert [(one.enver, one.why) for one in alone.run().closed] == [(address(1), "gated by platform")]
    approved = replace(alone, scenario=replace(alone.scenario, approver=parse_duration("2h")))
    outcome = approved.run()
    assert outcome.makespan == 180 + 7200 + 40
    assert [(link.approves, link.seconds) for link in outcome.chain] == [("", 180), ("in0", 7200), ("", 40)]
    assert advice(approved, outcome)[0].what == "no waiting for the approval of e1@main.in0"


def test_that_a_promotion_need_not_wait_for_its_approval_is_advice_too() -> None:
    g = graph(2, [])
    later = replace(g.envers[address(1)], revision=f"promoted:{address(0)}", approver="platform")
    g = Graph(g.organisation, g.central_account, {**g.envers, address(1): later}, {})
    alone = push(g, 0)
    approved = replace(alone, scenario=replace(alone.scenario, approver=parse_duration("2h")))
    outcome = approved.run()
    assert [(link.approves, link.seconds) for link in outcome.chain] == [("", 180), ("commit", 7200), ("", 180)]
    best = advice(approved, outcome)[0]
    assert (best.what, best.saves) == ("no waiting for the approval of e1@main.commit", 7200)


def test_advice_is_tried_and_the_best_comes_first() -> None:
    simulation = push(graph(3, [(0, 1), (0, 2)]), 0, at_once=1)
    found = advice(simulation, simulation.run())
    assert [(one.what, one.saves) for one in found] == [
        ("e0@main in half the time", 90),
        ("2 runs at once, not 1", 40),
        ("any number of runs at once", 40),
        ("e1@main in half the time", 20),
    ]


def test_percentiles_are_over_seeds() -> None:
    simulation = push(graph(2, [(0, 1)]), 0)
    varied = replace(simulation, durations=durations(simulation.graph.envers, given=_VARIED))
    found = spread(varied, varied.run(), 40)
    assert found.makespan.p50 < found.makespan.p90 <= found.makespan.p99
    assert found.envers[address(1)] == found.makespan
    assert found.share == {address(0): 1.0, address(1): 1.0}
    steady = spread(simulation, simulation.run(), 5)
    assert steady.makespan.p50 == steady.makespan.p99 == 220


def test_what_is_under_way_at_the_beginning_goes_on() -> None:
    simulation = push(graph(2, [(0, 1)]), 0)
    facts: list[Fact] = []
    clock = simulation.clock(facts)
    clock.answers = Endless()
    clock.run(simulation.scenario.pushes)
    left = clock.state
    assert left.runs
    rest = replace(simulation, begin=lambda: left, scenario=replace(simulation.scenario, pushes=()))
    assert [bar.enver for bar in rest.run().bars] == [address(0), address(1)]
