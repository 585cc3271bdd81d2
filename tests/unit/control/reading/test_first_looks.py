"""Everything at one look is what the parts say."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from odmd.control.reading.neighbourhood import MOST, neighbourhood
from odmd.control.reading.overview import DECLARED, OverviewAsked, open_questions, overview
from odmd.control.reading.search import search
from odmd.control.reading.views import EnverView, InputView, QuestionView
from odmd.graph import Graph
from support.worlds import address, graph_of, node, wire

STATES = ("deployed", "failed", "asks", "waiting")
TEAMS = ("baristas", "roasters")


def seen(n: int, state: str = "deployed", lag: int = 0, asks: int = 0) -> EnverView:
    inputs = (InputView("in", address(0), 1, "one", lag),)
    questions = tuple(QuestionView(f"in{i}", "in #2", "baristas", f"id{i}", 10.0 - n) for i in range(asks))
    return EnverView(address(n), state, f"c{n}", 1, None, inputs, asks=questions)


worlds = st.lists(
    st.tuples(
        st.sampled_from(STATES),
        st.sampled_from(("dev", "prod")),
        st.sampled_from(TEAMS),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=12,
)


def world(said: list[tuple[str, str, str, int, bool]]) -> tuple[Graph, list[EnverView]]:
    """Envers, some of which were deployed."""
    graph = graph_of([node(n, stage=stage, team=team) for n, (_, stage, team, _, _) in enumerate(said)])
    views = [seen(n, state, lag) for n, (state, _, _, lag, deployed) in enumerate(said) if deployed]
    return replace(graph, stages=("dev", "prod", "never")), views


@given(worlds, st.integers(1, 5))
def test_pages_hold_every_enver_once_and_the_counts_are_theirs(
    said: list[tuple[str, str, str, int, bool]], limit: int
) -> None:
    graph, views = world(said)
    rows, asked = [], OverviewAsked(limit=limit)
    while True:
        found = overview(views, graph, asked)
        rows += found.builds
        if found.next is None:
            break
        asked = replace(asked, after=found.next)
    cells = [cell for row in rows for cell in row.envers]
    assert sorted(cell.enver for cell in cells) == sorted(graph.envers)
    assert found.states == {state: [one.state for one in cells].count(state) for state in {one.state for one in cells}}
    assert sum(one.state == DECLARED for one in cells) == len(said) - len(views)
    assert set(found.stages) == {stage for _, stage, _, _, _ in said}
    assert list(found.stages) == [one for one in graph.stages if one in found.stages]
    assert found.furthest_lag == max([lag for _, _, _, lag, deployed in said if deployed], default=0)


@given(worlds, st.sampled_from(TEAMS), st.sampled_from((*STATES, "")))
def test_what_is_filtered_is_what_fits(said: list[tuple[str, str, str, int, bool]], team: str, state: str) -> None:
    graph, views = world(said)
    found = overview(views, graph, OverviewAsked(teams=(team,), state=state))
    now = {view.enver: view.state for view in views}
    fits = [
        one.build for one in graph.envers.values() if one.team == team and state in ("", now.get(one.address, DECLARED))
    ]
    assert [row.build for row in found.builds] == sorted(fits)
    assert sum(found.states.values()) == len(said)


def test_questions_come_by_age_with_what_they_affect() -> None:
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2)])])
    found = open_questions([seen(0, "asks", asks=1), seen(1, "asks", asks=2)], graph)
    assert [(one.enver, one.question.input, one.affects) for one in found] == [
        (address(1), "in0", 1),
        (address(1), "in1", 1),
        (address(0), "in0", 2),
    ]


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4))
def test_a_neighbourhood_is_who_is_so_many_wires_away(up: int, down: int, middle: int) -> None:
    graph = graph_of([node(n, [wire(n - 1, n)] if n else []) for n in range(8)])
    found = neighbourhood(graph, {}, address(middle), (up, down), lambda _: {})
    near = [address(n) for n in range(8) if middle - up <= n <= middle + down]
    assert sorted(one.enver for one in found.envers) == near
    assert {(one.source, one.target) for one in found.wires} <= {(a, b) for a in near for b in near}
    assert not found.left_out
    assert len({(one.x, one.y) for one in found.envers}) == len(near)


def test_a_product_of_three_thousand_is_cut_off_and_says_so() -> None:
    graph = graph_of([node(0), *(node(n, [wire(0, n)]) for n in range(1, 3001))])
    found = neighbourhood(graph, {}, address(0), (2, 2), lambda _: {})
    assert len(found.envers) <= MOST
    assert found.left_out
    assert address(0) in {one.enver for one in found.envers}


def test_what_begins_with_it_is_found_first() -> None:
    graph = graph_of([node(1), node(10), node(2, team="e1-team")])
    names = [(one.kind, one.name) for one in search("e1", graph, [], 20)]
    assert names[:2] == [("build", "e1"), ("build", "e10")]
    assert {("team", "e1-team"), ("enver", "e1@main"), ("product", "e1@main/out")} <= set(names)
    commits = search("c1c1", graph, [replace(seen(1), commit="c1c1c1c1", subject="a fix")], 20)
    assert [(one.kind, one.address) for one in commits] == [("commit", address(1))]
    assert search(" ", graph, [], 20) == ()
