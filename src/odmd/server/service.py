"""What the routes ask of the control plane, in one object."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
import zlib
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import anyio

from odmd.bootstrap.comparing import comparer
from odmd.bootstrap.contracts import load_contracts_again
from odmd.bootstrap.costing import cost_reader
from odmd.bootstrap.drift import drift_look
from odmd.bootstrap.embedded import LedHere
from odmd.bootstrap.gone import notes_of_gone
from odmd.bootstrap.merged import MergedContracts
from odmd.bootstrap.planner import plan_beside
from odmd.bootstrap.preflight import preflight_of
from odmd.bootstrap.private import settings_of, vault
from odmd.bootstrap.procedures import inventories
from odmd.bootstrap.secret_desk import desk_on
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.uncommitted import uncommitted
from odmd.control.access.tokens import Tokens
from odmd.control.leading.clone_plans import meant, meant_by, seen_as
from odmd.control.leading.clones import ClonesOnDemand
from odmd.control.leading.comparing import EnverComparer
from odmd.control.leading.config_desk import KeptConfig
from odmd.control.leading.continuous import ContinuousDeployment
from odmd.control.leading.costs import CostReader
from odmd.control.leading.drift import DriftAsked, DriftLook
from odmd.control.leading.holding import held
from odmd.control.leading.in_use import DeployAsked
from odmd.control.leading.merging import MergedInForce
from odmd.control.leading.planner import Planner
from odmd.control.leading.preflight import PreflightAsked
from odmd.control.leading.reverting import DriftReverting
from odmd.control.leading.secret_desk import KeptSecrets
from odmd.control.leading.where import Finder
from odmd.control.leading.wishes import Wish, as_message
from odmd.control.ports.hosts import CommitMirror
from odmd.control.ports.log import Logged
from odmd.control.ports.world import Repositories, SourceHistory
from odmd.control.reading.drift import DriftView
from odmd.control.reading.looks import KeptLooks
from odmd.control.reading.named import suggestion
from odmd.control.reading.preflight import PreflightView
from odmd.control.reading.progress import progress
from odmd.control.reading.records import Records
from odmd.control.reading.seen import SeenReads, Sees
from odmd.control.reading.views import ChangeView
from odmd.control.scheduler.actor import ODMD, Actor
from odmd.control.scheduler.border import raise_refusal
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.may import Action, Subject, may
from odmd.control.scheduler.messages import DropHold, HoldAnswer, Message, StartChange
from odmd.control.scheduler.start import because, refuse_breaking, refuse_uncommitted, start_change
from odmd.errors import (
    CloneRefused,
    EnverUnknown,
    Failed,
    FailedForNow,
    KeyReused,
    NotAllVisible,
    OdmdError,
    ServerBusy,
)
from odmd.graph import Compiled, EnverNode, Graph
from odmd.graph.paused import EVERYTHING, within
from odmd.isolation import Isolation
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.clones import ClonesWish, ended_by, made_by
from odmd.plan.fitting import FitAnswer
from odmd.plan.wiring import Wiring
from odmd.server.stream import Feed

LOGGER: Final = logging.getLogger("odmd.server")
PATIENCE_SECONDS: Final = 30.0
"""For which a request waits for others."""
_PLANS_AT_ONCE: Final = 2
_STRIPES: Final = 64
LEAST_FREE: Final = 32 * 1024 * 1024
"""Bytes on the disk of the state folder, below which no more should come."""
_INFLATING_AT_ONCE: Final = 2
_ASKING_AT_ONCE: Final = 8
"""A fifth of the threads that there are for requests."""


@dataclass(slots=True)
class Service:
    """The control plane that this process leads, as the API serves it."""

    settings: Settings
    control: LedHere
    records: Records
    feed: Feed
    tokens: Tokens
    sources: Repositories
    history: SourceHistory
    uncommitted: tuple[str, ...] = ()
    """Files of the contracts in force that were not as committed when they were loaded."""
    _keys: Sequence[threading.Lock] = field(default_factory=lambda: [threading.Lock() for _ in range(_STRIPES)])
    """Requests with one key wait for each other; others seldom do."""
    _planning: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_PLANS_AT_ONCE))
    inflating: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_INFLATING_AT_ONCE))
    """For what is inflated: others wait, and hold up no thread that small requests need."""
    asking: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(_ASKING_AT_ONCE))
    """For what asks repositories, which may be slow: others wait without a thread."""
    _changing: threading.Lock = field(default_factory=threading.Lock)
    merged: MergedContracts | None = None
    """Where contracts come from that are put in force; None: from the files where the server was started."""
    whole: Service | None = None
    """What this is a part of: as somebody sees it, who does not see all."""

    def seen(self, sees: Sees) -> Service:
        """The same, for somebody who sees these envers only."""
        declared = self.compiled.graph.envers

        def sees_scope(scope: str) -> bool:
            return scope == EVERYTHING or any(map(sees, within(scope, declared.values())))

        store = SeenReads(self.records.store, sees, sees_scope)
        return replace(self, records=replace(self.records, store=store), whole=self)

    def sees(self, enver: str) -> bool:
        """Whether whoever asks sees it."""
        return not isinstance(self.records.store, SeenReads) or self.records.store.sees(enver)

    @property
    def compiled(self) -> Compiled:
        """The contracts in force."""
        return self.control.desk.compiled

    @property
    def graph(self) -> Graph:
        """The contracts in force, as far as whoever asks sees them."""
        whole = self.compiled.graph
        if self.whole is None:
            return whole
        envers = {address: self._node(one) for address, one in whole.envers.items() if self.sees(address)}
        used, seen = ({one.build for one in of_it.values()} for of_it in (whole.envers, envers))
        builds = {name: one for name, one in whole.builds.items() if name in seen or name not in used}
        return replace(whole, envers=envers, builds=builds)

    def _node(self, node: EnverNode) -> EnverNode:
        return replace(node, wires=tuple(wire for wire in node.wires if self.sees(wire.producer)))

    def refuse_unknown(self, typed: Iterable[str]) -> None:
        """Whoever does not see all is told the same of what is hidden as of what there is not.

        Raises:
            EnverUnknown
        """
        if self.whole is None:
            return
        there = self.graph.envers
        for one in typed:
            if naming.enver_address(one, there) not in there and not self.records.store.envers_of(
                naming.enver_addresses(one)
            ):
                known = {node.label for node in there.values()}
                raise EnverUnknown(f"{one} is not in the contracts", next_step=suggestion(one, known))

    def refuse_hidden(self, envers: Iterable[str], what: str) -> None:
        """Raises:
        NotAllVisible: whoever asks does not see all of these.
        """
        if not all(map(self.sees, envers)):
            raise NotAllVisible(
                f"{what} reaches what you may not see",
                next_step="name envers that need, and reach, only what you see; or ask somebody who sees it",
            )

    @property
    def looks(self) -> KeptLooks:
        """What people look at first, as far as whoever asks sees it."""
        return KeptLooks(self.records, self.graph, self.compiled.kinds)

    @property
    def wiring(self) -> Wiring:
        """Of the contracts in force."""
        setup = self.control.leader.setup
        return setup.wirings[setup.contracts]

    def ready(self) -> bool:
        """Whether the database answers, the disk has room, and the leader leads."""
        try:
            self.control.store.position()
            state = self.settings.state  # with Postgres, it may not be there before the first run
            free = shutil.disk_usage(next(one for one in (state, *state.parents) if one.exists())).free
        except (OdmdError, OSError):
            return False
        return free >= LEAST_FREE and self.control.leader.broken is None

    def secrets(self, by: Actor) -> KeptSecrets:
        """What somebody may do with secrets: their stores are asked from here."""
        return desk_on(self.settings, replace(self.compiled, graph=self.graph), self.control.store, by)

    # writes

    def wish(self, wish: Wish, by: Actor, key: str | None) -> Sequence[Logged]:
        """Carries out a wish; what came of it.

        Raises:
            EnverUnknown, TeamUnknown, NothingAsked, OfferMoved, NotTheApprover, PinRefused, KeyReused
            NotAnswered, ServerBusy, StateUnreadable, RepositoryUnreachable, RevisionNotFound
        """
        return self._tell(lambda: as_message(wish, self.records, self.sources, by), by, key, repr(wish))

    def plan(self, limited: Limited, *, refresh: bool) -> Plan:
        """Makes a plan and keeps it.

        Raises:
            EnverUnknown, NotAllVisible, ToolMissing, ServerBusy
        """
        self.refuse_unknown(limited.targets)
        self._note_what_is_gone()
        with self._planner() as planner:
            self._refuse_unknown_clones(limited.clones, planner)
            planning = self._meant(planner, limited)
            plan = planning.make(limited, refresh=refresh)
        about = (*plan.about(), *(plan.clones.touches() if plan.clones else ()))
        self.refuse_hidden((seen_as(planning, one) for one in about), "the plan")
        return plan

    def _refuse_unknown_clones(self, wish: ClonesWish | None, planner: Planner) -> None:
        """Clones are there for who sees their origins."""
        if self.whole is None or wish is None:
            return
        self.refuse_unknown(name for one in made_by(wish) for name in (one.origin, *one.also))
        seen = [one for one in planner.state.clones.values() if all(self.sees(each.origin) for each in one.set.clones)]
        known = {address for one in seen for address in one.set.addresses}
        ended = (one.clone for one in ended_by(wish))
        self.refuse_unknown(one for one in ended if naming.enver_address(one, known) not in known)

    def _meant(self, planner: Planner, limited: Limited) -> Planner:
        """Why clones cannot be made may name what is hidden."""
        try:
            return meant(planner, limited)
        except CloneRefused as refused:
            if self.whole is None:
                raise
            raise NotAllVisible(
                "that cannot be done, for a reason that may name what you do not see",
                next_step="ask somebody who sees all that the clones would use",
            ) from refused

    def plan_with(
        self, compiled: Compiled, sources: Repositories | None = None, limited: Limited | None = None
    ) -> Plan:
        """The plan if these contracts were in force, or these repositories were those; it is not kept.

        Raises:
            ToolMissing, ServerBusy
        """
        with self._turn():
            return plan_beside(self.settings, compiled, sources or self.sources, limited, refresh=sources is not None)

    def continuous_deployment(self) -> ContinuousDeployment:
        """What branches get is carried out, in stages that say so."""
        return ContinuousDeployment(self._planner, self._begin, self.control.failing)

    def drift_reverting(self) -> DriftReverting:
        """What others changed is brought back, in stages that say so."""
        return DriftReverting(self._planner, self._begin, self.control.failing)

    def _begin(self, change: StartChange) -> None:
        raise_refusal([entry.event for entry in self.control.leader.told(change, None, PATIENCE_SECONDS)])

    def clones_on_demand(self) -> ClonesOnDemand:
        """Clones whose time is over go."""
        leader = self.control.leader

        def use() -> None:
            with self._changing:
                self.control.use(self.compiled, ODMD)

        def tell(message: Message) -> None:
            raise_refusal([entry.event for entry in leader.told(message, None, PATIENCE_SECONDS)])

        clones = lambda: self.compiled.graph.clones  # noqa: E731
        return ClonesOnDemand(leader.look, clones, use, self._planner, tell, self.control.failing)

    def can_deploy(self, asked: DeployAsked) -> FitAnswer:
        """Whether something fits what runs beside it.

        Raises:
            EnverUnknown, NotAllVisible, CommitAmbiguous, ServerBusy
        """
        self.refuse_unknown((asked.enver,))
        with self._planner() as planner:
            answer = planner.can_deploy(asked)
        self._refuse_hidden_links(answer)
        return answer

    def hold(self, asked: DeployAsked, by: Actor, until: float) -> FitAnswer:
        """The same; a yes is held.

        Raises:
            EnverUnknown, NotAllVisible, CommitAmbiguous, AnswerHeld, NotAllowed, NotAnswered, ServerBusy
        """
        self.refuse_unknown((asked.enver,))

        def ask() -> tuple[FitAnswer, HoldAnswer | None]:
            with self._planner() as planner:
                answer, message = planner.hold(asked, by, until)
            self._refuse_hidden_links(answer)
            return answer, message

        def tell(message: HoldAnswer) -> Sequence[Event]:
            answer = self.ask(message)
            raise_refusal(answer)
            return answer

        return held(ask, tell)

    def let_go(self, enver: str, by: Actor, why: str, key: str | None) -> Sequence[Logged]:
        """Holds the answer for an enver no longer.

        Raises:
            EnverUnknown, NotAllowed, KeyReused, NotAnswered
        """
        said = f"let go {enver}{f': {why}' if why else ''}"
        return self._tell(lambda: DropHold(self.records.find(enver).address, by, why), by, key, said)

    def preflight(self, asked: PreflightAsked, *, refresh: bool) -> PreflightView:
        """Looks whether all is there that next runs need.

        Raises:
            EnverUnknown, NotAllVisible, ToolMissing, ServerBusy
        """
        self.refuse_unknown((*asked.envers, *asked.limited.targets))
        with self._planner() as planner:
            view = preflight_of(self.settings, planner, self.control.store).look(asked, refresh=refresh)
        self.refuse_hidden(view.envers, "the preflight")
        return view

    def drift(self, asked: DriftAsked, by: Actor) -> DriftView:
        """Looks whether what runs is what was deployed, of what whoever asks sees.

        Raises:
            EnverUnknown
        """
        return self.drift_look(by).look(asked)

    def drift_look(self, by: Actor) -> DriftLook:
        """Looks for somebody, of what he sees."""
        made_of = self.settings, self.records, self.compiled.graph, self.control.store
        return drift_look(*made_of, by, lambda notes: [self.ask(one) for one in notes])

    def _note_what_is_gone(self) -> None:
        """A plan takes nothing to be there that a look at the stacks shows is not, where this server looks at all."""
        if not self.settings.drift.every:
            return
        try:
            for note in notes_of_gone(self.settings, self.control.store.load().envers, ODMD):
                self.ask(note)
        except (FailedForNow, Failed) as trouble:  # the plan says what is known, and a run looks itself
            LOGGER.warning("stacks could not be looked at before a plan: %s %s", trouble.code, trouble.fact)

    def change(
        self, digest: str, by: Actor, why: str, key: str | None, *, allow_dirty: bool, accepted: str = ""
    ) -> Sequence[Logged]:
        """Carries out a plan.

        Raises:
            PlanOutdated, PlanUnusable, NotCommitted, SchemasBroken
            KeyReused, NotAnswered, ServerBusy, StateUnreadable
        """

        def message() -> Message:
            cause = why or "odmd apply"
            with self._planner() as planner:
                planning = meant_by(planner, digest)
                plan = planning.approved(digest)
                refuse_uncommitted(plan, allowed=allow_dirty)
                refuse_breaking(plan, accepted)
                change = start_change(plan, by, because(plan, cause, accepted))
                if plan.clones:
                    with self._changing:
                        self.control.change_clones(plan.clones, planning.graph, change)
                        self.control.use(self.compiled, by)
                planning.carried_out()
            return change

        said = (digest, why, allow_dirty, accepted) if accepted else (digest, why, allow_dirty)
        return self._tell(message, by, key, repr(said))

    def _refuse_hidden_links(self, answer: FitAnswer) -> None:
        ends = (
            naming.enver_address(one, self.compiled.graph.envers)
            for link in answer.links
            for one in (link.writer, link.reader)
        )
        self.refuse_hidden(ends, "the answer")

    def change_view(self, wave: int) -> ChangeView:
        """How far a change has come.

        Raises:
            EnverUnknown: there was no such wave.
        """
        found = self.records.store.wave(wave)
        if found is None:
            raise EnverUnknown(f"there is no wave {wave}", next_step="/api/v1/waves lists what there is")
        unmirrored, wiring = len(self.control.on_the_way), self.wiring
        view = self.control.leader.look(lambda state: progress(state, wiring, found, unmirrored))
        if self.whole is None:
            return view
        failed = {enver: why for enver, why in view.failed.items() if self.sees(enver)}
        held = {enver: why for enver, why in view.held.items() if self.sees(enver)}
        return replace(view, failed=failed, held=held, retiring=min(view.retiring, 1), unmirrored=min(unmirrored, 1))

    def reload(self, by: Actor) -> Compiled:
        """Puts the contracts in force that their branch, or their files, hold now; the last sound ones stay where these
        are refused.

        Raises:
            SettingsInvalid, ContractsNotLoaded, ContractsUnsound
            NotAllowed: their policies are others, and he may not change them.
            RepositoryUnreachable, RevisionNotFound
        """
        if self.merged is not None:
            return self.use_merged(self.merged, (head := self.merged.head()), self.merged.load(head), by)
        with self._changing:
            compiled = load_contracts_again(self.settings, Isolation.REQUIRED)
            self.control.use(compiled, by)
            for one in (self, *((self.whole,) if self.whole else ())):
                one.uncommitted = uncommitted(self.settings, compiled)
            return self.compiled

    def use_merged(self, merged: MergedContracts, commit: str, compiled: Compiled, by: Actor) -> Compiled:
        """Puts contracts of a commit in force; which one is noted before, so that workers find it.

        Raises:
            NotAllowed: their policies are others, and he may not change them.
        """
        with self._changing:
            before = merged.commit
            merged.note(commit)
            try:
                self.control.use(compiled, by)
            except OdmdError:
                merged.note(before)
                raise
            for one in (self, *((self.whole,) if self.whole else ())):
                one.uncommitted = ()
            return self.compiled

    def merging(self, mirror: CommitMirror | None) -> MergedInForce | None:
        """What is merged into the contracts' branch is put in force, where the settings name one."""
        if (merged := self.merged) is None:
            return None

        def use(commit: str, compiled: Compiled) -> None:
            self.use_merged(merged, commit, compiled, ODMD)

        return MergedInForce(merged, lambda: self.compiled, self.plan_with, use, self.control.failing, mirror)

    @contextmanager
    def _planner(self) -> Generator[Planner]:
        with self._turn():
            store = self.control.store
            look = inventories(self.settings, store, self.compiled)
            made_of = self.sources, self.settings.runs_at_once, self.uncommitted
            kept = vault(self.settings, store)
            yield Planner(self.compiled, store.load(), store, *made_of, look=look, vault=kept)

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Plans read many repositories: a few at once."""
        if not self._planning.acquire(timeout=PATIENCE_SECONDS):
            raise ServerBusy("the server makes other plans", next_step="try again in a moment")
        try:
            yield
        finally:
            self._planning.release()

    def config(self, by: Actor) -> KeptConfig:
        """Private config, for somebody."""
        from odmd.graph.difference import edition

        kept = vault(self.settings, self.control.store)
        runs = partial(settings_of, self.control.store)
        return KeptConfig(kept, self.graph, edition(self.compiled).documents, by, runs)

    def comparer(self, by: Actor) -> EnverComparer:
        """Compares what somebody sees."""
        refusal = may(by, Action.READ_RECIPES, Subject("recipes"), self.compiled.graph)
        said = (self.history, lambda: self.config(by), refusal.reason if refusal else "")
        return comparer(self.records, self.control.store.database, *said)

    def cost_reader(self) -> CostReader:
        """Prices what somebody sees."""
        return cost_reader(self.settings, self.records, self.control.store.database)

    def finder(self) -> Finder:
        """Finds what somebody sees."""
        return Finder(self.records, self.history)

    def _tell(self, make: Callable[[], Message], by: Actor, key: str | None, said: str) -> Sequence[Logged]:
        """Tells a message once, however often the same key comes with the same request."""
        answer = self._told(make, by, key, said)
        raise_refusal([entry.event for entry in answer])
        return answer

    def _told(self, make: Callable[[], Message], by: Actor, key: str | None, said: str) -> Sequence[Logged]:
        leader = self.control.leader
        if key is None:
            return leader.told(make(), None, PATIENCE_SECONDS)
        prefix = f"key:{_hash(repr((by.name, key)))}:"
        id = prefix + _hash(said)
        with self._keys[zlib.crc32(prefix.encode()) % _STRIPES]:
            told = self.control.store.told(prefix)
            if told is not None and told.id != id:
                raise KeyReused("this key came before, with another request", next_step="use a new key")
            if told is None:
                return leader.told(make(), id, PATIENCE_SECONDS)
        return leader.answer(id, PATIENCE_SECONDS)

    def ask(self, message: Message, id: str | None = None, /) -> Sequence[Event]:
        """Tells the leader, and waits for what comes of it; said again with the same id, for what came of it then.

        Raises:
            NotAnswered, LeadershipLost
        """
        return [entry.event for entry in self.control.leader.told(message, id, PATIENCE_SECONDS)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
