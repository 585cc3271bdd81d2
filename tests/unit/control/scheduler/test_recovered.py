"""After a restore: nothing moves by itself, nothing goes back, and numbers are new."""

from __future__ import annotations

from odmd.control.scheduler.events import RunFailed, ValuePublished
from odmd.control.scheduler.messages import PauseScope, Recover, ResumeScope
from odmd.control.scheduler.runs import RunMode
from odmd.graph.paused import EVERYTHING
from support.actors import somebody
from support.worlds import World, address, graph

FIRST = 1000


def deployed() -> World:
    """0 → 1 → 2."""
    world = World(graph(3, [(0, 1), (1, 2)]))
    world.push(0, 1, 2)
    world.drain()
    return world


def recover(world: World) -> None:
    world.send(Recover(FIRST, somebody("ada"), "restored"))
    world.restart()


def test_nobody_knows_what_runs_and_nothing_starts() -> None:
    world = deployed()
    world.push(0)
    run = world.run_of(0)
    recover(world)
    assert run
    assert any(isinstance(event, RunFailed) and event.run == run and not event.clean for event in world.log)
    assert not world.state.runs
    assert not world.state.owing
    assert not world.state.waves
    assert all(enver.unknown and enver.deployed is None for enver in world.state.envers.values())
    mark = len(world.log)
    world.send(ResumeScope(EVERYTHING, somebody("ada")))
    assert world.started(mark) == [], "who resumed it looks at a plan next"


def test_then_each_is_looked_at_by_a_full_run_with_a_new_number() -> None:
    world = deployed()
    recover(world)
    world.send(ResumeScope(EVERYTHING, somebody("ada")))
    mark = len(world.log)
    world.push(0)
    world.retry(1, 2)
    run = world.run_of(0)
    assert run == FIRST
    assert world.state.runs[run].mode is RunMode.FULL
    assert world.state.runs[run].waves[0] >= FIRST
    world.drain()
    assert world.started(mark)[0] == address(0)
    versions = [event.version for event in world.log[mark:] if isinstance(event, ValuePublished)]
    assert versions
    assert min(versions) >= FIRST


def test_it_can_be_done_again() -> None:
    world = deployed()
    recover(world)
    recover(world)
    assert world.state.next_run == world.state.next_wave == FIRST
    world.send(Recover(2 * FIRST, somebody("ada"), "restored"))
    assert world.state.next_run == 2 * FIRST


def test_what_would_be_retired_waits_until_somebody_resumes() -> None:
    world = deployed()
    world.push(0)
    world.drain_runs()
    assert any(value.retire_at for values in world.state.values.values() for value in values), "its timer runs"
    recover(world)
    world.drain()
    assert not world.retired(), "a timer from before is late"
    world.send(ResumeScope(EVERYTHING, somebody("ada")))
    world.drain()
    assert world.retired()


def test_a_pause_of_everything_holds_retirements_and_the_end_of_it_lets_them_go_on() -> None:
    world = deployed()
    world.push(0)
    while (run := world.run_of(2)) is None:
        world.finish(world.running()[0])
    world.send(PauseScope(EVERYTHING, somebody("ada"), "a freeze"))
    world.finish(run)
    world.drain()
    assert not world.retired()
    world.restart()
    world.send(ResumeScope(EVERYTHING, somebody("ada")))
    world.drain()
    assert world.retired()
