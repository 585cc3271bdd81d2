"""The control plane of a state folder, or of a database, worked by the process that asks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from odmd.control.access.here import whoever_is_here
from odmd.errors import Interrupted, StateInUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from odmd.bootstrap.settings import Settings
    from odmd.compare.comparison import EnverComparison
    from odmd.control.access.tokens import TokenDesk
    from odmd.control.leading.change import LedChange
    from odmd.control.leading.comparing import CompareAsked
    from odmd.control.leading.config_desk import ConfigDesk, KeptConfig
    from odmd.control.leading.costs import CostView
    from odmd.control.leading.drift import DriftAsked
    from odmd.control.leading.in_use import DeployAsked
    from odmd.control.leading.plane import Watcher
    from odmd.control.leading.preflight import PreflightAsked
    from odmd.control.leading.secret_desk import SecretDesk
    from odmd.control.leading.telling import Led, ToldOnly
    from odmd.control.leading.where import Whereabouts, WhereAsked
    from odmd.control.leading.wishes import Wish
    from odmd.control.reading.drift import DriftView
    from odmd.control.reading.looking_back import Trail
    from odmd.control.reading.preflight import PreflightView
    from odmd.control.reading.records import Records
    from odmd.control.scheduler.events import Event
    from odmd.control.scheduler.messages import HoldAnswer, Message
    from odmd.graph import Compiled
    from odmd.plan import Plan
    from odmd.plan.build import Limited
    from odmd.plan.fitting import FitAnswer
    from odmd.store.sql import SqlStore


class LocalPlane:
    """A `Plane` here: each part is imported, and opened, when it is asked for."""

    is_local = True

    def __init__(self, settings: Settings) -> None:
        self._settings, self._opened = settings, ExitStack()
        self._past: Records | None = None
        self._tokens: TokenDesk | None = None
        self._config: KeptConfig | None = None
        self._compiled: Compiled | None = None
        self._secrets: SecretDesk | None = None

    def __enter__(self) -> LocalPlane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @property
    def past(self) -> Records:
        if self._past is None:
            from odmd.bootstrap.records import open_records

            self._past = records = open_records(self._settings)
            self._opened.callback(records.store.close)
        return self._past

    @property
    def trail(self) -> Trail:
        from odmd.control.reading.looking_back import KeptTrail

        return KeptTrail(self.past)

    @property
    def tokens(self) -> TokenDesk:
        if self._tokens is None:
            from odmd.bootstrap.state import database
            from odmd.control.access.tokens import KeptTokens
            from odmd.store.tokens import SqlTokens

            kept = SqlTokens(database(self._settings))
            self._opened.callback(kept.close)
            self._tokens = KeptTokens(kept, whoever_is_here())
        return self._tokens

    @property
    def config(self) -> ConfigDesk:
        return self._kept_config()

    def _kept_config(self) -> KeptConfig:
        if self._config is None:
            from odmd.bootstrap.contracts import load_edition
            from odmd.bootstrap.private import vault_to_edit
            from odmd.control.leading.config_desk import KeptConfig
            from odmd.graph.difference import edition

            compiled = self._compiled = self._compiled or load_edition(self._settings)
            kept, runs = self._opened.enter_context(vault_to_edit(self._settings))
            self._config = KeptConfig(kept, compiled.graph, edition(compiled).documents, whoever_is_here(), runs)
        return self._config

    @property
    def secrets(self) -> SecretDesk:
        if self._secrets is None:
            from odmd.bootstrap.contracts import load_edition
            from odmd.bootstrap.secret_desk import secret_desk

            compiled = load_edition(self._settings)
            self._secrets = self._opened.enter_context(secret_desk(self._settings, compiled, whoever_is_here()))
        return self._secrets

    def other_contracts(self) -> None:
        """It plans with those here."""

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        from odmd.bootstrap.contracts import load_contracts
        from odmd.bootstrap.gone import gone
        from odmd.bootstrap.planner import planner
        from odmd.control.leading.clone_plans import meant

        contracts = load_contracts(self._settings)
        with planner(self._settings, contracts, gone(self._settings) if look else {}) as plans:
            planning = meant(plans, limited)
            self._compiled = planning.compiled
            return planning.make(limited, refresh=refresh)

    def compare(self, asked: CompareAsked) -> EnverComparison:
        from odmd.bootstrap.comparing import comparer, history
        from odmd.bootstrap.state import database
        from odmd.store.database import Database

        records, kept = self.past, Database(database(self._settings))
        try:
            there = comparer(records, kept, history(self._settings), self._kept_config)
            return there.compare(asked)
        finally:
            kept.close()

    def costs(self, typed: str | None = None) -> CostView:
        from odmd.bootstrap.costing import cost_reader
        from odmd.bootstrap.state import database
        from odmd.store.database import Database

        kept = Database(database(self._settings))
        try:
            return cost_reader(self._settings, self.past, kept).costs(typed)
        finally:
            kept.close()

    def where(self, asked: WhereAsked) -> Whereabouts:
        from odmd.bootstrap.comparing import history
        from odmd.control.leading.where import Finder

        return Finder(self.past, history(self._settings)).where(asked)

    def can_deploy(self, asked: DeployAsked, hold_until: float | None = None) -> FitAnswer:
        from odmd.bootstrap.contracts import load_contracts
        from odmd.bootstrap.planner import planner

        compiled = load_contracts(self._settings)
        if hold_until is None:
            with planner(self._settings, compiled) as plans:
                return plans.can_deploy(asked)

        from odmd.control.leading.holding import held

        def ask() -> tuple[FitAnswer, HoldAnswer | None]:
            with planner(self._settings, compiled) as plans:
                return plans.hold(asked, whoever_is_here(), hold_until)

        return held(ask, self._say)

    def let_go(self, enver: str, why: str = "") -> bool:
        from odmd.control.scheduler.messages import DropHold

        return bool(self._say(DropHold(self.past.enver(enver).enver, whoever_is_here(), why)))

    def _say(self, message: Message) -> Sequence[Event] | None:
        """Tells a message that lets nothing move, and what came of it."""
        return self._say_all([message])

    def _say_all(self, messages: Sequence[Message]) -> Sequence[Event] | None:
        """The same of some."""
        from odmd.bootstrap.records import refuse_what_is_not_there
        from odmd.bootstrap.state import database

        refuse_what_is_not_there(database(self._settings))
        with ExitStack() as leading:
            try:
                led = leading.enter_context(self._lead((), lambda _: messages))
                led.control.wait_for_mirror()
                return led.events
            except StateInUse:
                return self._tell_the_leader(lambda _: messages).events

    def preflight(self, asked: PreflightAsked, *, refresh: bool) -> PreflightView:
        from odmd.bootstrap.contracts import load_contracts
        from odmd.bootstrap.preflight import preflight

        with preflight(self._settings, load_contracts(self._settings)) as there:
            return there.look(asked, refresh=refresh)

    def drift(self, asked: DriftAsked) -> DriftView:
        from odmd.bootstrap.contracts import load_edition
        from odmd.bootstrap.drift import drift_look
        from odmd.bootstrap.state import database
        from odmd.store.sql import SqlStore

        records, graph = self.past, load_edition(self._settings).graph
        store = SqlStore(database(self._settings))
        try:
            who = whoever_is_here()
            return drift_look(self._settings, records, graph, store, who, self._say_all).look(asked)
        finally:
            store.close()

    @contextmanager
    def change(self, watcher: Watcher) -> Generator[LedChange]:
        from odmd.bootstrap.contracts import load_contracts
        from odmd.bootstrap.embedded import control_plane
        from odmd.bootstrap.gone import gone
        from odmd.bootstrap.planner import planner_of
        from odmd.bootstrap.state import new_state
        from odmd.control.leading.change import LedChange
        from odmd.control.leading.watching import telling

        settings, compiled = self._settings, load_contracts(self._settings)
        if said := new_state(settings):
            watcher.says(said)
        led = control_plane(settings, compiled, (telling(watcher),), watcher.report, until_confirmed=True)
        with led as control:
            yield LedChange(
                control,
                lambda lost: planner_of(settings, compiled, control.state, control.store, lost),
                lambda: gone(settings),
                watcher,
                whoever_is_here(),
            )

    @contextmanager
    def tell(self, wishes: Sequence[Wish], watcher: Watcher) -> Generator[Led | ToldOnly]:
        from odmd.bootstrap.records import refuse_what_is_not_there
        from odmd.bootstrap.state import database

        def messages(store: SqlStore) -> Iterable[Message]:
            return self._messages(wishes, store)

        refuse_what_is_not_there(database(self._settings))
        with ExitStack() as leading:
            try:
                told = leading.enter_context(self._lead(wishes, messages, watcher))
            except StateInUse:
                told = self._tell_the_leader(messages)
            yield told

    @contextmanager
    def _lead(
        self,
        wishes: Sequence[Wish],
        messages: Callable[[SqlStore], Iterable[Message]],
        watcher: Watcher | None = None,
    ) -> Generator[Led]:
        from odmd.bootstrap.contracts import load_contracts
        from odmd.bootstrap.embedded import control_plane
        from odmd.control.leading.telling import lead, lets_move
        from odmd.control.leading.watching import telling

        compiled = load_contracts(self._settings)
        report = watcher.report if watcher and lets_move(wishes) else None
        listeners = (telling(watcher),) if watcher else ()
        with control_plane(self._settings, compiled, listeners, report, until_confirmed=True) as control:
            yield lead(control, wishes, messages(control.store))

    def _tell_the_leader(self, messages: Callable[[SqlStore], Iterable[Message]]) -> ToldOnly:
        from odmd.bootstrap.state import database
        from odmd.control.leading.bell import Bell
        from odmd.control.leading.telling import tell_the_leader
        from odmd.store.notices import heard
        from odmd.store.sql import SqlStore

        where, bell = database(self._settings), Bell()
        store = SqlStore(where)
        try:
            with heard(where, "odmd_log", bell.ring):
                return tell_the_leader(store, messages(store), bell)
        finally:
            store.close()

    def _messages(self, wishes: Sequence[Wish], store: SqlStore) -> Iterator[Message]:
        """Each made when it is asked for: after what came of those before it."""
        from odmd.bootstrap.records import records
        from odmd.bootstrap.repositories import repositories
        from odmd.control.leading.wishes import as_message

        past, sources = records(self._settings, store), repositories(self._settings)
        return (as_message(wish, past, sources, whoever_is_here()) for wish in wishes)

    def stopped(self) -> Interrupted:
        return Interrupted("stopped; nothing is lost", next_step="`odmd apply` goes on where this one stopped")
