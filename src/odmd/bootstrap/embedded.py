"""The control plane in one process: leader, engine, an eye on workers, and a worker of its own where one is wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

from odmd.agent import RunListener, Tools
from odmd.agent.mask import Mask
from odmd.bootstrap.auditing import anchoring
from odmd.bootstrap.private import vault
from odmd.bootstrap.procedures import agents_tools, handovers, removers
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, leadership
from odmd.bootstrap.workers import RunningWorker, own_worker, watched
from odmd.control.leading.bell import Bell
from odmd.control.leading.control_plane import ControlPlane, OnTheWay
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.documents import keep_what_is_said
from odmd.control.leading.editions import in_force
from odmd.control.leading.leader import Leader, Listener
from odmd.control.leading.perform import Performer
from odmd.control.leading.state_id import state_id
from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.jobs import Jobs
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Subscriber
from odmd.control.reading.objectives import keep_expected
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.clones import with_kept
from odmd.control.scheduler.effects import Effect
from odmd.control.scheduler.events import RunLost, RunStarted
from odmd.control.scheduler.limits import limited
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.engine.lazy import LazyEngine
from odmd.errors import LeadershipLost, ToolMissing
from odmd.graph import Compiled
from odmd.store.artifacts import SqlArtifacts
from odmd.store.notices import heard
from odmd.store.sql import SqlStore
from odmd.store.subscriptions import SqlSubscriptions

if TYPE_CHECKING:
    from odmd.engine.dbos_engine import DbosEngine

_DAY_SECONDS = 86_400.0
LedHere: TypeAlias = ControlPlane[SqlStore]
"""The control plane that this process leads."""


@contextmanager
def control_plane(
    settings: Settings,
    compiled: Compiled,
    listeners: Sequence[Listener],
    report: RunListener | None,
    stop_waiting: threading.Event | None = None,
    *,
    subscribers: Sequence[Subscriber] = (),
    until_confirmed: bool = False,
    jobs: Jobs | None = None,
) -> Generator[LedHere]:
    """Leads the state folder's control plane while inside; takes up what an earlier process left.

    `report` is told what the runs that this process carries out say; without it, only other processes carry out runs.
    `subscribers` follow the log meanwhile. With `stop_waiting`, waits for another leader to end. With
    `until_confirmed`, the contracts that are recorded stay in force, and no run begins, until a plan is applied. `jobs`
    starts those that carry out runs of builds that run on GitHub Actions; without it, workers take these, too.

    Raises:
        ToolMissing: what deploying needs is not installed.
        StateInUse, StateUnreadable
    """
    with leadership(settings).lead(stop_waiting) as term:
        parts = _assemble(
            settings,
            compiled,
            listeners,
            subscribers,
            term.epoch,
            jobs,
            in_a_hurry=report is not None,
            held=until_confirmed,
        )
        if report is not None:
            parts.worker = own_worker(
                settings, parts.store, parts.desk, parts.tools, report, parts.bell, parts.leader.give_up
            )
        try:
            parts.start()
            term.when_lost(parts.lost)
            woken = heard(database(settings), "odmd_inbox", parts.leader.wake)
            with woken, watched(parts.leader, parts.store, parts.worker, settings.worker_patience):
                yield parts.control_plane()
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
    on_the_way: OnTheWay
    subscribers: Subscribers
    bell: Bell
    """Rings when a run waits."""
    worker: RunningWorker | None = None

    def start(self) -> None:
        self.subscribers.start()
        self.leader.start()
        self.engine.start(self._perform)
        if not self.leader.setup.held:  # it stays, and tidies up each hour
            self.engine.ready()
        if self.worker is not None:
            self.worker.start()

    def control_plane(self) -> LedHere:
        """What is done with them."""
        return ControlPlane(
            self.leader,
            self.store,
            self.on_the_way,
            self.desk,
            self.performer,
            self.troubles,
            self.subscribers,
            self.engine.soon,
        )

    def lost(self) -> None:
        """Another process may lead now: what this one decides would not be committed."""
        self.leader.give_up(LeadershipLost("this process could not renew its leadership, and stopped deciding"))

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop()
        self.engine.stop()
        self.leader.stop()
        self.subscribers.stop()
        self.store.close()

    def _perform(self, effect: Effect) -> None:
        with self.troubles.watching(effect):
            self.performer.perform(effect)
        self.on_the_way.arrived(effect)


def _assemble(
    settings: Settings,
    compiled: Compiled,
    listeners: Sequence[Listener],
    subscribers: Sequence[Subscriber],
    epoch: int,
    jobs: Jobs | None,
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
        Sessions(profiles=settings.profiles, roles=settings.roles.use),
        OnTheWay(),
        Bell(),
    )
    store = SqlStore(database(settings), engine.outbox, engine.ready)
    compiled = with_kept(compiled, store.clones(), time.time())
    if held:
        compiled = in_force(store, compiled)
    else:
        keep_what_is_said(store, compiled)
        keep_expected(store, compiled.graph)
    limits = limited(settings.runs_at_once, settings.limits)
    setup = Setup(
        compiled.graph,
        limits,
        settings.retire_after,
        attempts=settings.app_limits.attempts,
        claimed_within=settings.actions.claimed_within if settings.actions and jobs else None,
        held=held,
    )

    def listen(entry: Logged, _state: State) -> None:
        if isinstance(entry.event, (RunStarted, RunLost)):
            bell.ring()

    mask = Mask()
    followed_by = (*subscribers, *anchoring(settings, store))
    following = Subscribers(store, SqlSubscriptions(store.database), followed_by, mask)
    leader = Leader(store, setup, (on_the_way.listen, listen, following.listen, *listeners), epoch)
    tools = agents_tools(settings, SqlArtifacts(store.database), sessions)
    troubles = Troubles(store, discreet=mask)
    remover = removers(settings, sessions, store, tools.artifacts, compiled, troubles)
    retiring = handovers(tools, sessions, state_id(store))
    performer = Performer(
        compiled.graph, store, AwsMirror(sessions), retiring, remover.remove, remover.clear, leader.tell, jobs=jobs
    )
    desk = StoreDesk(leader.ask, store, compiled, sealed=vault(settings, store).sealed)
    return _Parts(leader, engine, store, tools, desk, performer, troubles, on_the_way, following, bell)


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
