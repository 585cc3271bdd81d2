"""The scheduler's promises, one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from test_chaos import MANY, MESSAGES, disturb, graphs

from odmd.control.reading.explain import held_by
from odmd.control.scheduler.events import (
    ChangeAccepted,
    DidNotSettle,
    EnverRemoved,
    Event,
    Offered,
    PassStarted,
    Pinned,
    Promoted,
    RemovalStarted,
    RetirementScheduled,
    RunClaimed,
    RunFailed,
    RunStarted,
    RunSucceeded,
    Settled,
)
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.limits import ATTEMPTS
from odmd.control.scheduler.messages import (
    Answer,
    CancelRun,
    ClaimRun,
    FailRun,
    FinishRemoval,
    FinishRun,
    HandOnRun,
    Head,
    LoseRun,
    Loss,
    PauseScope,
    Publication,
    ReleaseEnver,
    ReportDrift,
    ResumeScope,
    RetireValue,
    Shown,
    StartChange,
    Tick,
)
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.questions import LOSS, LOST, AboutInput
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.setup import Limits
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import ValueRef
from odmd.graph import Graph
from support.actors import SOMEBODY
from support.worlds import World, address, graph, graph_of, node, product, wire


def up(g: Graph, **more: object) -> World:
    """Everything deployed and quiet."""
    world = World(g, **more)  # type: ignore[arg-type]
    world.push(*(n for n in range(len(g.envers)) if g.envers[address(n)].revision == "branch:main"))
    world.drain()
    return world


def kinds(events: object) -> list[str]:
    return [type(event).__name__ for event in events]  # type: ignore[attr-defined]


class TestOrder:
    @MANY
    @given(graphs(), st.integers(0, 99), st.data())
    def test_in_a_wave_no_consumer_starts_before_its_producer_and_no_writer_before_its_readers(
        self, g: Graph, seed: int, data: st.DataObject
    ) -> None:
        world = World(g, seed, 3)
        for _ in range(data.draw(st.integers(1, 20))):
            before, mark = state_at(world, len(world.log)), len(world.log)
            calm = [what for what in MESSAGES if what != "contracts"]
            disturb(world, data.draw(st.sampled_from(calm)), data.draw(st.integers(0, len(g.envers) - 1)), data)
            for event in world.log[mark:]:
                if isinstance(event, RunStarted) and not event.overdue:
                    owed = {u: before.envers[u].owes for u in world.wiring.upstream[event.enver] if u in before.envers}
                    assert not any(set(event.waves) & waves for waves in owed.values())
                evolve(world.setup.wirings, before, event)


def state_at(world: World, position: int) -> State:
    state = State()
    for event in world.log[:position]:
        evolve(world.setup.wirings, state, event)
    return state


class TestIsolation:
    def test_a_bad_member_of_a_cycle_holds_its_cycle_and_nothing_else(self) -> None:
        ring = [node(0, [wire(1, 0, held=True)]), node(1, [wire(0, 1)]), node(2), node(3, [wire(2, 3)])]
        world = up(graph_of(ring), outcomes=1)
        world.push(0)
        world.fail(world.running()[0])
        mark = len(world.log)
        world.push(2)
        world.drain()
        assert world.started(mark) == [address(2)]
        assert world.state.owing.keys() == {address(0), address(1)}, "e3 has nothing new, and its wave ended"

    def test_who_is_stuck_does_not_move_because_somebody_else_does(self) -> None:
        reader, writer, last = 0, 1, 2
        world = up(graph(3, [(writer, last)], moves_after=[(writer, reader)]))
        world.push(writer)
        world.fail(world.running()[0])
        world.push(reader)
        world.push(last)
        assert world.run_of(last), "it waits for the writer, which waits for the reader in no wave of its own"

    def test_an_enver_without_an_input_holds_its_wave_and_says_what_it_lacks(self) -> None:
        world = World(graph(3, [(0, 1), (1, 2)]))
        world.push(1)
        one = world.state.envers[address(1)]
        assert held_by(world.wiring, world.state, one) == ("in0: e0@main/out was never published",)
        world.push(0)
        world.drain()
        assert world.state.envers[address(1)].deployed


class TestLeases:
    def test_what_a_run_started_with_stays_until_it_ends(self) -> None:
        world = World(graph(2, [(0, 1)]))
        world.push(0, 1)
        world.finish(world.running()[0])
        world.push(0)
        world.finish(world.run_of(0) or 0)
        for message in world.due:
            world.send(message)
        assert world.run_of(1)
        assert not world.retired()

    def test_after_a_clean_failure_what_runs_stays(self) -> None:
        world = up(graph(2, [(0, 1)]))
        world.push(0)
        world.finish(world.running()[0])
        world.fail(world.run_of(1) or 0)
        assert world.state.envers[address(1)].leases == {ValueRef(product(0), 1)}

    def test_what_is_needed_again_within_its_grace_is_retired_after_the_next_one(self) -> None:
        world = up(graph(2, [(0, 1)]))
        first = world.state.envers[address(1)].last_run or 0
        world.push(0)
        world.drain_runs()
        timer = next(due for due in world.due if isinstance(due, RetireValue) and due.product == product(0))
        world.pin(1, first)
        world.drain_runs()
        world.now += 100
        assert world.send(timer) == []
        world.send(ReleaseEnver(address(1), SOMEBODY))
        world.drain()
        assert ValueRef(product(0), 1) in world.retired()

    def test_a_timer_that_comes_early_is_set_again(self) -> None:
        world = up(graph(2, [(0, 1)]))
        world.push(0)
        world.drain_runs()
        world.now -= 1.5
        (again,) = world.send(RetireValue(product(0), 1))
        assert isinstance(again, RetirementScheduled)
        assert again.due > world.now
        assert ValueRef(product(0), 1) not in world.retired()
        world.drain()
        assert ValueRef(product(0), 1) in world.retired()

    def test_what_is_needed_again_is_retired_when_it_is_left_again(self) -> None:
        world = up(graph(2, [(0, 1)]))
        first = world.state.envers[address(1)].last_run
        assert first is not None
        world.push(0)
        world.drain_runs()
        world.pin(1, first)
        world.drain()
        assert ValueRef(product(0), 1) not in world.retired()
        world.send(ReleaseEnver(address(1), SOMEBODY))
        world.drain()
        assert ValueRef(product(0), 1) in world.retired()

    def test_nobody_is_held_at_what_was_retired(self) -> None:
        world = up(graph(2, [(0, 1)]))
        first = world.state.envers[address(1)].last_run or 0
        world.push(0)
        world.drain()
        assert world.retired()
        assert world.pin(1, first) == []


class TestLatches:
    GATED = graph_of([node(0), node(1, [wire(0, 1, mode="gated")])])

    def asked(self) -> World:
        world = up(self.GATED)
        assert [e.offer.content.version for e in world.log if isinstance(e, Offered)] == [1]
        return world

    def test_a_gated_value_is_asked_about_and_let_in_when_approved(self) -> None:
        world = self.asked()
        assert world.started() == [address(0)]
        world.answer(1)
        world.drain()
        assert world.started() == [address(0), address(1)]

    def test_what_was_asked_is_what_is_let_in_however_long_the_answer_takes(self) -> None:
        world = self.asked()
        world.push(0)
        world.drain()
        world.answer(1)
        run = world.run_of(1)
        assert run
        assert [given.version for given in world.state.runs[run].inputs] == [1], "not #2, which nobody saw"
        world.drain()
        assert world.state.envers[address(1)].offers[AboutInput("in0")].content.version == 2, "asked about next"

    def test_an_answer_to_another_question_counts_for_nothing(self) -> None:
        world = self.asked()
        assert world.send(Answer(address(1), AboutInput("in0"), "something else", approved=True, by=SOMEBODY)) == []

    def test_what_was_rejected_is_not_asked_again_but_the_next_value_is(self) -> None:
        world = self.asked()
        world.answer(1, approved=False)
        assert not world.state.envers[address(1)].offers
        world.push(0)
        world.drain()
        assert world.state.envers[address(1)].offers[AboutInput("in0")].content.version == 2

    def test_a_value_that_is_asked_about_is_not_retired(self) -> None:
        world = self.asked()
        for _ in range(3):
            world.push(0)
            world.drain()
        assert [ref.version for ref in world.retired()] == [2, 3], "#1 is the open question, #4 is current"

    def test_a_promoted_enver_follows_its_origin_when_approved(self) -> None:
        prod = node(1, revision=f"promoted:{address(0)}", approver="baristas")
        world = up(graph_of([node(0), prod]))
        assert world.started() == [address(0)]
        world.answer(1)
        world.drain()
        assert world.state.envers[address(1)].commit == "commit-0-1"
        world.push(0)
        world.fail(world.running()[0])
        assert not world.state.envers[address(1)].offers, "what failed is not promoted"

    def test_without_an_approver_it_follows_by_itself(self) -> None:
        world = up(graph_of([node(0), node(1, revision=f"promoted:{address(0)}")]))
        assert any(isinstance(e, Promoted) for e in world.log)
        assert world.started() == [address(0), address(1)]

    def test_a_placeholder_outside_cycles_is_a_default_only(self) -> None:
        world = World(graph_of([node(0), node(1, [wire(0, 1, held=True)])]))
        world.push(1)
        world.drain()
        assert world.state.envers[address(1)].consumed[0].version == 0
        world.push(0)
        world.drain()
        assert world.state.envers[address(1)].consumed[0].version == 1


class TestCycles:
    RING = graph_of([node(0, [wire(1, 0, held=True)]), node(1, [wire(0, 1)])])

    def test_one_that_never_comes_to_rest_says_so_and_rests_until_something_moves_it(self) -> None:
        world = World(self.RING)
        count = 0

        def never_the_same() -> None:
            nonlocal count
            while runs := world.running():
                count += 1
                run = runs[0]
                published = Publication(f"{world.state.runs[run].enver}/out", str(count), str(count), "test:Text")
                world.send(FinishRun(run, world.claim(run), "sha256:assembly", (published,)))

        world.push(0, 1)
        never_the_same()
        assert kinds(world.log).count("PassStarted") == 1
        last = next(e for e in world.log if isinstance(e, DidNotSettle))
        assert last.moved == (f"{address(0)} in1",)
        mark = len(world.log)
        world.push(0)
        never_the_same()
        assert kinds(world.log[mark:]).count("PassStarted") == 1, "a change from outside renews its passes"

    def test_a_gate_in_a_cycle_inherits_the_passes_of_what_it_lets_in(self) -> None:
        """However often somebody approves, one change from outside goes around once."""
        world = World(graph_of([node(0, [wire(1, 0, held=True)]), node(1, [wire(0, 1, mode="gated")])]))
        world.push(0, 1)
        for _ in range(20):
            world.drain()
            world.answer(1)
        passes = sum(isinstance(e, PassStarted) for e in world.log)
        changes = sum(isinstance(e, ChangeAccepted) for e in world.log)
        assert passes <= changes


class TestHolding:
    def test_what_is_paused_starts_nothing_and_catches_up_once(self) -> None:
        world = up(graph(2, [(0, 1)]))
        world.send(PauseScope(address(1), SOMEBODY, "freeze"))
        mark = len(world.log)
        for _ in range(3):
            world.push(0)
            world.drain()
        assert world.started(mark) == [address(0)] * 3
        one = world.state.envers[address(1)]
        assert held_by(world.wiring, world.state, one) == ("paused by somebody: freeze",)
        world.send(ResumeScope(address(1), SOMEBODY))
        world.drain()
        assert world.started(mark) == [*[address(0)] * 3, address(1)]

    def test_a_team_or_everything_may_be_paused_until_a_time(self) -> None:
        world = up(graph_of([node(0), node(1, team="roasters")]))
        world.send(PauseScope("team:roasters", SOMEBODY, until=world.now + 5))
        world.push(0, 1)
        assert world.run_of(0)
        assert world.run_of(1) is None
        world.now += 10
        world.send(Tick(world.now))
        assert world.run_of(1)

    def test_there_and_back_is_nothing_to_do(self) -> None:
        world = World(graph(2, [(0, 1)]), outcomes=1)
        world.push(0, 1)
        world.drain()
        world.send(PauseScope(address(1), SOMEBODY))
        world.push(0)
        world.drain()
        world.send(ResumeScope(address(1), SOMEBODY))
        assert not world.running()
        assert not world.state.owing

    def test_a_pinned_enver_goes_back_and_lets_waves_pass_without_a_run(self) -> None:
        world = up(graph(2, [(0, 1)]))
        first = world.state.envers[address(1)].last_run
        assert first
        world.send(PauseScope(address(1), SOMEBODY))
        world.push(0)
        world.drain()
        assert isinstance(world.pin(1, first)[0], Pinned)
        world.send(ResumeScope(address(1), SOMEBODY))
        world.push(1)
        assert world.run_of(1) is None, "it runs what it is held at"
        assert not world.state.owing
        assert not world.retired(), "it still runs with #1"
        world.send(ReleaseEnver(address(1), SOMEBODY))
        world.drain()
        assert world.state.envers[address(1)].consumed[0].version == 2

    def test_a_pin_uses_the_assembly_of_its_run(self) -> None:
        world = up(graph(1, []))
        first = world.state.envers[address(0)].last_run
        world.push(0)
        world.drain()
        assert first
        world.pin(0, first)
        run = world.run_of(0)
        assert run
        assert world.state.runs[run].mode is RunMode.VALUES
        assert world.state.runs[run].fingerprint.commit == "commit-0-1"

    def test_drift_is_a_cause(self) -> None:
        world = up(graph(2, [(0, 1)]))
        mark = len(world.log)
        world.send(ReportDrift(address(0), "a queue is gone", SOMEBODY))
        assert world.state.envers[address(0)].unknown
        run = world.run_of(0)
        assert run
        assert world.state.runs[run].mode is RunMode.FULL, "what runs is unknown"
        world.drain()
        assert world.started(mark) == [address(0)], "what it publishes is what it was"


class TestFailures:
    def test_what_may_pass_is_tried_again_later_and_later_and_then_no_more(self) -> None:
        world = World(graph(1, []))
        world.push(0)
        waits: list[float] = []
        while runs := world.running():
            world.fail(runs[0], may_pass=True)
            failed = world.log[-1]
            assert isinstance(failed, RunFailed)
            if failed.retry_at is not None:
                waits.append(failed.retry_at - failed.at)
                assert not world.state.quiet()
                world.now = failed.retry_at
                world.send(Tick(failed.retry_at))
        assert waits == [1.0, 2.0]
        assert world.state.quiet()

    def test_what_waits_for_somebody_else_is_tried_for_long_and_others_go_on(self) -> None:
        world = World(graph(2, []))
        world.push(0, 1)
        waits: list[float] = []
        while (run := world.run_of(0)) is not None:
            world.fail(run, may_pass=True, waits=True)
            failed = world.log[-1]
            assert isinstance(failed, RunFailed)
            if failed.retry_at is not None:
                waits.append(failed.retry_at - failed.at)
                if (other := world.run_of(1)) is not None:
                    world.finish(other)
                world.now = failed.retry_at
                world.send(Tick(failed.retry_at))
        assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 600.0, 600.0]
        assert world.state.envers[address(1)].deployed is not None

    def test_it_is_not_tried_before_its_time(self) -> None:
        world = up(graph(2, []), patience=10.0**9)
        world.push(0)
        world.setup.__dict__["back_off"] = 100.0
        world.fail(world.running()[0], may_pass=True)
        world.push(1)
        world.drain_runs()
        assert world.run_of(0) is None

    def test_a_run_is_cancelled_before_it_begins_or_asked_to_end(self) -> None:
        world = World(graph(2, []))
        world.push(0, 1)
        first, second = world.running()
        assert kinds(world.send(CancelRun(first, SOMEBODY))) == ["CancelAsked", "RunFailed"]
        attempt = world.claim(second)
        assert kinds(world.send(CancelRun(second, SOMEBODY))) == ["CancelAsked"]
        world.send(FailRun(second, attempt, "cancelled", clean=True, may_pass=True))
        assert not world.running(), "what was cancelled is not tried again by itself"

    def test_after_an_unclean_failure_the_old_inputs_are_deployed_again(self) -> None:
        world = up(graph(1, []))
        first = world.state.envers[address(0)].last_run
        assert first
        world.push(0)
        world.fail(world.running()[0], clean=False)
        world.pin(0, first)
        assert world.run_of(0), "what it is held at does not surely run"


class TestLimits:
    def test_a_place_a_build_type_and_the_organisation_have_room_for_so_many(self) -> None:
        nodes = [node(0), node(1), node(2, build_type="image"), node(3, region="eu-west-1")]
        for limits, most in (
            (Limits(None), 4),
            (Limits(3), 3),
            (Limits(None, place=1), 2),
            (Limits(None, build_types={"cdk": 1}), 2),
        ):
            world = World(graph_of(nodes), limits=limits)
            world.push(0, 1, 2, 3)
            assert len(world.running()) == most
            world.drain()
            assert len(world.started()) == 4

    def test_who_is_waited_for_goes_first_then_what_happens_by_itself_then_clones(self) -> None:
        nodes = [node(0), node(1, origin=address(0)), node(2, team="roasters"), node(3, team="roasters")]
        world = World(graph_of(nodes), limits=Limits(1))
        world.send(StartChange("busy", SOMEBODY, "", (head(world, 0),)))
        world.send(StartChange("clone", SOMEBODY, "", (head(world, 1),)))
        world.send(StartChange("by itself", SOMEBODY, "", (head(world, 2),), interactive=False))
        world.send(StartChange("push", SOMEBODY, "", (head(world, 3),)))
        world.drain()
        assert world.started() == [address(0), address(3), address(2), address(1)]

    def test_who_waited_long_enough_goes_before_whoever_comes(self) -> None:
        world = World(graph_of([node(0), node(1, origin=address(0)), node(2)]), limits=Limits(1))
        world.send(StartChange("busy", SOMEBODY, "", (head(world, 0),)))
        world.send(StartChange("clone", SOMEBODY, "", (head(world, 1),)))
        world.now += 4000
        world.send(StartChange("push", SOMEBODY, "", (head(world, 2),)))
        world.drain()
        assert world.started() == [address(0), address(1), address(2)]

    def test_a_team_with_many_runs_leaves_room_for_others(self) -> None:
        nodes = [*(node(n) for n in range(4)), node(4, team="roasters")]
        world = World(graph_of(nodes), limits=Limits(2))
        world.push(0, 1, 2, 3)
        world.push(4)
        world.finish(world.running()[0])
        assert world.run_of(4), "its team has nothing under way, and it came only a moment later"


def head(world: World, n: int) -> Head:
    world.commits[n] = world.commits.get(n, 0) + 1
    return world.head(n)


class TestPatience:
    def test_who_waits_too_long_for_a_busy_producer_starts_with_what_is_there(self) -> None:
        diamond = graph(4, [(0, 1), (0, 2), (1, 3), (2, 3)])
        counts = {patience: self.runs_of_the_last(diamond, patience) for patience in (8.0, 10.0**9)}
        assert counts[10.0**9] == 0, "its producers are never both quiet"
        assert counts[8.0] > 0

    def runs_of_the_last(self, g: Graph, patience: float) -> int:
        world = up(g, patience=patience)
        mark = len(world.log)
        for turn in range(30):
            world.push(0)
            world.finish(world.run_of(0) or 0)
            for n in (1, 2):
                run = world.run_of(n)
                if run and (turn + n) % 2:
                    world.finish(run)
        return Counter(world.started(mark))[address(3)]


class TestOtherContracts:
    def test_who_left_waits_for_nothing(self) -> None:
        world = up(graph(3, [(0, 1), (1, 2)]))
        world.send(PauseScope(address(1), SOMEBODY))
        world.push(0)
        world.drain()
        assert world.state.waves
        world.use(graph_of([node(0), node(2)]))
        world.drain()
        assert world.started()[-1] == address(0), "e2 goes on under the contracts that it runs under, with its input"
        assert not world.state.waves
        assert not world.state.owing

    def test_who_came_is_deployed_with_what_is_there(self) -> None:
        world = up(graph(1, []))
        world.use(graph(2, [(0, 1)]))
        world.push(1)
        world.drain()
        assert world.state.envers[address(1)].consumed[0].version == 1

    def test_a_wire_that_becomes_gated_keeps_what_it_let_in(self) -> None:
        world = up(graph(2, [(0, 1)]))
        world.use(TestLatches.GATED)
        assert world.state.envers[address(1)].picked["in0"].version == 1
        assert not world.state.envers[address(1)].offers
        world.push(0)
        world.drain()
        assert world.state.envers[address(1)].offers[AboutInput("in0")].content.version == 2

    def test_a_latch_that_leads_elsewhere_forgets_what_it_let_in(self) -> None:
        gated = wire(0, 2, mode="gated")
        world = up(graph_of([node(0), node(1), node(2, [gated])]))
        world.answer(2)
        world.drain()
        elsewhere = gated._replace(product=product(1), producer=address(1))
        world.use(graph_of([node(0), node(1), node(2, [elsewhere])]))
        assert not world.state.envers[address(2)].picked
        assert world.state.envers[address(2)].offers[AboutInput("in0")].content.product == product(1)

    def test_a_product_that_leaves_goes_once_nobody_runs_with_it(self) -> None:
        world = up(graph(2, [(0, 1)]))
        without = node(0, products=())
        world.use(graph_of([without, node(1, [wire(0, 1)])]))
        world.push(0)
        world.finish(world.running()[0])
        assert not world.state.current(product(0)), "withdrawn"
        world.drain()
        assert ValueRef(product(0), 1) not in world.retired(), "somebody runs with it"
        world.use(graph_of([without, node(1)]))
        world.push(1)
        world.drain()
        assert ValueRef(product(0), 1) in world.retired()

    def test_an_older_reading_changes_nothing(self) -> None:
        world = up(graph(1, []))
        sent = world.sent[:]
        world.use(graph(2, [(0, 1)]))
        for message in sent:
            assert not [e for e in world.send(message) if not isinstance(e, Settled)]


@MANY
@given(graphs(), st.integers(0, 99), st.data())
def test_a_message_that_comes_again_changes_nothing(g: Graph, seed: int, data: st.DataObject) -> None:
    """At once, or late: what a run reported, an answer, a retirement."""
    world = World(g, seed, 3)
    once = FinishRun | FailRun | Answer
    for _ in range(data.draw(st.integers(1, 15))):
        disturb(world, data.draw(st.sampled_from(MESSAGES)), data.draw(st.integers(0, len(g.envers) - 1)), data)
        late = [message for message in world.sent if isinstance(message, once)]
        if late and (message := data.draw(st.sampled_from(late))) and not is_asked_again(world, message):
            direct: list[Event] = [e for e in world.send(message) if isinstance(e, RunSucceeded | RunFailed)]
            assert not direct


def is_asked_again(world: World, message: object) -> bool:
    """The same value may be asked about again, after another one; then an old answer is one to the new question."""
    return isinstance(message, Answer) and message.input in world.state.envers[message.enver].offers


class TestLosses:
    def stopped(self) -> World:
        world = up(graph(2, [(0, 1)]))
        world.push(0)
        world.fail(world.running()[0], loss=Loss("a table would go", "sha256:loss"))
        return world

    def test_a_run_that_would_lose_data_asks_and_holds_its_waves_alone(self) -> None:
        world = self.stopped()
        assert world.state.envers[address(0)].offers[LOSS].content.identity == "sha256:loss"
        assert not world.running()
        world.push(1)
        assert world.run_of(1), "an unrelated wave goes on"

    def test_approved_it_runs_again_with_the_right_to_just_that(self) -> None:
        world = self.stopped()
        world.answer(0)
        (run,) = world.state.runs.values()
        assert run.allowed == "sha256:loss"
        world.drain()
        enver = world.state.envers[address(0)]
        assert (enver.allowed, enver.offers, enver.owes) == ("", {}, frozenset())

    def test_rejected_it_stays_as_it_is_until_somebody_tries_again(self) -> None:
        world = self.stopped()
        world.answer(0, approved=False)
        assert not world.running()
        assert not world.state.envers[address(0)].offers
        world.retry(0)
        assert world.state.runs[world.running()[0]].allowed == ""

    def test_other_inputs_take_the_question_back(self) -> None:
        world = self.stopped()
        world.push(0)
        assert not world.state.envers[address(0)].offers
        assert world.state.runs[world.running()[0]].allowed == ""


class TestWorkers:
    def test_a_run_has_one_worker_at_a_time(self) -> None:
        world = World(graph(1, []))
        world.push(0)
        (run,) = world.running()
        assert kinds(world.send(ClaimRun(run, "one"))) == ["RunClaimed"]
        assert world.send(ClaimRun(run, "two")) == []
        assert world.send(ClaimRun(None, "two")) == [], "there is no other"
        assert kinds(world.send(LoseRun(run, 1, "gone"))) == ["RunLost"]
        assert world.send(LoseRun(run, 1, "gone")) == [], "nobody has it"
        assert kinds(world.send(ClaimRun(None, "two"))) == ["RunClaimed"]
        assert world.send(LoseRun(run, 1, "gone")) == [], "that was another attempt"
        assert world.state.runs[run].worker == "two"

    def test_the_word_of_a_lost_worker_counts_until_another_has_the_run(self) -> None:
        world = World(graph(1, []))
        world.push(0)
        (run,) = world.running()
        world.send(ClaimRun(run, "one"))
        world.send(LoseRun(run, 1, "gone"))
        assert "RunFailed" in kinds(world.send(FailRun(run, 1, "boom", clean=True)))

    def test_a_run_is_given_up_once_it_was_lost_so_often_however_many_took_a_part_of_it(self) -> None:
        world = World(graph(1, []))
        world.push(0)
        (run,) = world.running()
        for attempt in range(1, ATTEMPTS):
            world.send(ClaimRun(run, "one", prepares=True))
            world.send(HandOnRun(run, AttemptNumber(2 * attempt - 1), "sha256:made"))
            world.send(ClaimRun(run, "two"))
            assert kinds(world.send(LoseRun(run, AttemptNumber(2 * attempt), "gone"))) == ["RunLost"]
        world.send(ClaimRun(run, "three"))
        failed, *_ = world.send(LoseRun(run, AttemptNumber(2 * ATTEMPTS - 1), "gone"))
        assert isinstance(failed, RunFailed)
        assert failed.error.startswith(f"gone, as were {ATTEMPTS - 1} before")

    def test_the_one_that_waits_longest_is_handed_out_first(self) -> None:
        world = World(graph(3, []))
        world.push(0, 1, 2)
        claimed = [world.send(ClaimRun(None, "one"))[0] for _ in range(3)]
        assert [event.run for event in claimed if isinstance(event, RunClaimed)] == sorted(world.running())
        assert world.send(ClaimRun(99, "one")) == []


class TestRemovals:
    def test_only_what_left_the_contracts_goes(self) -> None:
        world = up(graph(2, []))
        assert world.send(StartChange("remove", SOMEBODY, "", (), remove=(address(0),))) == []

    def test_what_is_said_of_an_earlier_removal_counts_no_more(self) -> None:
        world = up(graph(2, []))
        world.use(graph_of([node(0)]))
        asked = StartChange("remove", SOMEBODY, "", (), remove=(address(1),))
        world.send(asked)
        (first,) = (due for due in world.due if isinstance(due, FinishRemoval))
        world.due.clear()
        world.send(replace(first, error="boom"))
        world.send(asked)
        assert world.send(first) == [], "the second one is under way"
        (second,) = (due for due in world.due if isinstance(due, FinishRemoval))
        assert kinds(world.send(second))[0] == "EnverRemoved"

    def test_data_that_goes_along_is_asked_about(self) -> None:
        world = up(graph(2, []))
        world.use(graph_of([node(0)]))
        asked = StartChange("remove", SOMEBODY, "", (), remove=(address(1),))
        world.send(asked)
        (due,) = (due for due in world.due if isinstance(due, FinishRemoval))
        world.send(replace(due, error="it holds data", loss=Loss("a table", "sha256:loss")))
        assert LOSS in world.state.envers[address(1)].offers

    def leaves(self) -> tuple[World, FinishRemoval]:
        """An enver that is being removed, of which somebody was shown one thing."""
        world = up(graph(2, []))
        world.use(graph_of([node(0)]))
        shown = (Shown(address(1), ("stack e1--main",)),)
        world.send(StartChange("remove", SOMEBODY, "", (), remove=(address(1),), shown=shown))
        (due,) = (due for due in world.due if isinstance(due, FinishRemoval))
        world.due.clear()
        return world, due

    def test_what_was_shown_stays_what_was_shown_until_it_is_gone(self) -> None:
        world, due = self.leaves()
        begun = [event for event in world.log if isinstance(event, RemovalStarted)]
        world.send(replace(due, error="more is there", loss=Loss("a table", "sha256:loss")))
        world.answer(1)
        begun += [event for event in world.log if isinstance(event, RemovalStarted)][1:]
        assert [(one.shown, one.allowed) for one in begun] == [
            (("stack e1--main",), ""),
            (("stack e1--main",), "sha256:loss"),
        ]

    def test_where_nobody_can_look_it_is_let_go_of_only_when_somebody_says_so(self) -> None:
        world, due = self.leaves()
        world.send(replace(due, error="no cluster", lost=Loss("may leave a Deployment", "sha256:lost")))
        assert list(world.state.envers[address(1)].offers) == [LOST]
        assert not world.due, "it is not tried again by itself"
        world.send(Answer(address(1), LOST, "sha256:other", approved=True, by=SOMEBODY))
        assert not world.due, "an answer is bound to what was shown"
        world.answer(1)
        started = [event for event in world.log if isinstance(event, RemovalStarted)][-1]
        assert started.allowed == "sha256:lost"
        (due,) = (due for due in world.due if isinstance(due, FinishRemoval))
        (gone, *_) = world.send(replace(due, left=("Deployment/shop in a cluster",)))
        assert isinstance(gone, EnverRemoved)
        assert gone.left == world.state.envers[address(1)].left == ("Deployment/shop in a cluster",)
        assert all(value.resource is None for value in world.state.made_by(address(1)))

    def test_it_is_asked_anew_when_somebody_tries_again(self) -> None:
        world, due = self.leaves()
        world.send(replace(due, error="no cluster", lost=Loss("may leave a Deployment", "sha256:lost")))
        world.send(StartChange("remove", SOMEBODY, "", (), remove=(address(1),)))
        assert LOST not in world.state.envers[address(1)].offers

    def test_a_run_under_way_ends_first(self) -> None:
        world = up(graph(2, []))
        world.push(1)
        world.use(graph_of([node(0)]))
        world.send(StartChange("remove", SOMEBODY, "", (), remove=(address(1),)))
        assert not [due for due in world.due if isinstance(due, FinishRemoval)]
        world.finish(world.run_of(1) or 0)
        assert [due for due in world.due if isinstance(due, FinishRemoval)]

    def test_what_is_being_removed_goes_although_it_is_declared_again(self) -> None:
        both = graph(2, [])
        world = up(both)
        world.use(graph_of([node(0)]))
        world.send(StartChange("remove", SOMEBODY, "", (), remove=(address(1),)))
        world.use(both)
        assert world.state.envers[address(1)].departure is not None
        (due,) = (due for due in world.due if isinstance(due, FinishRemoval))
        world.send(due)
        assert world.state.envers[address(1)].removed
