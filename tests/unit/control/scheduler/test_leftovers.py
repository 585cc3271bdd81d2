"""Stacks that left an app: recorded by runs, removed after the others, and listed for as long as they are there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.control.scheduler import events as e
from odmd.control.scheduler.effects import ClearUnits, effects_of
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import (
    FailRun,
    FinishClearance,
    FinishRun,
    Loss,
    PauseScope,
    Recover,
    ResumeScope,
    StartChange,
)
from odmd.control.scheduler.questions import LOSS
from odmd.control.scheduler.questions import LOST as LOST_FOR_GOOD
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.model.targets import Target
from odmd.store.codec import ENVERS, EVENTS
from support.actors import SOMEBODY
from support.worlds import ACCOUNT, DEV, World, address, graph, graph_of, node

E = address(0)
LOST = Loss("its removal would take Table of part along, which holds data", "sha256:lost")


def stack(name: str, region: str = DEV.region) -> DeployedUnit:
    return DeployedUnit(name, Target(ACCOUNT.id, region))


def deploy(world: World, *names: str) -> list[e.Event]:
    """A run of the first enver whose app has these stacks."""
    world.push(0)
    (run,) = world.running()
    return list(world.send(FinishRun(run, world.claim(run), "sha256:assembly", (), names)))


def begun(events: list[e.Event]) -> list[ClearUnits]:
    return [effect for event in events for effect in effects_of(event) if isinstance(effect, ClearUnits)]


def end(world: World, effect: ClearUnits, *kept: Leftover, loss: Loss | None = None) -> list[e.Event]:
    removed = tuple(one for one in effect.units if one not in {left.unit for left in kept})
    return list(world.send(FinishClearance(effect.enver, removed, kept, effect.began, loss)))


def leaves(world: World, *kept: Leftover, loss: Loss | None = None) -> list[e.Event]:
    """`part` leaves the app, and its removal ends so."""
    deploy(world, "app", "part")
    (effect,) = begun(deploy(world, "app"))
    return end(world, effect, *kept, loss=loss)


def of(world: World) -> Enver:
    return world.state.envers[E]


@pytest.fixture
def world() -> World:
    return World(graph(2, [(0, 1)]))


def test_a_stack_that_leaves_the_app_is_removed_once_its_run_succeeded(world: World) -> None:
    assert begun(deploy(world, "app", "part")) == []
    (effect,) = begun(deploy(world, "app", "new"))
    assert (effect.enver, effect.units) == (E, (stack("part"),))
    assert of(world).units.there == (stack("part"), stack("app"), stack("new"))
    end(world, effect)
    assert of(world).units.there == (stack("app"), stack("new"))
    assert world.state.quiet()


def test_a_failed_run_removes_nothing_and_what_it_may_have_made_is_recorded(world: World) -> None:
    deploy(world, "app", "part")
    world.push(0)
    (run,) = world.running()
    events = world.send(FailRun(run, world.claim(run), "boom", clean=False, units=("app", "new")))
    assert begun(list(events)) == []
    assert set(of(world).units.there) == {stack("app"), stack("part"), stack("new")}
    (effect,) = begun(deploy(world, "app"))
    assert set(effect.units) == {stack("part"), stack("new")}


def test_a_stack_in_another_region_is_another_stack(world: World) -> None:
    deploy(world, "app")
    moved = replace(world.graph.envers[E], region="eu-west-1")
    world.use(graph_of([moved, *(one for one in world.graph.envers.values() if one.address != E)]))
    (effect,) = begun(deploy(world, "app"))
    assert effect.units == (stack("app"),)
    end(world, effect)
    assert of(world).units.there == (stack("app", "eu-west-1"),)


def test_it_waits_while_somebody_runs_with_what_it_may_have_published(world: World) -> None:
    world.push(0, 1)
    world.drain_runs()
    world.push(0)
    events = list(world.finish(world.running()[0]))
    assert world.running(), "its consumer moves"
    assert begun(events) == []
    assert E in [effect.enver for effect in begun(list(world.finish(world.running()[0])))]


def test_nothing_is_removed_while_its_enver_is_paused_or_a_run_is_under_way(world: World) -> None:
    deploy(world, "app", "part")
    world.push(0)
    world.send(PauseScope(E, SOMEBODY))
    (run,) = world.running()
    assert begun(list(world.send(FinishRun(run, world.claim(run), "sha256:assembly", (), ("app",))))) == []
    assert len(begun(list(world.send(ResumeScope(E, SOMEBODY))))) == 1


def test_what_could_not_be_removed_stays_listed_with_its_reason_until_it_is_tried_again(world: World) -> None:
    kept = Leftover(stack("part"), "AWS refused: it is in use")
    leaves(world, kept)
    assert of(world).units.left == (kept,)
    assert begun(list(world.send(StartChange("again", SOMEBODY, "", (), clear=(E,)))))[0].units == (stack("part"),)
    world.send(FinishClearance(E, (), (kept,), of(world).units.clearing))
    (effect,) = begun(deploy(world, "app"))
    assert effect.units == (stack("part"),), "the next good run tries again, too"


def test_data_is_asked_about_and_goes_when_somebody_approves(world: World) -> None:
    leaves(world, Leftover(stack("part"), "Table would go with it", asks=True), loss=LOST)
    assert of(world).offers[LOSS].content.text == LOST.what
    assert begun(list(world.send(StartChange("again", SOMEBODY, "", (), clear=(E,))))) == [], "only an answer helps"
    (effect,) = begun(list(world.answer(0)))
    assert (effect.units, effect.allowed) == ((stack("part"),), LOST.digest)
    end(world, effect)
    assert of(world).units.there == (stack("app"),)


def test_what_was_rejected_stays_and_is_not_asked_about_again(world: World) -> None:
    kept = Leftover(stack("part"), "Table would go with it", asks=True)
    leaves(world, kept, loss=LOST)
    world.answer(0, approved=False)
    (effect,) = begun(deploy(world, "app"))
    end(world, effect, kept, loss=LOST)
    assert of(world).offers == {}
    assert of(world).units.left == (kept,)


def test_a_run_takes_the_question_back_and_it_is_asked_again_afterwards(world: World) -> None:
    kept = Leftover(stack("part"), "Table would go with it", asks=True)
    leaves(world, kept, loss=LOST)
    world.push(0)
    assert of(world).offers == {}
    (run,) = world.running()
    (effect,) = begun(list(world.send(FailRun(run, world.claim(run), "boom", clean=True))))
    end(world, effect, kept, loss=LOST)
    assert LOSS in of(world).offers


def test_while_nobody_can_be_asked_it_waits_and_is_tried_again_afterwards(world: World) -> None:
    kept = Leftover(stack("part"), "Table would go with it", asks=True)
    deploy(world, "app", "part")
    (effect,) = begun(deploy(world, "app"))
    world.push(0)
    assert begun(end(world, effect, kept, loss=LOST)) == []
    (run,) = world.running()
    of_run = Loss("app would remove Rows", "sha256:rows")
    assert begun(list(world.send(FailRun(run, world.claim(run), "boom", clean=True, loss=of_run)))) == []
    assert of(world).offers[LOSS].content.text == of_run.what, "one question about data at a time"
    (effect,) = begun(list(world.answer(0, approved=False)))
    end(world, effect, kept, loss=LOST)
    assert of(world).offers[LOSS].content.text == LOST.what


def test_what_came_back_to_the_app_meanwhile_is_the_apps(world: World) -> None:
    deploy(world, "app", "part")
    (effect,) = begun(deploy(world, "app"))
    deploy(world, "app", "part")
    end(world, effect)
    assert of(world).units.there == (stack("app"), stack("part"))
    assert of(world).units.left == ()


def test_a_report_of_an_earlier_removal_counts_no_more(world: World) -> None:
    leaves(world)
    (effect,) = begun(deploy(world, "app", "x")) or begun(deploy(world, "app"))
    assert not world.send(FinishClearance(E, effect.units, (), effect.began - 1.0))


def test_an_enver_that_leaves_the_contracts_takes_all_of_them_along(world: World) -> None:
    leaves(world, Leftover(stack("part"), "AWS refused"))
    world.use(graph_of([node(1)]))
    events = world.send(StartChange("remove", SOMEBODY, "", (), remove=(E,)))
    started = next(event for event in events if isinstance(event, e.RemovalStarted))
    assert set(started.units) == {stack("app"), stack("part")}


def test_after_a_restore_nothing_is_removed_before_the_next_run_says_what_left(world: World) -> None:
    deploy(world, "app", "part")
    deploy(world, "app")
    world.send(Recover(1000, SOMEBODY, "restored"))
    assert begun(list(world.send(ResumeScope("*", SOMEBODY)))) == []
    assert begun(deploy(world, "app"))[0].units == (stack("part"),)


def test_a_restart_and_the_log_know_the_same(world: World) -> None:
    leaves(world, Leftover(stack("part"), "AWS refused"))
    deploy(world, "app", "new")
    world.restart()
    assert world.replayed() == world.state


def test_what_an_older_release_wrote_can_be_read() -> None:
    first = f'{{"run":1,"enver":"{E}","assembly":"sha256:1","at":1.0}}'
    assert EVENTS.decode("RunSucceeded", first) == e.RunSucceeded(1, E, "sha256:1", 1.0)
    later = first.replace("}", ',"stacks":["app"]}')
    assert EVENTS.decode("RunSucceeded", later) == e.RunSucceeded(1, E, "sha256:1", 1.0, ("app",))
    assert ENVERS.decode(f'{{"address":"{E}"}}') == Enver(E)


class TestLettingGo:
    """Of units where nobody can look any more: an account that is gone, from which its enver moved away."""

    KEPT = Leftover(stack("part"), "ODMD210 no such account")
    GONE = Loss("nobody can look there", "sha256:gone")

    def ended(self, world: World, effect: ClearUnits, *kept: Leftover, loss: Loss | None = None) -> list[e.Event]:
        removed = tuple(one for one in effect.units if one not in {left.unit for left in kept})
        return list(world.send(FinishClearance(effect.enver, removed, kept, effect.began, loss, self.GONE)))

    def lost(self, world: World) -> None:
        deploy(world, "app", "part")
        (effect,) = begun(deploy(world, "app"))
        self.ended(world, effect, self.KEPT)

    def test_they_are_let_go_of_when_somebody_says_so_and_the_log_keeps_what_may_be_left(self, world: World) -> None:
        self.lost(world)
        assert (list(of(world).offers), of(world).units.left) == ([LOST_FOR_GOOD], (self.KEPT,))
        (effect,) = begun(list(world.answer(0)))
        assert effect.allowed == self.GONE.digest
        (ended, *_) = world.send(FinishClearance(E, effect.units, (), effect.began, left=("stack part",)))
        assert isinstance(ended, e.ClearanceEnded)
        assert ended.left == ("stack part",)
        assert (of(world).units.there, of(world).units.left) == ((stack("app"),), ())

    def test_apply_looks_again_and_asks_anew_whatever_was_answered(self, world: World) -> None:
        self.lost(world)
        world.answer(0, approved=False)
        assert (of(world).offers, of(world).units.left) == ({}, (self.KEPT,))
        for _ in range(2):
            (effect,) = begun(list(world.send(StartChange("again", SOMEBODY, "", (), clear=(E,)))))
            assert of(world).offers == {}
            self.ended(world, effect, self.KEPT)
            assert list(of(world).offers) == [LOST_FOR_GOOD]

    def test_data_elsewhere_is_asked_about_first_and_neither_answer_allows_the_other(self, world: World) -> None:
        deploy(world, "app", "part", "rows")
        (effect,) = begun(deploy(world, "app"))
        rows = Leftover(stack("rows"), "Table would go with it", asks=True)
        self.ended(world, effect, self.KEPT, rows, loss=LOST)
        assert list(of(world).offers) == [LOSS]
        (effect,) = begun(list(world.answer(0, approved=True)))
        assert effect.allowed == LOST.digest
        self.ended(world, effect, self.KEPT)
        assert list(of(world).offers) == [LOST_FOR_GOOD]
        assert of(world).units.there == (stack("part"), stack("app"))

    def test_where_data_was_not_given_up_letting_go_is_asked_about_all_the_same(self, world: World) -> None:
        deploy(world, "app", "part", "rows")
        (effect,) = begun(deploy(world, "app"))
        rows = Leftover(stack("rows"), "Table would go with it", asks=True)
        self.ended(world, effect, self.KEPT, rows, loss=LOST)
        world.answer(0, approved=False)
        (effect,) = begun(deploy(world, "app"))
        self.ended(world, effect, self.KEPT, rows, loss=LOST)
        assert list(of(world).offers) == [LOST_FOR_GOOD]

    def test_other_contracts_leave_the_question_as_it_is_and_a_run_takes_it_back(self, world: World) -> None:
        self.lost(world)
        world.use(graph_of([replace(world.graph.envers[E], team="others"), *list(world.graph.envers.values())[1:]]))
        assert list(of(world).offers) == [LOST_FOR_GOOD]
        (effect,) = begun(deploy(world, "app"))
        assert of(world).offers == {}
        assert effect.units == (stack("part"),)

    def test_while_nobody_can_be_asked_it_is_tried_again_afterwards(self, world: World) -> None:
        deploy(world, "app", "part")
        (effect,) = begun(deploy(world, "app"))
        world.push(0)
        self.ended(world, effect, self.KEPT)
        assert of(world).offers == {}
        (run,) = world.running()
        (effect,) = begun(list(world.send(FailRun(run, world.claim(run), "boom", clean=True))))
        assert effect.units == (stack("part"),)


def carried_out(world: World, unit: str, *names: str) -> list[e.Event]:
    """A run of the first enver that says what its units are."""
    world.push(0)
    (run,) = world.running()
    return list(world.send(FinishRun(run, world.claim(run), "sha256:recipe", (), names, unit=unit)))


def test_of_another_build_type_all_that_was_there_before_leaves_even_where_nothing_comes_in_its_place(
    world: World,
) -> None:
    carried_out(world, "stack", "app", "part")
    (effect,) = begun(carried_out(world, "package"))
    assert effect.units == (stack("app"), stack("part"))
    end(world, effect)
    assert of(world).units.there == ()
    carried_out(world, "release", "dev/shop")
    assert [str(one) for one in of(world).units.there] == [f"release dev/shop in {Target(ACCOUNT.id, DEV.region)}"]
    (effect,) = begun(carried_out(world, "release", "prod/shop"))
    assert [one.name for one in effect.units] == ["dev/shop"]


def test_who_says_nothing_of_units_takes_none_away(world: World) -> None:
    carried_out(world, "stack", "app")
    assert begun(carried_out(world, "")) == []
    assert of(world).units.current() == (stack("app"),)
