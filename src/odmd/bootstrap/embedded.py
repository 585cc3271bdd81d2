"""The control plane in one process: leader, engine, an eye on workers, and a worker of its own where one is wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from odmd.agent import Report, Tools
from odmd.agent.mask import Mask
from odmd.bootstrap.planning import database, leadership
from odmd.bootstrap.procedures import agents_tools, removers
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.workers import RunningWorker, own_worker, watched
from odmd.control.leading.bell import Bell
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.leader import Leader, Listener
from odmd.control.leading.perform import Performer
from odmd.control.ports.log import Logged
from odmd.control.reading.troubles import Trouble, Troubles
from odmd.control.running.saying import WAITS
from odmd.control.scheduler.effects import Effect, MirrorProduct, effects_of
from odmd.control.scheduler.events import RunLost, RunStarted
from odmd.control.scheduler.messages import ReportDrift
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.setup import Setup, limited
from odmd.control.scheduler.start import start_change
from odmd.control.scheduler.state import State
from odmd.engine.lazy import LazyEngine
from odmd.errors import LeadershipLost, ToolMissing
from odmd.graph import Compiled
from odmd.model import naming
from odmd.plan import Plan
from odmd.store.artifacts import SqlArtifacts
from odmd.store.graphs import in_force
from odmd.store.notices import heard
from odmd.store.plans import keep_plan
from odmd.store.sql import SqlStore

if TYPE_CHECKING:
    from odmd.engine.dbos_engine import DbosEngine

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
    store: SqlStore
    on_the_way: _OnTheWay
    parts: _Parts

    @property
    def state(self) -> State:
        return self.leader.state

    def interrupted(self) -> Sequence[Run]:
        """Runs that an earlier process began and did not end; they are under way again."""
        return tuple(self.state.runs.values())

    def apply(self, plan: Plan, compiled: Compiled, by: str, cause: str, gone: Mapping[str, str] | None = None) -> None:
        """Puts the contracts in force that a plan was made for, and carries it out: it and nothing else begins.

        Args:
            gone: envers that lost a stack, and what of it.

        Raises:
            Exception: whatever stopped the leader.
        """
        keep_plan(self.store, plan)
        self.use(compiled)
        if plan.begins():
            self.parts.engine.soon()
            for enver, what in (gone or {}).items():
                if any(step.enver == enver and step.certain for step in plan.steps()):
                    self.leader.ask(ReportDrift(enver, what, by))
            self.leader.ask(start_change(plan, by, cause, instead=True))
        self.leader.go_on()

    def use(self, compiled: Compiled) -> None:
        """Puts other contracts in force.

        Raises:
            Exception: whatever stopped the leader.
        """
        self.parts.desk.compiled, self.parts.performer.graph = compiled, compiled.graph
        self.leader.use(compiled.graph)

    def wait_for_runs(self) -> None:
        """Until no run is under way."""
        self.leader.wait_until(lambda state: not state.runs)

    def wait(self, say: Callable[[str], None] = lambda _line: None) -> bool:
        """Until nothing is under way: no run, no removal, however long that takes, and no retirement.

        False when a retirement takes unreasonably long, or when AWS does not let a removal go on now. `say` is told,
        again and again, what removals wait for."""
        self.wait_for_runs()
        self.leader.wait_until(lambda state: not state.removing() or self._is_stuck(state, say))
        return self.leader.wait_until(State.quiet, self.leader.setup.grace + _RETIREMENT_PATIENCE_SECONDS)

    def _is_stuck(self, state: State, say: Callable[[str], None]) -> bool:
        """Whether AWS does not let a removal go on now, so that it is tried again, and need not be waited for."""
        found = [one for one in self.troubles() if one.enver in state.leaving or one.enver in state.clearing]
        for one in found:
            say(f"{naming.enver_label(one.enver)}: {one}")
        return not all(one.why.startswith(WAITS) for one in found)

    def troubles(self) -> Sequence[Trouble]:
        """What could not be done in the world so far."""
        return self.parts.troubles.now()

    def wait_for_mirror(self) -> int:
        """Until published values stand in the parameter store; returns how many still do not after some patience."""
        deadline = time.monotonic() + _MIRROR_PATIENCE_SECONDS
        while self.on_the_way and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(self.on_the_way)


def _nothing(_state: State) -> None:
    pass


@contextmanager
def control_plane(
    settings: Settings,
    compiled: Compiled,
    listeners: Sequence[Listener],
    report: Report | None,
    begin: Callable[[State], None] = _nothing,
    stop_waiting: threading.Event | None = None,
    *,
    until_confirmed: bool = False,
) -> Generator[ControlPlane]:
    """Leads the state folder's control plane while inside; takes up what an earlier process left.

    `report` is told what the runs that this process carries out say; without it, only other processes carry out runs.
    `begin` is shown the state before anything is decided. With `stop_waiting`, waits for another leader to end. With
    `until_confirmed`, the contracts that are recorded stay in force, and no run begins, until a plan is applied.

    Raises:
        ToolMissing: what deploying needs is not installed.
        StateInUse, StateUnreadable
    """
    with leadership(settings).lead(stop_waiting) as term:
        parts = _assemble(
            settings, compiled, listeners, term.epoch, in_a_hurry=report is not None, held=until_confirmed
        )
        if report is not None:
            parts.worker = own_worker(
                settings, parts.store, parts.desk, parts.tools, report, parts.bell, parts.leader.give_up
            )
        try:
            begin(parts.leader.state)
            parts.start()
            term.when_lost(parts.lost)
            woken = heard(database(settings), "odmd_inbox", parts.leader.wake)
            with woken, watched(parts.leader, parts.store, parts.worker, settings.worker_patience):
                yield ControlPlane(parts.leader, parts.store, parts.on_the_way, parts)
        except KeyboardInterrupt:
            raise  # whoever interrupts wants to leave now; what is under way is taken up again, as after kill -9
        except BaseException:
            parts.stop()
            raise
        parts.stop()


@dataclass(slots=True)
class _Parts:
    """What decides, carries out and deploys, in the order in which it starts."""

    leader: Leader
    engine: LazyEngine
    store: SqlStore
    tools: Tools
    desk: StoreDesk
    performer: Performer
    troubles: Troubles
    on_the_way: _OnTheWay
    bell: Bell
    """Rings when a run waits."""
    worker: RunningWorker | None = None

    def start(self) -> None:
        self.leader.start()
        self.engine.start(self._perform)
        if not self.leader.setup.held:  # it stays, and tidies up each hour
            self.engine.ready()
        if self.worker is not None:
            self.worker.start()

    def lost(self) -> None:
        """Another process may lead now: what this one decides would not be committed."""
        self.leader.give_up(LeadershipLost("this process could not renew its leadership, and stopped deciding"))

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop()
        self.engine.stop()
        self.leader.stop()
        self.store.close()

    def _perform(self, effect: Effect) -> None:
        with self.troubles.watching(effect):
            self.performer.perform(effect)
        self.on_the_way.arrived(effect)


def _assemble(
    settings: Settings,
    compiled: Compiled,
    listeners: Sequence[Listener],
    epoch: int,
    *,
    in_a_hurry: bool,
    held: bool,
) -> _Parts:
    from odmd.providers.aws import AwsMirror, Sessions

    def make() -> DbosEngine:
        made = durable_engine(settings, epoch, in_a_hurry=in_a_hurry)
        if settings.keep:
            made.each_hour(lambda: store.prune(time.time() - settings.keep * _DAY_SECONDS))
        return made

    _refuse_without_dbos()
    engine, sessions, on_the_way, bell = (
        LazyEngine(database(settings), make),
        Sessions(profiles=settings.profiles),
        _OnTheWay(),
        Bell(),
    )
    store = SqlStore(database(settings), engine.outbox, engine.ready)
    compiled = in_force(store, compiled) if held else compiled
    limits = limited(settings.runs_at_once, settings.limits)
    setup = Setup(compiled.graph, limits, settings.retire_after, attempts=settings.app_limits.attempts, held=held)

    def listen(entry: Logged, _state: State) -> None:
        if isinstance(entry.event, (RunStarted, RunLost)):
            bell.ring()

    leader = Leader(store, setup, (on_the_way.listen, listen, *listeners), epoch)
    tools = agents_tools(settings, SqlArtifacts(store.database), sessions)
    troubles = Troubles(store, discreet=Mask())
    remover = removers(settings, sessions, store, tools.artifacts, compiled, troubles)
    performer = Performer(
        compiled.graph, store, AwsMirror(sessions), tools.handovers, remover.remove, remover.clear, leader.tell
    )
    desk = StoreDesk(leader.ask, store, compiled)
    return _Parts(leader, engine, store, tools, desk, performer, troubles, on_the_way, bell)


def durable_engine(settings: Settings, epoch: int, *, in_a_hurry: bool) -> DbosEngine:
    """Carries out effects from the database of the settings.

    Raises:
        ToolMissing
    """
    _refuse_without_dbos()
    from odmd.engine.dbos_engine import POLL_SECONDS, SLOW_POLL_SECONDS, DbosEngine

    poll = POLL_SECONDS if in_a_hurry else SLOW_POLL_SECONDS
    return DbosEngine(database(settings), epoch=epoch, poll=poll)


def _refuse_without_dbos() -> None:
    """Before anything begins; it is imported when there is something to carry out."""
    if find_spec("dbos") is None:
        raise ToolMissing("dbos is not installed, and deploying needs it", next_step="pip install 'ondemandenv[apply]'")
