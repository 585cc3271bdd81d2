"""What moved is named, one line each; a plan's own outputs never void it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.graph import Graph
from odmd.plan import Plan, Recorded, RecordedValue
from odmd.plan.freshness import Own, moved_since
from support.planned import CHAIN, deployed, planned
from support.worlds import address, graph, graph_of, node, product, wire

HEADS = {address(n): "c1" for n in range(3)}


@pytest.fixture
def state() -> Recorded:
    return deployed(CHAIN)


@pytest.fixture
def plan(state: Recorded) -> Plan:
    """e1 has a new commit; e2 may follow."""
    return planned(CHAIN, state, e1="c2")


def moved(plan: Plan, state: Recorded, of: Graph = CHAIN, own: Own | None = None, **heads: str) -> list[str]:
    now = {**HEADS, address(1): "c2", **{address(int(name[1:])): commit for name, commit in heads.items()}}
    return list(moved_since(plan, of, state, now, own))


def test_nothing_moved(plan: Plan, state: Recorded) -> None:
    assert moved(plan, state) == []


def test_a_head(plan: Plan, state: Recorded) -> None:
    assert moved(plan, state, e1="c3") == ["e1@main: its head moved from c2 to c3"]


def test_the_head_of_somebody_who_has_no_step_does_not_matter(plan: Plan, state: Recorded) -> None:
    assert moved(plan, state, e0="c9") == []


def test_a_slice_of_the_contracts(plan: Plan, state: Recorded) -> None:
    changed = graph_of([node(0), node(1, [wire(0, 1)], folder="other"), node(2, [wire(1, 2)])])
    (line,) = moved(plan, state, changed)
    assert line.startswith("e1@main: what the contracts say of it changed from ")


def test_an_enver_that_went(plan: Plan, state: Recorded) -> None:
    assert moved(plan, state, graph(2, [(0, 1)])) == ["e2@main is no longer in the contracts"]


def test_a_new_consumer(plan: Plan, state: Recorded) -> None:
    assert moved(plan, state, graph(4, [(0, 1), (1, 2), (1, 3)])) == ["e3@main is new, and consumes of e1@main"]


def test_a_value_at_its_base(plan: Plan, state: Recorded) -> None:
    now = replace(state, values={**state.values, product(0): RecordedValue(2, "two", "two")})
    assert moved(plan, now) == ["e0@main/out has another value: it is #2 now (two)"]
    assert moved(plan, now, own=Own(products={product(0)})) == []


def test_who_was_deployed_meanwhile(plan: Plan, state: Recorded) -> None:
    enver = state.envers[address(2)]
    assert enver.deployed
    other = replace(enver, deployed=replace(enver.deployed, commit="c7"))
    now = replace(state, envers={**state.envers, address(2): other})
    assert moved(plan, now) == ["e2@main was deployed meanwhile"]
    assert moved(plan, now, own=Own(envers={address(2)})) == []


def test_who_is_held_meanwhile(plan: Plan, state: Recorded) -> None:
    held = replace(state.envers[address(2)], held=3)
    now = replace(state, envers={**state.envers, address(2): held})
    assert moved(plan, now) == ["e2@main is held at run 3 now"]
