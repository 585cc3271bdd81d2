"""An enver whose source cannot be read stays as it is, and is no reason for anything else."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from odmd.control.reading.recorded import recorded
from odmd.graph import Graph
from odmd.plan import Limited, Plan, build_plan
from odmd.plan.freshness import moved_since
from odmd.plan.targets import with_what_they_need
from odmd.plan.wiring import Wiring, promoted_from
from odmd.plan.words import headline, sections
from support.confirmed import Confirmed, contracts, unreadable
from support.planned import CHAIN, NOTHING, deployed, planned
from support.worlds import World, address, graph_of, node, wire


def unread(of: Graph, *envers: int, **newer: str) -> Plan:
    """The plan where everything runs c1, some heads are newer, and some envers cannot be read."""
    missing = [address(n) for n in envers]
    heads = {one: newer.get(of.envers[one].build, "c1") for one in of.envers if one not in missing}
    return build_plan(of, deployed(of), heads, unreadable=unreadable(missing))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Confirmed, Graph, list[str]]:
    """Everything was deployed, some heads moved since, and some repositories are away."""
    graph = draw(contracts(draw(st.integers(2, 6))))
    confirmed = Confirmed(World(graph))
    confirmed.apply(graph, confirmed.plan(graph, Limited()))
    names = st.lists(st.sampled_from(list(graph.envers)), unique=True)
    for one in draw(names):
        confirmed.commits[one] = 1
    return confirmed, graph, draw(names)


@given(changes())
def test_the_plan_of_the_others_is_what_it_is_when_the_unreadable_ones_are_simply_unchanged(
    made: tuple[Confirmed, Graph, list[str]],
) -> None:
    confirmed, graph, away = made
    state = recorded(confirmed.world.state, Wiring(graph))
    runs = {one: enver.deployed for one, enver in state.envers.items()}
    assume(all(runs.get(one) for one in away))
    heads = confirmed.heads(graph)
    unchanged = {one: was.commit for one in away if not promoted_from(graph.envers[one]) and (was := runs[one])}
    as_if = build_plan(graph, state, {**heads, **unchanged})
    assume(not any(step.certain for step in as_if.steps() if step.enver in away))
    plan = build_plan(graph, state, {o: c for o, c in heads.items() if o not in away}, unreadable=unreadable(away))
    assert list(plan.steps()) == list(as_if.steps())
    assert plan.gates == as_if.gates
    assert {one.enver for one in plan.unreadable} == set(away)
    assert not plan.left_out


@given(changes(), st.data())
def test_who_is_not_targeted_need_not_be_read(made: tuple[Confirmed, Graph, list[str]], data: st.DataObject) -> None:
    confirmed, graph, targets = made
    assume(targets)
    state, heads = recorded(confirmed.world.state, Wiring(graph)), confirmed.heads(graph)
    limited = Limited(tuple(targets))
    whole = build_plan(graph, state, heads, limited)
    needed = with_what_they_need(Wiring(graph), targets)
    others = [one for one in heads if one not in needed]
    read = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    plan = build_plan(graph, state, {one: heads[one] for one in (*needed, *read) if one in heads}, limited)
    assert list(plan.steps()) == list(whole.steps())


def test_a_new_value_reaches_an_unreadable_enver_with_the_commit_that_it_runs() -> None:
    plan = unread(CHAIN, 1, e0="c2", e1="c2")
    first, second, third = plan.steps()
    assert first.certain
    assert (second.enver, second.commit, second.certain) == (address(1), "c1", False)
    assert not third.certain
    assert address(1) not in plan.base.heads


def test_who_consumes_of_an_unreadable_enver_goes_on_with_the_value_that_runs() -> None:
    step, _ = unread(CHAIN, 0, e1="c2").steps()
    assert (step.enver, step.waits) == (address(1), ())


def test_who_consumes_of_one_that_was_never_deployed_waits_for_it() -> None:
    others = {address(n): "c1" for n in (1, 2)}
    plan = build_plan(CHAIN, NOTHING, others, unreadable=unreadable([address(0)]))
    assert [(step.enver, step.waits) for step in plan.steps()] == [
        (address(1), ("in0 was never published",)),
        (address(2), ("in1 was never published", "step 1 waits")),
    ]


def test_who_has_nothing_to_run_yet_holds_up_nobody() -> None:
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(0, 2), wire(1, 2, held=True)])])
    plan = build_plan(graph, NOTHING, {address(0): "c1", address(2): "c1"}, unreadable=unreadable([address(1)]))
    assert [step.waits for step in plan.steps()] == [(), ()]


def test_it_is_named_with_since_when_and_why_and_is_not_among_the_unchanged() -> None:
    plan = unread(CHAIN, 1)
    assert headline(plan) == "nothing to do: 2 envers run what the code says; 1 enver cannot be read"
    (title, lines), *_ = sections(plan)
    assert title == "Unreadable: these stay as they are"
    assert lines == ["e1@main: unreadable since 1970-01-01 00:00:01 UTC (ODMD201 it is away)"]


def test_what_cannot_be_read_is_no_part_of_the_digest() -> None:
    assert unread(CHAIN, 2, e0="c2").digest() == unread(CHAIN, 2, e0="c2", e2="c3").digest()


def test_a_plan_is_outdated_when_what_it_deploys_cannot_be_read_any_more() -> None:
    plan, state = planned(CHAIN, deployed(CHAIN), e1="c2"), deployed(CHAIN)
    assert list(moved_since(plan, CHAIN, state, {}, unreadable=unreadable([address(1)]))) == [
        "e1@main cannot be read now: it is away"
    ]
