"""The control plane in one process, embedded in a command or behind a server: leader, engine and one worker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odmd.agent import Agent, Report, Tools, Worker
from odmd.agent.removal import Remover
from odmd.bootstrap.planning import database, leadership, repositories
from odmd.bootstrap.settings import Settings
from odmd.control.desk import Desk
from odmd.control.effects import Effect, MirrorProduct, effects_of
from odmd.control.leader import Leader, Listener
from odmd.control.messages import Head, StartChange
from odmd.control.perform import Performer
from odmd.control.ports import Engine, Logged, Store
from odmd.control.setup import Limits, Setup
from odmd.control.state import Run, State
from odmd.errors import LeadershipLost, ToolMissing
from odmd.graph import Compiled
from odmd.plan import Plan
from odmd.store.plans import keep_plan

if TYPE_CHECKING:
    from odmd.engine.dbos_engine import DbosEngine
    from odmd.providers.aws import Sessions

_MIRROR_PATIENCE_SECONDS = 15.0
_RETIREMENT_PATIENCE_SECONDS = 20.0
_DAY_SECONDS = 86_400.0


class _OnTheWay:
    """Products whose newest value is not in the parameter store yet."""

    def __init__(self) -> None:
        self._products: set[str] = set()

    def __len__(self) -> int:
        return len(self._products)

    def listen(self, entry: Logged, _state: State) -> None:
        """A value was published."""
        self._products.update(effect.product for effect in effects_of(entry.event) if isinstance(effect, MirrorProduct))

    def arrived(self, effect: Effect) -> None:
        """An effect was carried out."""
        if isinstance(effect, MirrorProduct):
            self._products.discard(effect.product)


@dataclass(slots=True)
class ControlPlane:
    """What a command does with the embedded control plane while it leads."""

    leader: Leader
    store: Store
    on_the_way: _OnTheWay
    parts: _Parts

    @property
    def state(self) -> State:
        return self.leader.state

    def interrupted(self) -> Sequence[Run]:
        """Runs that an earlier process began and did not end; they are under way again."""
        return tuple(self.state.runs.values())

    def apply(self, plan: Plan, by: str, cause: str) -> bool:
        """Starts to carry out a plan; False when there is nothing to do."""
        keep_plan(self.store, plan)
        return bool(self.leader.ask(start_change(plan, by, cause)))

    def use(self, compiled: Compiled) -> None:
        """Puts other contracts in force.

        Raises:
            Exception: whatever stopped the leader.
        """
        self.parts.desk.kinds, self.parts.performer.graph = compiled.kinds, compiled.graph
        self.leader.use(compiled.graph)

    def wait_for_runs(self) -> None:
        """Until no run is under way."""
        self.leader.wait_until(lambda state: not state.runs)

    def wait(self) -> bool:
        """Until nothing is under way: no run, no retirement. False when a retirement takes unreasonably long."""
        self.wait_for_runs()
        return self.leader.wait_until(State.quiet, self.leader.setup.grace + _RETIREMENT_PATIENCE_SECONDS)

    def wait_for_mirror(self) -> int:
        """Until published values stand in the parameter store; returns how many still do not after some patience."""
        deadline = time.monotonic() + _MIRROR_PATIENCE_SECONDS
        while self.on_the_way and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(self.on_the_way)


def start_change(plan: Plan, by: str, cause: str) -> StartChange:
    """The message that carries out a plan."""
    # What is promoted follows when the one it takes over from has been deployed.
    steps = [step for step in plan.steps() if step.certain and not step.source]
    return StartChange(
        cause=cause,
        by=by,
        plan=plan.digest(),
        heads=tuple(Head(step.enver, step.commit, step.contracts) for step in steps),
        retry=tuple(step.enver for step in steps),
        moved=tuple(step.enver for step in steps),
        remove=() if plan.targets else tuple(removal.enver for removal in plan.removals),
    )


def _nothing(_state: State) -> None:
    pass


@contextmanager
def control_plane(
    settings: Settings,
    compiled: Compiled,
    listeners: Sequence[Listener],
    report: Report,
    begin: Callable[[State], None] = _nothing,
) -> Generator[ControlPlane]:
    """Leads the state folder's control plane while inside; takes up what an earlier process left.

    `begin` is shown the state before anything is decided.

    Raises:
        ToolMissing: what deploying needs is not installed.
        StateInUse, StateUnreadable
    """
    with leadership(settings).lead() as term:
        parts = _assemble(settings, compiled, listeners, report, term.epoch)
        term.when_lost(parts.lost)
        begin(parts.leader.state)
        parts.start()
        try:
            yield ControlPlane(parts.leader, parts.store, parts.on_the_way, parts)
        except KeyboardInterrupt:
            raise  # whoever interrupts wants to leave now; what is under way is taken up again, as after kill -9
        except BaseException:
            parts.stop()
            raise
        parts.stop()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What decides, carries out and deploys, in the order in which it starts."""

    leader: Leader
    engine: Engine
    worker: Worker
    store: Store
    desk: Desk
    performer: Performer
    on_the_way: _OnTheWay

    def start(self) -> None:
        self.leader.start()
        self.engine.start(self._perform)
        for run in tuple(self.leader.state.runs):
            self.worker.dispatch(run)

    def lost(self) -> None:
        """Another process may lead now: what this one decides would not be committed."""
        self.leader.give_up(LeadershipLost("this process could not renew its leadership, and stopped deciding"))

    def stop(self) -> None:
        self.worker.stop()
        self.engine.stop()
        self.leader.stop()
        self.store.close()

    def _perform(self, effect: Effect) -> None:
        self.performer.perform(effect)
        self.on_the_way.arrived(effect)


