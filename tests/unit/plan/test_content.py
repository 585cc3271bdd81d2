"""The content of the source decides, the commit is a label."""

from __future__ import annotations

import pytest

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import Head, StartChange
from odmd.plan import Fingerprint, Plan, build_plan
from odmd.plan.freshness import moved_since
from support.actors import somebody
from support.worlds import World, address, graph

ONE = graph(1, [])
ENVER = address(0)


def runs(content: str) -> World:
    world = World(ONE)
    world.send(StartChange("first", somebody("ada"), "", (Head(ENVER, "c1", ONE.slice(ENVER), content=content),)))
    world.drain()
    return world


def plan(world: World, commit: str, content: str) -> Plan:
    return build_plan(ONE, recorded(world.state), {ENVER: commit}, contents={ENVER: content} if content else {})


@pytest.mark.parametrize(
    ("before", "after", "is_due"),
    [(("c1", "t1"), ("c2", "t1"), False), (("c1", "t1"), ("c2", "t2"), True), (("c1", ""), ("c1", "t1"), False),
     (("c1", ""), ("c2", "t1"), True)],
    ids=["equal trees", "other trees", "an older log, the same commit", "an older log, another commit"],
)  # fmt: skip
def test_a_step_is_due_exactly_where_the_content_is_another_one(
    before: tuple[str, str], after: tuple[str, str], is_due: bool
) -> None:
    assert bool(list(plan(runs(before[1]), *after).steps())) == is_due


def test_a_commit_elsewhere_neither_outdates_a_plan_nor_makes_it_another_one() -> None:
    world = runs("t1")
    made = plan(world, "c2", "t2")
    assert made.digest() == plan(world, "c3", "t2").digest() != plan(world, "c3", "t3").digest()
    state = recorded(world.state)
    assert not list(moved_since(made, ONE, state, {ENVER: "c3"}, contents={ENVER: "t2"}))
    assert list(moved_since(made, ONE, state, {ENVER: "c3"}, contents={ENVER: "t3"}))


def test_a_head_of_equal_content_ends_without_a_run() -> None:
    world = runs("t1")
    world.send(StartChange("push", somebody("ada"), "", (Head(ENVER, "c2", ONE.slice(ENVER), content="t1"),)))
    world.drain()
    enver = world.state.envers[ENVER]
    assert enver.last_run == 1
    assert enver.deployed is not None
    assert enver.deployed.commit == "c1", "what runs bears the commit that was deployed"


def test_equal_fingerprints_have_equal_hashes() -> None:
    one, other = Fingerprint("c1", "k", (), "t"), Fingerprint("c2", "k", (), "t")
    assert one == other
    assert hash(one) == hash(other)
