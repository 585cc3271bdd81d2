"""Leads whenever nobody else does, for as long as the process serves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Final

from odmd.bootstrap.comparing import history
from odmd.bootstrap.embedded import LedHere, control_plane
from odmd.bootstrap.github import Hosted
from odmd.bootstrap.merged import MergedContracts
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, leadership
from odmd.bootstrap.uncommitted import uncommitted
from odmd.control.access.tokens import Tokens
from odmd.control.leading.leader import Leader
from odmd.control.leading.merging import MergedInForce
from odmd.control.leading.pulls.look import OfClones, PullRef, Where
from odmd.control.ports.hosts import Hint
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Subscriber
from odmd.control.reading.records import Records
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.events import ClonesEnded, DriftSeen, RunFailed, RunSucceeded
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import ValueRef
from odmd.errors import FailedForNow, NotLeading, OdmdError
from odmd.graph import Compiled, Graph
from odmd.plan.words import short
from odmd.server.hearing import Hearing, Look
from odmd.server.looking import Looking
from odmd.server.lookout import Lookout
from odmd.server.metrics import Metrics
from odmd.server.pulls import ServiceDesk
from odmd.server.service import Service
from odmd.server.stream import Feed
from odmd.store.artifacts import SqlArtifacts
from odmd.store.deliveries import SqlDeliveries
from odmd.store.run_log import SqlRunLog
from odmd.store.where import Postgres

LOGGER: Final = logging.getLogger("odmd.server")
_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2
_PULLS_SECONDS: Final = 300.0
"""After which it is looked at all pull requests, where each one that moves is told of."""
_CLONES_SECONDS: Final = 60.0
"""After which it is looked for clones whose time is over."""


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
        host: Hosted | None,
        merged: MergedContracts | None,
        say: Callable[[str], None],
    ) -> None:
        self._settings, self._compiled, self._feed, self._tokens = settings, compiled, feed, tokens
        self._metrics, self._subscribers, self._say = metrics, (metrics, *subscribers), say
        self._host = host
        self._uncommitted = uncommitted(settings, compiled)
        self._merged = merged
        self._service: Service | None = None
        self._hearing: Hearing | None = None
        self._clones: Lookout[str] | None = None
        self._pulls: Lookout[Where] | None = None
        self._reverting: Lookout[str] | None = None
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

    def arrived(self) -> None:
        """A webhook came; if another one leads, he looks for it."""
        if (hearing := self._hearing) is not None:
            hearing.arrived()

    def _heard(self, entry: Logged, state: State) -> None:
        """Clones whose time is over go; what drifted is brought back; pull requests say how their clones are."""
        clones, pulls, reverting = self._clones, self._pulls, self._reverting
        match entry.event:
            case ClonesEnded(clones=ended) if clones is not None:
                clones.said(ended)
            case RunSucceeded(enver=enver) | RunFailed(enver=enver) if pulls is not None:
                if (first := state.clones_of.get(enver)) is not None:
                    pulls.said(OfClones(first))
            case DriftSeen(enver=enver) if reverting is not None:
                reverting.said(enver)
            case _:
                pass

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
        listening, followed_by = (self._heard,), self._subscribers
        jobs = self._host.jobs() if self._host else None
        self._take_merged()
        with control_plane(
            self._settings, self._compiled, listening, None, waits, subscribers=followed_by, jobs=jobs
        ) as control:
            self._service = service = self._served(control)
            try:
                self._metrics.leads(control.leader, control.subscribers)
                self._tell("")
                mirror = self._host.merges() if self._host else None
                deploying = _deploying(service, self._settings.poll, service.merging(mirror))
                reviewing = self._reviewing(service)
                self._pulls = pulls = self._pulls_of(service)
                look = looking(deploying, reviewing, pulls, self._host)
                self._hearing = hearing = Hearing(SqlDeliveries(control.store.database), look)
                self._clones, self._reverting = clones, reverting = _clones(service), _reverting(service)
                rest = [one.running() for one in (deploying, clones, reverting, reviewing, pulls) if one]
                with _all(rest), _drift(service), hearing.running():
                    while not (self._stopping.wait(_LOOK_SECONDS) or control.leader.broken):
                        pass
            finally:
                self._metrics.follows()
                self._service = self._hearing = self._clones = self._reverting = self._pulls = None
                self._compiled, self._uncommitted = service.compiled, service.uncommitted
        if (broken := control.leader.broken) is not None:
            raise broken

    def _reviewing(self, service: Service) -> Lookout[int] | None:
        """Of pull requests on the contracts, where these are at a host."""
        if self._host is None:
            return None

        def in_force() -> str:
            return service.compiled.graph.digest()

        made = self._host.reviewing(service.plan_with, in_force, service.sources)
        return Lookout("pull requests", made.look, self._settings.poll) if made else None

    def _pulls_of(self, service: Service) -> Lookout[Where] | None:
        """Of pull requests on services, at a host."""
        if self._host is None:
            return None
        poll = self._settings.poll
        every = max(poll, _PULLS_SECONDS) if poll and self._host.app.hears else poll
        return Lookout("pull requests on services", self._host.pulls(ServiceDesk(service)).look, every)

    def _take_merged(self) -> None:
        """A term begins with what was merged last, whoever led then, where contracts come from their branch."""
        if self._merged is not None and (compiled := self._merged.in_force()) is not None:
            self._compiled, self._uncommitted = compiled, ()

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
            SqlArtifacts(control.store.database).report,
        )
        sources = repositories(self._settings)
        return Service(
            self._settings,
            control,
            records,
            self._feed,
            self._tokens,
            sources,
            history(self._settings),
            self._uncommitted,
            merged=self._merged,
        )


@contextmanager
def _all(running: Sequence[AbstractContextManager[None]]) -> Generator[None]:
    """Inside of each."""
    with ExitStack() as stack:
        for one in running:
            stack.enter_context(one)
        yield


def _drift(service: Service) -> AbstractContextManager[None]:
    """Where the settings say how old a look may get."""
    said = service.settings.drift
    if not said.every:
        return nullcontext()
    return Looking(lambda: service.drift_look(ODMD), said.every, resources=said.resources).running()


def _deploying(service: Service, poll: float, merging: MergedInForce | None) -> Lookout[str]:
    deployment = service.continuous_deployment()

    def merged(repos: Collection[str] | None) -> FailedForNow | None:
        """Contracts first; a repository of theirs that is away keeps no push waiting."""
        if merging is not None and (repos is None or merging.branch.repository in repos):
            try:
                merging.go_on()
            except FailedForNow as trouble:
                return trouble
        return None

    def go_on(repos: Collection[str] | None) -> None:
        trouble, graph = merged(repos), service.compiled.graph
        if (graph.governed.continuous or graph.clones) and (plan := deployment.go_on(repos)):
            digest = short(plan.digest().removeprefix("sha256:"))
            LOGGER.info("deploys by itself", extra={"fields": {"plan": digest}})
        if trouble is not None:
            raise trouble

    return Lookout("branches", go_on, poll)


def _clones(service: Service) -> Lookout[str]:
    clones = service.clones_on_demand()
    return Lookout("clones", lambda _: clones.go_on(), _CLONES_SECONDS)


def _reverting(service: Service) -> Lookout[str]:
    """As often as looks are made, and when one finds something new."""
    reverting = service.drift_reverting()

    def go_on(_envers: Collection[str] | None) -> None:
        if service.compiled.graph.governed.reverting and (plan := reverting.go_on()):
            LOGGER.info("brings back", extra={"fields": {"plan": short(plan.digest().removeprefix("sha256:"))}})

    return Lookout("what drifted", go_on, service.settings.drift.every)


def looking(
    deploying: Lookout[str],
    reviewing: Lookout[int] | None = None,
    pulls: Lookout[Where] | None = None,
    host: Hosted | None = None,
) -> Look:
    """Goes where webhooks point: to branches that may have moved, and to pull requests on the contracts and on
    services."""

    def look(hints: Collection[Hint]) -> None:
        names: Mapping[int, str] = host.places.names() if host else {}
        for one in hints:
            repository = names.get(one.id, one.repository) if one.id is not None else one.repository
            if one.pull_request is None:
                deploying.said(repository)
            elif host and host.has_contracts_in(repository):
                if reviewing:
                    reviewing.said(one.pull_request)
            elif pulls:
                pulls.said(PullRef(repository, one.pull_request))

    return look


def users_of(leader: Leader, refs: Sequence[ValueRef]) -> Mapping[ValueRef, Sequence[str]]:
    """Who runs, or may run, with each of these values.

    Raises:
        Exception: whatever stopped the leader.
    """
    found = leader.look(lambda state: {ref: tuple(state.leased.get(ref, ())) for ref in refs})
    return {ref: sorted(users) for ref, users in found.items()}