def _assemble(
    settings: Settings, compiled: Compiled, listeners: Sequence[Listener], report: Report, epoch: int
) -> _Parts:
    from odmd.providers.aws import AwsMirror, Sessions
    from odmd.store.sql import SqlStore

    engine, sessions, on_the_way = _engine(settings, epoch), Sessions(profiles=settings.profiles), _OnTheWay()
    store = SqlStore(database(settings), engine.outbox)
    if settings.keep:
        engine.each_hour(lambda: store.prune(time.time() - settings.keep * _DAY_SECONDS))
    setup = Setup(compiled.graph, Limits(settings.runs_at_once), settings.retire_after)
    leader = Leader(store, setup, (on_the_way.listen, *listeners), epoch)
    tools, worker = _tools(settings, sessions), Worker(settings.runs_at_once, leader.give_up)
    desk = Desk(leader, store, compiled.kinds)
    worker.start(Agent(f"embedded-{os.getpid()}", desk, tools, settings.state / "runs", report))
    remover = Remover(tools.cloud, tools.artifacts)
    performer = Performer(
        compiled.graph, store, AwsMirror(sessions), tools.handovers, worker.dispatch, remover.remove, leader.tell
    )
    return _Parts(leader, engine, worker, store, desk, performer, on_the_way)


def _engine(settings: Settings, epoch: int) -> DbosEngine:
    try:
        from odmd.engine.dbos_engine import DbosEngine
    except ImportError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and deploying needs it", next_step="pip install 'ondemandenv[apply]'"
        ) from missing
    return DbosEngine(database(settings), epoch=epoch)


def _tools(settings: Settings, sessions: Sessions) -> Tools:
    from odmd.providers.aws import AwsCloud, AwsHandovers, CdkSynthesiser
    from odmd.store.artifacts import FileArtifacts

    return Tools(
        repositories=repositories(settings),
        synthesiser=CdkSynthesiser(),
        cloud=AwsCloud(sessions),
        handovers=AwsHandovers(sessions),
        artifacts=FileArtifacts(settings.state / "artifacts"),
    )
