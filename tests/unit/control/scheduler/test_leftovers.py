"""Stacks that left an app: recorded by runs, removed after the others, and listed for as long as they are there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.control.scheduler import events as e
from odmd.control.scheduler.effects import ClearStacks, effects_of
from odmd.control.scheduler.envers import LOSS, Enver
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
from odmd.control.scheduler.stacks import Leftover, Stack
from odmd.store.codec import ENVERS, EVENTS
from support.worlds import ACCOUNT, DEV, World, address, graph, graph_of, node

E = address(0)
LOST = Loss("its removal would take Table of part along, which holds data", "sha256:lost")


def stack(name: str, region: str = DEV.region) -> Stack:
    return Stack(name, ACCOUNT.id, region)


def deploy(world: World, *names: str) -> list[e.Event]:
    """A run of the first enver whose app has these stacks."""
    world.push(0)
    (run,) = world.running()
    return list(world.send(FinishRun(run, world.claim(run), "sha256:assembly", (), names)))


def begun(events: list[e.Event]) -> list[ClearStacks]:
    return [effect for event in events for effect in effects_of(event) if isinstance(effect, ClearStacks)]


def end(world: World, effect: ClearStacks, *kept: Leftover, loss: Loss | None = None) -> list[e.Event]:
    removed = tuple(one for one in effect.stacks if one not in {left.stack for left in kept})
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
    assert (effect.enver, effect.stacks) == (E, (stack("part"),))
    assert of(world).stacks.there == (stack("part"), stack("app"), stack("new"))
    end(world, effect)
    assert of(world).stacks.there == (stack("app"), stack("new"))
    assert world.state.quiet()


def test_a_failed_run_removes_nothing_and_what_it_may_have_made_is_recorded(world: World) -> None:
    deploy(world, "app", "part")
    world.push(0)
    (run,) = world.running()
    events = world.send(FailRun(run, world.claim(run), "boom", clean=False, stacks=("app", "new")))
    assert begun(list(events)) == []
    assert set(of(world).stacks.there) == {stack("app"), stack("part"), stack("new")}
    (effect,) = begun(deploy(world, "app"))
    assert set(effect.stacks) == {stack("part"), stack("new")}


def test_a_stack_in_another_region_is_another_stack(world: World) -> None:
    deploy(world, "app")
    moved = replace(world.graph.envers[E], region="eu-west-1")
    world.use(graph_of([moved, *(one for one in world.graph.envers.values() if one.address != E)]))
    (effect,) = begun(deploy(world, "app"))
    assert effect.stacks == (stack("app"),)
    end(world, effect)
    assert of(world).stacks.there == (stack("app", "eu-west-1"),)


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
    world.send(PauseScope(E, "somebody"))
    (run,) = world.running()
    assert begun(list(world.send(FinishRun(run, world.claim(run), "sha256:assembly", (), ("app",))))) == []
    assert len(begun(list(world.send(ResumeScope(E, "somebody"))))) == 1


def test_what_could_not_be_removed_stays_listed_with_its_reason_until_it_is_tried_again(world: World) -> None:
    kept = Leftover(stack("part"), "AWS refused: it is in use")
    leaves(world, kept)
    assert of(world).stacks.left == (kept,)
    assert begun(list(world.send(StartChange("again", "somebody", "", (), clear=(E,)))))[0].stacks == (stack("part"),)
    world.send(FinishClearance(E, (), (kept,), of(world).stacks.clearing))
    (effect,) = begun(deploy(world, "app"))
    assert effect.stacks == (stack("part"),), "the next good run tries again, too"


def test_data_is_asked_about_and_goes_when_somebody_approves(world: World) -> None:
    leaves(world, Leftover(stack("part"), "Table would go with it", asks=True), loss=LOST)
    assert of(world).offers[LOSS].content.text == LOST.what
    assert begun(list(world.send(StartChange("again", "somebody", "", (), clear=(E,))))) == [], "only an answer helps"
    (effect,) = begun(list(world.answer(0)))
    assert (effect.stacks, effect.allowed) == ((stack("part"),), LOST.digest)
    end(world, effect)
    assert of(world).stacks.there == (stack("app"),)


def test_what_was_rejected_stays_and_is_not_asked_about_again(world: World) -> None:
    kept = Leftover(stack("part"), "Table would go with it", asks=True)
    leaves(world, kept, loss=LOST)
    world.answer(0, approved=False)
    (effect,) = begun(deploy(world, "app"))
    end(world, effect, kept, loss=LOST)
    assert of(world).offers == {}
    assert of(world).stacks.left == (kept,)


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
    assert of(world).stacks.there == (stack("app"), stack("part"))
    assert of(world).stacks.left == ()


def test_a_report_of_an_earlier_removal_counts_no_more(world: World) -> None:
    leaves(world)
    (effect,) = begun(deploy(world, "app", "x")) or begun(deploy(world, "app"))
    assert not world.send(FinishClearance(E, effect.stacks, (), effect.began - 1.0))


def test_an_enver_that_leaves_the_contracts_takes_all_of_them_along(world: World) -> None:
    leaves(world, Leftover(stack("part"), "AWS refused"))
    world.use(graph_of([node(1)]))
    events = world.send(StartChange("remove", "somebody", "", (), remove=(E,)))
    started = next(event for event in events if isinstance(event, e.RemovalStarted))
    assert set(started.stacks) == {stack("app"), stack("part")}


def test_after_a_restore_nothing_is_removed_before_the_next_run_says_what_left(world: World) -> None:
    deploy(world, "app", "part")
    deploy(world, "app")
    world.send(Recover(1000, "somebody", "restored"))
    assert begun(list(world.send(ResumeScope("*", "somebody")))) == []
    assert begun(deploy(world, "app"))[0].stacks == (stack("part"),)


def test_a_restart_and_the_log_know_the_same(world: World) -> None:
    leaves(world, Leftover(stack("part"), "AWS refused"))
    deploy(world, "app", "new")
    world.restart()
    assert world.replayed() == world.state


def test_what_an_older_release_wrote_can_be_read() -> None:
    name, body = EVENTS.encode(e.RunSucceeded(1, E, "sha256:assembly", 1.0, ("app",)))
    older = body.replace(',"stacks":["app"]', "")
    assert older != body
    assert EVENTS.decode(name, older) == e.RunSucceeded(1, E, "sha256:assembly", 1.0)
    assert ENVERS.decode(f'{{"address":"{E}"}}') == Enver(E)
