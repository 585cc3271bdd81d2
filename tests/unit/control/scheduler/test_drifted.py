"""What others changed is known until it is over, accepted or brought back; meanwhile nobody relies on what drifted."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.drift import ALL_SORTS, AT_A_GLANCE, Deviation, gone_unit
from odmd.control.scheduler.events import ChangeAccepted, DriftAccepted, DriftSeen, RunStarted
from odmd.control.scheduler.messages import AcceptDrift, NoteDrift, StartChange
from odmd.control.scheduler.runs import RunMode
from odmd.plan import build_plan
from odmd.plan.wiring import Wiring
from support.actors import SOMEBODY
from support.soak import examples
from support.worlds import World, address, graph

ONE, OTHER = 0, 1
TAG, TABLE = ("stack", "tag", "who"), ("stack", "resource", "Table /Billing")
MOVES = ("look", "glance", "accept", "accept for long", "later", "push", "push upstream", "fail", "restart")


def deviations(there: dict[tuple[str, str, str], str]) -> tuple[Deviation, ...]:
    return tuple(Deviation(unit, sort, what, "", text) for (unit, sort, what), text in there.items())  # type: ignore[arg-type]  # one of them


def shop() -> World:
    """Two envers in a row, deployed; whatever is published again is the same."""
    world = World(graph(2, [(ONE, OTHER)]), outcomes=1)
    world.push(ONE, OTHER)
    world.drain()
    return world


def look(world: World, there: dict[tuple[str, str, str], str], *, glance: bool = False) -> None:
    sorts = AT_A_GLANCE if glance else ALL_SORTS
    seen = tuple(one for one in deviations(there) if one.sort in sorts)
    world.send(NoteDrift(address(OTHER), world.state.envers[address(OTHER)].deployed_by, seen, sorts, SOMEBODY))


def open_ones(world: World) -> set[Deviation]:
    return {one.deviation for one in world.state.envers[address(OTHER)].drift if one.is_open(world.now)}


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(st.sampled_from(MOVES), st.tuples(st.sampled_from([TAG, TABLE]), st.sampled_from(["", "a", "b"]))),
        max_size=25,
    )
)
def test_what_is_known_is_exactly_what_differs_and_nobody_accepted(
    steps: list[str | tuple[tuple[str, str, str], str]],
) -> None:
    world, there, accepted = shop(), dict[tuple[str, str, str], str](), dict[Deviation, float]()
    for step in steps:
        if isinstance(step, tuple):
            there[step[0]] = step[1]
            there = {place: text for place, text in there.items() if text}
            continue
        began = sum(isinstance(one, RunStarted) for one in world.log)
        known = {one.deviation for one in world.state.envers[address(OTHER)].drift}
        act(world, step, there, accepted)
        accepted = {one: until for one, until in accepted.items() if one in deviations(there) or step != "look"}
        if step == "look":
            assert open_ones(world) == {one for one in deviations(there) if accepted.get(one, 0) <= world.now}
        if step == "glance":
            unseen = {one for one in known if one.sort == "resource"}
            assert {one for one in known_now(world) if one.sort == "resource"} == unseen
        if step in ("look", "glance", "accept", "accept for long", "later"):
            assert sum(isinstance(one, RunStarted) for one in world.log) == began, "it lets nothing begin"
        enver = world.state.envers[address(OTHER)]
        assert (enver.sure is None) == (enver.deployed is None or bool(enver.drifted))
    assert world.replayed() == world.state


def known_now(world: World) -> set[Deviation]:
    return {one.deviation for one in world.state.envers[address(OTHER)].drift}


def act(world: World, what: str, there: dict[tuple[str, str, str], str], accepted: dict[Deviation, float]) -> None:
    match what:
        case "look" | "glance":
            look(world, there, glance=what == "glance")
        case "accept" | "accept for long":
            until = None if what == "accept for long" else world.now + 5
            ids = tuple(one.deviation.id for one in world.state.envers[address(OTHER)].drift)
            for event in world.send(AcceptDrift(address(OTHER), ids, SOMEBODY, "we know", until)):
                assert isinstance(event, DriftAccepted)
                accepted.update(dict.fromkeys(event.what, until or 10.0**9))
        case "later":
            world.now += 10
        case "push" | "push upstream":
            world.push(OTHER if what == "push" else ONE)
            while runs := world.running():
                if world.state.runs[runs[0]].enver == address(OTHER):  # it brings all back
                    there.clear()
                    accepted.clear()
                world.finish(runs[0])
            look(world, there)
        case "fail":
            world.push(OTHER)
            for run in world.running():
                world.fail(run)
        case "restart":
            world.restart()
        case _:
            pass


def test_a_wave_does_not_end_at_what_drifted_and_its_run_is_a_full_one() -> None:
    world = shop()
    look(world, {TAG: "me"})
    world.push(ONE)
    world.finish(world.run_of(ONE) or 0)
    run = world.run_of(OTHER)
    assert run is not None, "what it consumes is the same, and what runs is not"
    assert world.state.runs[run].mode is RunMode.FULL
    assert world.state.runs[run].reasons == ("drifted: tag who of stack",)
    world.finish(run)
    assert not world.state.envers[address(OTHER)].drift


def test_what_is_accepted_is_relied_on() -> None:
    world = shop()
    look(world, {TAG: "me"})
    (finding,) = world.state.envers[address(OTHER)].drift
    world.send(AcceptDrift(address(OTHER), (finding.deviation.id,), SOMEBODY, "we know"))
    world.push(ONE)
    world.finish(world.run_of(ONE) or 0)
    assert world.run_of(OTHER) is None
    assert not world.state.owing


def test_a_plan_lists_it_with_the_reason_and_carrying_it_out_needs_no_new_commit() -> None:
    world = shop()
    look(world, {TAG: "me", TABLE: "a"})
    known = recorded(world.state, Wiring(world.graph))
    heads = {one: enver.commit for one, enver in world.state.envers.items()}
    (step,) = build_plan(world.graph, known, heads).steps()
    assert (step.enver, step.reasons) == (
        address(OTHER),
        ("drifted: resource Table /Billing of stack, tag who of stack",),
    )
    look(world, {})
    assert not list(build_plan(world.graph, recorded(world.state, Wiring(world.graph)), heads).steps())


@pytest.mark.parametrize("what", ["run under way", "later run", "unknown"])
def test_a_look_at_what_does_not_run_any_more_says_nothing(what: str) -> None:
    world = shop()
    enver = world.state.envers[address(OTHER)]
    run = enver.deployed_by
    world.push(OTHER)
    if what == "later run":
        world.drain()
    if what == "unknown":
        world.fail(world.run_of(OTHER) or 0, clean=False)
    assert not world.send(NoteDrift(enver.address, run, deviations({TAG: "me"}), ALL_SORTS, SOMEBODY))


def test_of_a_unit_that_is_gone_nothing_else_is_so() -> None:
    world = shop()
    look(world, {TAG: "me", TABLE: "a"})
    enver = world.state.envers[address(OTHER)]
    gone = gone_unit("stack", "stack")
    (seen,) = world.send(NoteDrift(enver.address, enver.deployed_by, (gone,), ("gone",), SOMEBODY))
    assert isinstance(seen, DriftSeen)
    assert known_now(world) == {gone}
    assert not any(isinstance(one, ChangeAccepted) for one in world.log[-1:])


def test_the_same_seen_again_is_no_event() -> None:
    world = shop()
    look(world, {TAG: "me"})
    before = len(world.log)
    look(world, {TAG: "me"})
    assert len(world.log) == before


def test_a_look_that_saw_less_ends_nothing_that_it_did_not_see() -> None:
    world = shop()
    look(world, {TAG: "me", TABLE: "a"})
    look(world, {}, glance=True)
    assert {one.place for one in known_now(world)} == {TABLE}


def test_an_acceptance_is_over_with_the_first_look_after_its_time() -> None:
    world = shop()
    look(world, {TAG: "me"})
    (finding,) = world.state.envers[address(OTHER)].drift
    world.send(AcceptDrift(address(OTHER), (finding.deviation.id,), SOMEBODY, "for now", world.now + 5))
    look(world, {TAG: "me"})
    assert world.state.envers[address(OTHER)].sure is not None
    world.now += 10
    before = len(world.log)
    look(world, {TAG: "me"})
    (seen,) = world.log[before:]
    assert isinstance(seen, DriftSeen)
    assert seen.found == (finding.deviation,)
    assert world.state.envers[address(OTHER)].sure is None
    assert not world.send(AcceptDrift(address(OTHER), (finding.deviation.id,), SOMEBODY, "late", world.now - 1))


def test_what_was_accepted_for_a_time_counts_again_with_any_look_after_it() -> None:
    world = shop()
    look(world, {TAG: "me", TABLE: "a"})
    enver = world.state.envers[address(OTHER)]
    ids = tuple(one.deviation.id for one in enver.drift)
    world.send(AcceptDrift(enver.address, ids, SOMEBODY, "for now", world.now + 5))
    look(world, {TAG: "me"}, glance=True)
    assert world.state.envers[address(OTHER)].sure is not None
    world.now += 10
    look(world, {}, glance=True)
    (finding,) = world.state.envers[address(OTHER)].drift
    assert (finding.deviation.place, finding.accepted) == (TABLE, None), "a glance does not look at it"
    assert world.state.envers[address(OTHER)].sure is None


@pytest.mark.parametrize("drifted", [True, False])
def test_a_run_that_brings_back_what_drifted_takes_the_acceptances_along(*, drifted: bool) -> None:
    world = shop()
    look(world, {TABLE: "a", **({TAG: "me"} if drifted else {})})
    (table,) = [one.deviation for one in world.state.envers[address(OTHER)].drift if one.deviation.place == TABLE]
    world.send(AcceptDrift(address(OTHER), (table.id,), SOMEBODY, "we know"))
    world.push(OTHER)
    world.finish(world.run_of(OTHER) or 0)
    assert known_now(world) == (set[Deviation]() if drifted else {table}), "an ordinary run does not reach a resource"


def test_while_its_stacks_are_removed_a_look_says_nothing() -> None:
    world = shop()
    enver = world.state.envers[address(OTHER)]
    world.use(graph(1, []))
    world.send(StartChange("remove", SOMEBODY, "", (), remove=(enver.address,)))
    assert world.state.envers[enver.address].departure is not None
    note = NoteDrift(enver.address, enver.deployed_by, (gone_unit("stack", "stack"),), ALL_SORTS, SOMEBODY)
    assert not world.send(note)


def test_an_older_look_takes_nothing_back_that_a_newer_one_said() -> None:
    world = shop()
    enver = world.state.envers[address(OTHER)]

    def note(at: float, there: dict[tuple[str, str, str], str], *, glance: bool = False) -> list[tuple[str, str, str]]:
        sorts = AT_A_GLANCE if glance else ALL_SORTS
        world.send(NoteDrift(enver.address, enver.deployed_by, deviations(there), sorts, SOMEBODY, world.now + at))
        return sorted(one.place for one in known_now(world))

    world.now += 100
    assert note(-10, {TAG: "me"}, glance=True) == [TAG]
    assert note(-20, {TABLE: "a"}) == [TABLE, TAG], "of what the newer one did not look at it says what it saw"
    assert note(-30, {}) == [TABLE, TAG]
    assert note(9999, {}) == []
    world.now += 1
    assert note(0, {TAG: "me"}) == [TAG], "nobody looks from the future"
