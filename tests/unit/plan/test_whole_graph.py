"""A plan over gates, promotions, cycles, clones, removals; and limited to a part of all that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from odmd.control.leading.plans import find_plan, keep_plan
from odmd.control.scheduler.messages import Shown
from odmd.control.scheduler.start import start_change
from odmd.plan import FromStep, Known, Limited, Plan, Recorded, RecordedEnver, Step, StepAction, build_plan, words
from odmd.plan.data import as_data
from odmd.plan.inventory import Belonging, Inventory, Staying
from odmd.plan.radius import with_reach
from odmd.plan.removals import with_inventories, with_retirements
from odmd.plan.stages import Gate, Reach, Retirement, User
from odmd.plan.wiring import Wiring
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.planned import CHAIN, NOTHING, deployed, planned, promoted
from support.worlds import address, graph, graph_of, node, product, wire


def step_of(plan: Plan, n: int) -> Step:
    return next(step for step in plan.steps() if step.enver == address(n))


class TestGates:
    GATED = graph_of([node(0), node(1, [wire(0, 1, mode="gated")])])

    def test_what_a_step_may_publish_waits_for_an_approval(self) -> None:
        made = planned(self.GATED)
        assert made.gates == (Gate(address(1), "in0", "baristas", FromStep(step_of(made, 0).number)),)
        assert step_of(made, 1).inputs[0].source == Known(0, "")

    def test_a_gate_ends_the_wave(self) -> None:
        made = planned(self.GATED, _with_picked(deployed(self.GATED)), e0="c2")
        assert [step.enver for step in made.steps()] == [address(0)]
        assert [gate.enver for gate in made.gates] == [address(1)]

    def test_who_was_told_everything_and_lacks_an_approval_waits_and_nothing_begins(self) -> None:
        made = planned(self.GATED, deployed(self.GATED))
        assert [(step.enver, step.waits, step.told) for step in made.steps()] == [
            (address(1), ("in0 has to be approved",), True)
        ]
        assert not made.begins()
        assert [(gate.enver, gate.source.__class__) for gate in made.gates] == [(address(1), Known)]
        assert [step.enver for step in planned(self.GATED, deployed(self.GATED), e1="c2").steps()] == [address(1)]

    def test_what_was_let_in_already_is_no_question(self) -> None:
        assert planned(self.GATED, _with_picked(deployed(self.GATED))).gates == ()


class TestPromotions:
    def test_one_takes_over_the_commit_of_an_earlier_step(self) -> None:
        made = planned(graph_of([node(0), promoted(1, 0)]))
        assert (step_of(made, 1).commit, step_of(made, 1).source) == ("c1", step_of(made, 0).number)
        assert [len(stage.steps) for stage in made.stages] == [1, 1], "it waits for its origin"

    def test_one_takes_over_what_its_origin_runs(self) -> None:
        both = graph_of([node(0), promoted(1, 0)])
        before = deployed(graph_of([node(0)]))
        made = planned(both, before)
        assert [(step.enver, step.commit, step.source) for step in made.steps()] == [(address(1), "c1", 0)]

    def test_a_newer_commit_is_a_promotion(self) -> None:
        both = graph_of([node(0), promoted(1, 0)])
        made = planned(both, deployed(both), e0="c2")
        assert step_of(made, 1).action is StepAction.PROMOTE

    def test_with_an_approver_it_waits(self) -> None:
        made = planned(graph_of([node(0), promoted(1, 0, approver="baristas")]))
        assert [step.enver for step in made.steps()] == [address(0)]
        assert made.gates == (Gate(address(1), "", "baristas", FromStep(1)),)


def test_a_cycle_says_how_often_it_may_have_to_settle() -> None:
    made = planned(graph_of([node(0, [wire(1, 0, held=True)]), node(1, [wire(0, 1)])]))
    assert [step.settles for step in made.steps()] == [1, 1]
    assert step_of(made, 0).inputs[0].source == Known(0, "placeholder")


def test_a_clone_says_of_what() -> None:
    made = planned(graph_of([node(0), node(1, origin=address(0))]))
    assert step_of(made, 1).reasons == ("its first deployment", "a clone of e0@main")


def test_what_moved_to_another_place_is_replaced() -> None:
    made = build_plan(CHAIN, deployed(CHAIN), dict.fromkeys(CHAIN.envers, "c2"), anew={address(1)})
    assert [step.action for step in made.steps()] == [StepAction.UPDATE, StepAction.REPLACE, StepAction.UPDATE]


def test_what_is_held_has_no_step() -> None:
    state = deployed(CHAIN)
    held = {**state.envers, address(1): replace(state.envers[address(1)], held=7)}
    made = planned(CHAIN, replace(state, envers=held), e1="c2")
    assert not list(made.steps())
    assert [(one.enver, one.run) for one in made.held] == [(address(1), 7)]
    assert address(1) not in made.unchanged


class TestRemovals:
    def test_consumers_go_before_producers(self) -> None:
        made = planned(graph(0, []), deployed(CHAIN))
        assert [removal.enver for removal in made.removals] == [address(2), address(1), address(0)]
        assert not any(removal.users for removal in made.removals)

    def test_who_stays_and_still_runs_with_it_is_in_the_way(self) -> None:
        left = graph_of([node(1), node(2)])
        (removal,) = planned(left, deployed(CHAIN)).removals
        assert removal.users == (User(address(1), product(0), 1),)


def test_a_value_that_may_be_replaced_lives_until_its_users_moved() -> None:
    state = deployed(CHAIN)
    made = with_retirements(planned(CHAIN, state, e0="c2"), state)
    assert made.retirements == (Retirement(product(0), 1, 1, (address(1),), state.behind[product(0), 1]),)


def test_a_value_that_somebody_may_go_back_to_says_who() -> None:
    state = deployed(CHAIN)
    held = replace(state.envers[address(2)], may_run_with=((product(0), 1),))
    state = replace(state, envers={**state.envers, address(2): held}, behind={})
    (one,) = with_retirements(planned(CHAIN, state, e0="c2"), state).retirements
    assert one.goes_back == (address(2),)
    said = "if step 1 replaces e0@main/out #1, it is retired once e1@main moved and once e2@main can no longer go back"
    assert words.retirement(one) == f"{said} to it"


class TestInventories:
    GONE = graph_of([node(0), node(1)])
    FOUND = Inventory(
        (
            Belonging("image", "e2@sha256:1"),
            Belonging("image", "e2@sha256:2"),
            Belonging("claim", "orders", "holds data"),
        ),
        (Staying("namespace", "e2-main", "odmd did not make it"),),
    )

    def test_what_goes_and_what_stays_is_counted_and_said(self) -> None:
        made = with_inventories(planned(self.GONE, deployed(CHAIN)), {address(2): self.FOUND})
        assert dict(words.sections(made))["Removed afterwards"] == [
            "- e2@main, which is no longer declared",
            "    goes: 2 images and 1 claim: e2@sha256:1, e2@sha256:2, orders",
            "    asks first: claim orders, which holds data",
            "    stays: 1 namespace: e2-main: odmd did not make it",
        ]

    def test_it_is_part_of_what_is_approved(self) -> None:
        plain = planned(self.GONE, deployed(CHAIN))
        made = with_inventories(plain, {address(2): self.FOUND})
        more = self.FOUND._replace(goes=self.FOUND.goes[:-1])
        digests = {plain.digest(), made.digest(), with_inventories(plain, {address(2): more}).digest()}
        assert len(digests) == 3

    def test_it_is_kept_with_its_plan(self) -> None:
        made, store = with_inventories(planned(self.GONE, deployed(CHAIN)), {address(2): self.FOUND}), MemoryStore()
        keep_plan(store, made)
        assert find_plan(store, made.digest()[7:14], made.organisation) == made
        assert as_data(made.removals[0])["inventory"]["stays"] == [  # type: ignore[index]
            {"what": "namespace", "name": "e2-main", "why": "odmd did not make it"}
        ]

    def test_what_nobody_could_see_is_said_to_be_so(self) -> None:
        unseen = {address(2): Inventory(unseen="ODMD272 nobody answers")}
        said = dict(words.sections(with_inventories(planned(self.GONE, deployed(CHAIN)), unseen)))
        assert "asked about before it goes: ODMD272 nobody answers" in said["Removed afterwards"][1]

    def test_a_change_takes_along_what_was_shown(self) -> None:
        made = with_inventories(planned(self.GONE, deployed(CHAIN)), {address(2): self.FOUND})
        change = start_change(made, SOMEBODY, "test")
        assert change.remove == (address(2),)
        assert change.shown == (Shown(address(2), ("image e2@sha256:1", "image e2@sha256:2", "claim orders")),)

    def test_an_enver_that_left_can_be_a_target_of_its_own(self) -> None:
        wanted = Limited((address(2),))
        made = planned(self.GONE, deployed(CHAIN), wanted, e0="c2")
        assert [one.enver for one in made.removals] == [address(2)]
        assert not list(made.steps())
        assert start_change(made, SOMEBODY, "test").remove == (address(2),)
        assert not planned(self.GONE, deployed(CHAIN), Limited((address(1),))).removals


class TestLimits:
    def limited(self, *targets: int, only_values: bool = False, **newer: str) -> Plan:
        wanted = Limited(tuple(address(n) for n in targets), only_values)
        return planned(CHAIN, deployed(CHAIN), wanted, **newer)

    def test_a_target_and_what_it_needs(self) -> None:
        made = self.limited(1, e0="c2", e1="c2", e2="c2")
        assert [(step.enver, step.certain) for step in made.steps()] == [
            (address(0), True),
            (address(1), True),
            (address(2), False),
        ]
        assert made.left_out == (address(2),)

    def test_what_is_left_out_keeps_its_commit_should_a_wave_reach_it(self) -> None:
        assert step_of(self.limited(1, e1="c2", e2="c2"), 2).commit == "c1"
        assert address(2) not in self.limited(1, e1="c2", e2="c2").base.heads

    def test_what_was_never_deployed_and_is_left_out_has_no_step(self) -> None:
        made = planned(CHAIN, NOTHING, Limited((address(0),)))
        assert [step.enver for step in made.steps()] == [address(0)]
        assert made.left_out == (address(1), address(2))

    def test_only_values_leaves_out_what_has_new_source(self) -> None:
        assert self.limited(only_values=True, e1="c2").left_out == (address(1),)

    def test_limits_are_part_of_the_digest(self) -> None:
        digests = {self.limited(e0="c2").digest(), self.limited(0, e0="c2").digest(), self.limited(1, e0="c2").digest()}
        assert len(digests) == 3


def test_reach_counts_over_automatic_wires() -> None:
    state = deployed(CHAIN)
    made = with_reach(planned(CHAIN, state, e1="c2"), Wiring(CHAIN))
    assert made.reach == Reach(2, 1)
    assert [step.reach for step in made.steps()] == [Reach(1, 1), None]


def test_what_is_only_told_of_a_plan_is_no_part_of_its_digest() -> None:
    state = deployed(CHAIN)
    made = planned(CHAIN, state, e0="c2")
    told = replace(with_retirements(with_reach(made, Wiring(CHAIN)), state), seconds=3.0)
    assert told != made
    assert told.digest() == made.digest()


def _with_picked(state: Recorded) -> Recorded:
    """The gated consumer was let have the current value and runs with it."""
    value, gated = state.values[product(0)], state.envers[address(1)]
    return replace(state, envers={**state.envers, address(1): _running(gated, [("in0", value.identity)], value)})


def _running(enver: RecordedEnver, values: Sequence[tuple[str, str]], value: object) -> RecordedEnver:
    from odmd.plan import Fingerprint, RecordedValue

    assert isinstance(value, RecordedValue)
    runs = Fingerprint("c1", TestGates.GATED.slice(address(1)), tuple(values))
    return replace(enver, deployed=runs, unknown=False, failure="", picked={"in0": value}, versions={"in0": 1})
