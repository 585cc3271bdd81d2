"""Leads whenever nobody else does, for as long as the process serves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from odmd.bootstrap.comparing import history
from odmd.bootstrap.embedded import LedHere, control_plane
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, leadership
from odmd.bootstrap.uncommitted import uncommitted
from odmd.control.access.tokens import Tokens
from odmd.control.leading.leader import Leader
from odmd.control.ports.subscribers import Subscriber
from odmd.control.reading.records import Records
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.values import ValueRef
from odmd.errors import FailedForNow, NotLeading, OdmdError
from odmd.graph import Compiled, Graph
from odmd.plan import Plan
from odmd.server.deploying import Deploying
from odmd.server.looking import Looking
from odmd.server.metrics import Metrics
from odmd.server.service import Service
from odmd.server.stream import Feed
from odmd.store.run_log import SqlRunLog
from odmd.store.where import Postgres

LOGGER: Final = logging.getLogger("odmd.server")
_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2


class Leading:
    """Stands for election, leads until the term is lost or it is told to stop, and stands again.

    On one machine, where a file says who leads, another leader is a mistake; on Postgres it is what to wait for.
    """

    def __init__(
        self,
        settings: Settings,
        compiled: Compiled,
        feed: Feed,
        tokens: Tokens,
        metrics: Metrics,
        subscribers: Sequence[Subscriber],
        say: Callable[[str], None],
    ) -> None:
        self._settings, self._compiled, self._feed, self._tokens = settings, compiled, feed, tokens
        self._metrics, self._subscribers, self._say = metrics, (metrics, *subscribers), say
        self._uncommitted = uncommitted(settings, compiled)
        self._service: Service | None = None
        self._deploying: Deploying | None = None
        self._stopping = threading.Event()
        self._known = threading.Event()
        self._thread = threading.Thread(target=self._stand, name="leading")
        self._told = ""
        self.at_first = ""
        """Why it did not lead when it started, if it did not."""
        self.failed: OdmdError | None = None
        """What makes leading impossible for this process."""

    def start(self) -> None:
        """Begins; returns when it leads, waits for another leader, or failed."""
        self._thread.start()
        self._known.wait()

    def stop(self) -> None:
        """Ends the term in good order."""
        self._stopping.set()
        self._thread.join()

    def service(self) -> Service:
        """The control plane, while this process leads.

        Raises:
            NotLeading: another one does, or one is being elected.
        """
        service = self._service
        if service is None or service.control.leader.broken is not None:
            raise NotLeading("this server does not lead now", next_step="ask the one that does, or again in a moment")
        return service

    @property
    def graph(self) -> Graph | None:
        """The contracts in force; None while this process does not lead."""
        service = self._service
        return service.compiled.graph if service else None

    def pushed(self, repo: str) -> None:
        """Something moved in a repository.

        Raises:
            NotLeading: whoever leads will see it when it is time.
        """
        self.service()
        if (deploying := self._deploying) is not None:
            deploying.pushed(repo)

    def _stand(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._lead()
                except FailedForNow as trouble:
                    self._tell(f"does not lead: {trouble.fact}")
                    self._stopping.wait(_AGAIN_SECONDS)
        except OdmdError as wrong:
            if not self._stopping.is_set():
                self.failed = wrong
        except Exception:
            LOGGER.exception("odmd itself is at fault")
            self.failed = OdmdError("odmd itself is at fault", next_step="its log says how")
        finally:
            self._known.set()

    def _lead(self) -> None:
        """One term."""
        waits = self._stopping if isinstance(database(self._settings), Postgres) else None
        if waits and (other := leadership(self._settings).leader()):
            self._tell(f"waits, as {other} leads")
        with control_plane(self._settings, self._compiled, (), None, waits, subscribers=self._subscribers) as control:
            self._service = service = self._served(control)
            try:
                self._metrics.leads(control.leader, control.subscribers)
                self._tell("")
                self._deploying = _deploying(service, self._settings.poll)
                with self._deploying.running(), _looking(service):
                    while not (self._stopping.wait(_LOOK_SECONDS) or control.leader.broken):
                        pass
            finally:
                self._metrics.follows()
                self._service = self._deploying = None
                self._compiled, self._uncommitted = service.compiled, service.uncommitted
        if (broken := control.leader.broken) is not None:
            raise broken

    def _tell(self, why_not: str) -> None:
        """Whether it leads; the first time to who started it, who has something to say before."""
        if not self._known.is_set():
            self.at_first = why_not
            self._known.set()
        elif why_not != self._told:
            self._say(why_not or f"leads {self._compiled.graph.organisation}")
        self._told = why_not

    def _served(self, control: LedHere) -> Service:
        leader = control.leader
        records = Records(
            control.store,
            lambda: leader.broken is None,
            lambda: leader.setup.wirings[leader.setup.contracts],
            lambda refs: users_of(leader, refs),
            SqlRunLog(control.store.database),
        )
        sources = repositories(self._settings)
        return Service(
            self._settings,
            self._compiled,
            control,
            records,
            self._feed,
            self._tokens,
            sources,
            history(self._settings),
            self._uncommitted,
        )


def _looking(service: Service) -> AbstractContextManager[None]:
    """Where the settings say how old a look may get."""
    said = service.settings.drift
    if not said.every:
        return nullcontext()
    return Looking(lambda: service.drift_look(ODMD), said.every, resources=said.resources).running()


def _deploying(service: Service, poll: float) -> Deploying:
    deployment = service.continuous_deployment()

    def go_on(repos: Collection[str] | None) -> Plan | None:
        return deployment.go_on(repos) if service.compiled.graph.governed.continuous else None

    return Deploying(go_on, poll)


def users_of(leader: Leader, refs: Sequence[ValueRef]) -> Mapping[ValueRef, Sequence[str]]:
    """Who runs, or may run, with each of these values.

    Raises:
        Exception: whatever stopped the leader.
    """
    found = leader.look(lambda state: {ref: tuple(state.leased.get(ref, ())) for ref in refs})
    return {ref: sorted(users) for ref, users in found.items()}
