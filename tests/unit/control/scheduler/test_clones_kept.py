"""Clones on demand: who may be there, for how long, and when nothing is left of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.ports.log import Logged, Touched
from odmd.control.reading.event_words import words
from odmd.control.scheduler.about import envers_of
from odmd.control.scheduler.actor import ODMD, Scope
from odmd.control.scheduler.clones import KeptClones, in_force, why_not
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.events import (
    ClonesDeclared,
    ClonesEnded,
    ClonesEndSoon,
    ClonesGone,
    ClonesKept,
    ClonesLeft,
    Denied,
    Event,
)
from odmd.control.scheduler.messages import (
    ClaimRun,
    DeclareClones,
    EndClones,
    FinishRemoval,
    FinishRun,
    Head,
    KeepClones,
    LeaveClones,
    Message,
    StartChange,
    Tick,
    UseContracts,
)
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.state import Dirty, State
from odmd.graph import Graph
from odmd.graph.clones import graph_with_clones
from odmd.graph.governed import CloneLimits, Governed
from odmd.graph.nodes import CloneNode, CloneSetNode
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY, somebody
from support.worlds import address, graph_of, node, wire

HOUR, DAY = 3600.0, 86_400.0
TEXT = replace(
    graph_of([node(0), node(1, [wire(0, 1)])]), governed=Governed(clones=CloneLimits(enver=2, team=3, account=9))
)


def clones(branch: str, *envers: int) -> CloneSetNode:
    return CloneSetNode(branch, tuple(CloneNode(address(n), branch) for n in envers))


class Here:
    """A state, what keeps it, and the contracts with the clones that are to be there."""

    def __init__(self, text: Graph = TEXT) -> None:
        self.text, self.state, self.store, self.at = text, State(), MemoryStore(lambda _at, _effects: None), 0.0
        self.seen = 0
        self.use()

    def tell(self, message: Message, at: float | None = None) -> list[Event]:
        self.at = self.at if at is None else at
        events = handle(self.setup, self.state, message, self.at)
        before = self.state.position - len(events)
        dirty, self.state.dirty = self.state.dirty, Dirty()
        touched = Touched(
            tuple(dirty.envers.values()),
            tuple(dirty.runs.values()),
            tuple(dirty.values.values()),
            tuple(dirty.waves.values()),
            self.state.standing if dirty.standing else None,
            dict(dirty.clones),
        )
        self.store.commit(before, [], [Logged(before + n, one, "") for n, one in enumerate(events, 1)], touched, [])
        return list(events)

    def use(self) -> None:
        """Contracts with those clones come into force."""
        self.seen += 1
        graph = graph_with_clones(self.text, in_force(self.state.clones.values()))
        before = getattr(self, "setup", None)
        self.setup = Setup(graph, Limits(), 0.0, earlier=(before.graph,) if before else ())
        self.tell(UseContracts(graph.digest(), self.seen))

    def deploy(self, enver: str) -> list[Event]:
        self.tell(StartChange("a push", SOMEBODY, "sha256:1", (Head(enver, "c1", self.setup.graph.slice(enver)),)))
        run = self.state.envers[enver].run
        assert run is not None
        self.tell(ClaimRun(run, "worker"))
        return self.tell(FinishRun(run, self.state.runs[run].attempt, "sha256:r", ()))

    def remove(self, *envers: str) -> list[Event]:
        events = self.tell(StartChange("end", SOMEBODY, "sha256:2", (), remove=envers))
        for enver in envers:
            leaves = self.state.envers[enver].departure
            assert leaves is not None
            events += self.tell(FinishRemoval(enver, began=leaves.began))
        return events


@pytest.fixture
def here() -> Here:
    return Here()


FIX, TWO = clones("fix", 0), clones("two", 0, 1)


def test_they_are_there_until_somebody_ends_them_and_gone_once_all_is_counted_away(here: Here) -> None:
    (declared,) = here.tell(DeclareClones(FIX, SOMEBODY, DAY, "to try it"), at=10.0)
    assert declared == ClonesDeclared(FIX, SOMEBODY, DAY, 10.0 + DAY, 10.0, "to try it")
    here.use()
    here.deploy(FIX.address)
    (ended,) = here.tell(EndClones(FIX.address, SOMEBODY, "done"), at=20.0)
    assert ended == ClonesEnded(FIX.address, SOMEBODY, 20.0, "done")
    assert here.state.clones[FIX.address].ended == "done"
    assert here.tell(EndClones(FIX.address, SOMEBODY)) == []
    here.use()
    *_, last = here.remove(FIX.address)
    assert last == ClonesGone(FIX.address, 20.0)
    assert (here.state.clones, here.state.clones_of) == ({}, {})


def test_what_becomes_of_a_set_is_told_of_all_of_it(here: Here) -> None:
    first, second = TWO.addresses
    here.tell(DeclareClones(TWO, SOMEBODY, DAY), at=10.0)
    (kept,) = here.tell(KeepClones(first, SOMEBODY, 2 * DAY), at=11.0)
    ended, gone = here.tell(EndClones(first, SOMEBODY, "done"), at=20.0)
    assert [envers_of(one) for one in (kept, ended, gone)] == [{first, second}] * 3
    assert "(with e1@main+two)" in words(ended)


def test_those_that_were_never_deployed_are_gone_at_once(here: Here) -> None:
    here.tell(DeclareClones(FIX, SOMEBODY, DAY))
    assert [type(one) for one in here.tell(EndClones(FIX.address, SOMEBODY))] == [ClonesEnded, ClonesGone]


def test_they_go_by_themselves_unless_they_are_used_and_people_are_warned_before(here: Here) -> None:
    here.tell(DeclareClones(FIX, SOMEBODY, 4 * HOUR), at=0.0)
    here.use()
    assert here.tell(Tick(0.0), at=3 * HOUR - 1) == []
    assert here.tell(Tick(0.0), at=3 * HOUR) == [ClonesEndSoon(FIX.address, 4 * HOUR, 3 * HOUR)]
    here.at = 3.5 * HOUR
    here.deploy(FIX.address)  # which is a use
    assert here.tell(Tick(0.0), at=4 * HOUR) == []
    assert here.tell(KeepClones(FIX.address, SOMEBODY)) == [
        ClonesKept(FIX.address, SOMEBODY, 4 * HOUR, 8 * HOUR, 4 * HOUR)
    ]
    assert [type(one) for one in here.tell(Tick(0.0), at=7 * HOUR)] == [ClonesEndSoon]
    (ended,) = here.tell(Tick(0.0), at=8 * HOUR)
    assert isinstance(ended, ClonesEnded)
    assert ended.by == ODMD


def test_those_that_stay_until_deleted_never_go_by_themselves(here: Here) -> None:
    here.tell(DeclareClones(FIX, SOMEBODY, DAY), at=0.0)
    assert here.tell(KeepClones(FIX.address, SOMEBODY, 0.0)) == [ClonesKept(FIX.address, SOMEBODY, 0.0, None, 0.0)]
    assert here.tell(Tick(0.0), at=1000 * DAY) == []
    assert here.tell(KeepClones(FIX.address, SOMEBODY)) == []  # a use of what stays anyway


def test_the_same_again_is_none_and_what_is_taken_is_refused(here: Here) -> None:
    here.tell(DeclareClones(TWO, SOMEBODY, DAY))
    assert here.tell(DeclareClones(TWO, SOMEBODY, DAY)) == []
    assert why_not(TEXT, here.state.clones, TWO) == ""
    assert why_not(TEXT, here.state.clones, clones("two", 1)) == "e1@main+two is there: somebody made it"
    assert here.tell(DeclareClones(clones("two", 1), SOMEBODY, DAY)) == []
    here.use()
    here.deploy(TWO.address)
    here.tell(EndClones(TWO.address, SOMEBODY))
    assert why_not(TEXT, here.state.clones, TWO) == "e0@main+two is being removed still"


def test_of_two_who_reach_a_limit_one_wins(here: Here) -> None:
    assert here.tell(DeclareClones(FIX, SOMEBODY, DAY))
    assert here.tell(DeclareClones(TWO, SOMEBODY, DAY))
    third = clones("three", 0)
    assert here.tell(DeclareClones(third, SOMEBODY, DAY)) == []
    assert why_not(TEXT, here.state.clones, third) == "e0@main+three is one clone too many: e0@main may have 2"
    of_team = clones("four", 1)
    assert "team baristas may have 3" in why_not(TEXT, here.state.clones, of_team)


def test_who_may_not_clone_changes_nothing(here: Here) -> None:
    (denied,) = here.tell(DeclareClones(FIX, somebody("eve", scope=Scope.READ), DAY))
    assert isinstance(denied, Denied)
    assert here.state.clones == {}


moves = st.lists(
    st.one_of(
        st.tuples(st.just("declare"), st.sampled_from(["a", "b", "c"]), st.integers(0, 2)),
        st.tuples(st.just("end"), st.sampled_from(["a", "b", "c"]), st.integers(0, 2)),
        st.tuples(st.just("keep"), st.sampled_from(["a", "b", "c"]), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 3)),
        st.tuples(st.just("deploy"), st.sampled_from(["a", "b", "c"]), st.integers(0, 1)),
        st.tuples(st.just("remove"), st.just(""), st.just(0)),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    ),
    max_size=25,
)


@given(moves)
def test_whatever_happens_they_are_few_and_nothing_of_them_is_forgotten(steps: list[tuple[str, str, int]]) -> None:
    here = Here(replace(graph_of([node(0), node(1)]), governed=TEXT.governed))
    for what, name, n in steps:
        _move(here, what, name, n)
        alive = in_force(here.state.clones.values())
        assert sum(one.clones[0].origin == address(0) for one in alive) <= 2
        assert sum(len(one.clones) for one in alive) <= 3
        for enver in here.state.envers.values():  # what is there of a clone is listed until it is counted away
            if "-_b.." in enver.address and not enver.removed and enver.deployed:
                assert enver.address in here.state.clones_of
        loaded = here.store.load()
        assert loaded.clones == here.state.clones
        assert loaded.clones_of == here.state.clones_of
        assert list(here.store.clones()) == sorted(here.state.clones.values(), key=lambda one: (one.at, one.address))


def _move(here: Here, what: str, name: str, n: int) -> None:
    wanted = clones(name, *((0,), (1,), (0, 1))[n]) if name else None
    kept = here.state.clones.get(wanted.address) if wanted else None
    match what:
        case "declare" if wanted:
            here.tell(DeclareClones(wanted, SOMEBODY, DAY))
        case "end" if wanted:
            here.tell(EndClones(wanted.address, SOMEBODY, "over"))
        case "keep" if wanted:
            here.tell(KeepClones(wanted.address, SOMEBODY, n * HOUR if n else None))
        case "wait":
            here.tell(Tick(0.0), at=here.at + n * DAY / 4)
        case "deploy" if kept and not kept.ended and _is_free(here, kept):
            here.deploy(kept.address)
        case "remove":
            ended = [one for kept in here.state.clones.values() if kept.ended for one in kept.set.addresses]
            there = [one for one in ended if one in here.state.envers and not here.state.envers[one].removed]
            if there:
                here.use()
                here.remove(*there)
        case "restart":
            here.state = here.store.load()
            here.tell(Tick(0.0))
        case _:
            pass
    here.use()


def _is_free(here: Here, kept: KeptClones) -> bool:
    enver = here.state.envers.get(kept.address)
    return enver is None or (enver.run is None and enver.departure is None and enver.deployed is None)


class TestWhatAReviewFound:
    """Each was so once."""

    def test_the_text_takes_over_what_it_declares(self, here: Here) -> None:
        here.tell(DeclareClones(TWO, SOMEBODY, DAY))
        assert here.tell(LeaveClones(TWO.address, (TWO.address,))) == [ClonesLeft(TWO.address, (TWO.address,), 0.0)]
        (rest,) = here.state.clones.values()
        assert rest.address == clones("two", 1).address
        assert here.state.clones_of == {rest.address: rest.address}
        assert list(here.store.clones()) == [rest]
        here.tell(LeaveClones(rest.address, (rest.address,)))
        assert (here.state.clones, list(here.store.clones())) == ({}, [])
        assert here.tell(Tick(0.0), at=2 * DAY) == []

    def test_the_same_for_another_time_stays_for_that(self, here: Here) -> None:
        here.tell(DeclareClones(FIX, SOMEBODY, DAY))
        assert here.tell(DeclareClones(FIX, SOMEBODY, 0.0)) == [ClonesKept(FIX.address, SOMEBODY, 0.0, None, 0.0)]

    def test_what_is_being_removed_counts_until_it_is_gone(self, here: Here) -> None:
        for name in ("a", "b"):
            here.tell(DeclareClones(clones(name, 0), SOMEBODY, DAY))
            here.use()
            here.deploy(clones(name, 0).address)
            here.tell(EndClones(clones(name, 0).address, SOMEBODY))
        assert "one clone too many" in why_not(TEXT, here.state.clones, clones("c", 0))

    def test_only_the_first_of_a_set_is_used(self, here: Here) -> None:
        both = CloneSetNode("x", (CloneNode(address(1), "x"), CloneNode(address(0), "main")))
        here.tell(DeclareClones(both, SOMEBODY, DAY))
        here.use()
        until = here.state.clones[clones("x", 1).address].until
        here.at = 100.0
        here.deploy(clones("x", 0).address)
        assert here.state.clones[clones("x", 1).address].until == until
