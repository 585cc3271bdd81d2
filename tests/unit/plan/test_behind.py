"""Who moves by itself is who the contracts say, and only when there is something new."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from odmd.graph import Graph
from odmd.graph.governed import Governed
from odmd.plan import Limited, RecordedEnver
from odmd.plan.behind import behind, continuous
from support.planned import deployed, planned, promoted
from support.worlds import address, graph_of, node, wire


def by_themselves(graph: Graph, *stages: str) -> Graph:
    return replace(graph, governed=Governed(continuous=stages))


LINE = graph_of(
    [
        node(0, stage="dev"),
        node(1, [wire(0, 1)], stage="prod"),
        promoted(2, 0, stage="test"),
        promoted(3, 2, stage="prod"),
        promoted(4, 0, stage="test", approver="baristas"),
    ]
)
HEADS = {address(0): "c2", address(1): "c2"}


def labels(found: object) -> list[str]:
    assert isinstance(found, dict)
    return sorted(found)


def test_without_a_word_of_the_contracts_nobody_does() -> None:
    assert not continuous(LINE)
    assert not behind(LINE, deployed(LINE), HEADS)


def test_whose_branch_moved_does_with_whom_it_is_promoted_to_as_far_as_they_may() -> None:
    of = by_themselves(LINE, "dev", "test")
    assert behind(of, deployed(of), HEADS) == {address(0): "c2", address(2): "c2"}
    everywhere = by_themselves(LINE, "dev", "test", "prod")
    assert behind(everywhere, deployed(everywhere), HEADS) == dict.fromkeys(map(address, (0, 1, 2, 3)), "c2")


def test_who_was_told_already_does_not() -> None:
    of = by_themselves(LINE, "dev", "prod")
    told = deployed(of)
    envers = {one: replace(known, commit="c2", slice=of.slice(one)) for one, known in told.envers.items()}
    assert not behind(of, replace(told, envers=envers), HEADS)
    elsewhere = envers | {address(0): replace(envers[address(0)], slice="sha256:other")}
    assert labels(behind(of, replace(told, envers=elsewhere), HEADS)) == [address(0)]


def test_a_branch_that_cannot_be_read_is_nobodys_news() -> None:
    of = by_themselves(LINE, "dev", "prod")
    assert labels(behind(of, deployed(of), {address(1): "c2"})) == [address(1)]


def test_who_was_never_deployed_is_behind() -> None:
    of = by_themselves(LINE, "dev")
    assert labels(behind(of, replace(deployed(of), envers={}), HEADS)) == [address(0)]


@given(st.data())
def test_a_plan_for_some_alone_lists_nobody_else_but_for_new_values(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 6))
    pairs = [(a, b) for b in range(size) for a in range(b)]
    wires = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    graph = graph_of([node(n, [wire(a, b) for a, b in wires if b == n]) for n in range(size)])
    targets = {address(n) for n in data.draw(st.sets(st.integers(0, size - 1), min_size=1))}
    some = data.draw(st.sets(st.integers(0, size - 1)))
    known = deployed(graph)
    recorded = replace(known, envers={one: known.envers[one] for one in map(address, some) if one in known.envers})
    plan = planned(graph, recorded, Limited(targets, alone=True), **{f"e{n}": "c2" for n in range(size)})
    assert {step.enver for step in plan.steps() if step.certain} <= targets
    known_before: dict[str, RecordedEnver] = dict(recorded.envers)
    for step in plan.steps():
        if step.enver not in targets:
            assert step.commit == known_before[step.enver].commit or step.commit in ("c1", "")
