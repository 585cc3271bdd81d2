"""A server in this process on a free port, over a store without a cloud: runs are ended by hand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn

from odmd.bootstrap.settings import read_settings
from odmd.control.access.origins import Proxies
from odmd.control.access.sessions import KnownIdentity, SessionDesk
from odmd.control.access.tokens import NewToken, make_token, passing_token
from odmd.control.access.writes import MARK
from odmd.control.leading.control_plane import ControlPlane, OnTheWay
from odmd.control.leading.leader import Leader
from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.run_log import Line
from odmd.control.ports.subscribers import Subscriber
from odmd.control.reading.records import Records
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import ClaimRun, FailRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.setup import Limits, Setup
from odmd.graph import Compiled, Graph
from odmd.plan.commits import Author
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.recipe import to_recipe
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.github.hints import hint
from odmd.server.app import Serving, make_app
from odmd.server.auth import ByToken
from odmd.server.hosts import OwnNames
from odmd.server.leading import users_of
from odmd.server.metrics import Metrics
from odmd.server.process import config, listen
from odmd.server.service import Service
from odmd.server.stream import Feed
from odmd.server.webhooks import Webhooks
from odmd.store.artifacts import SqlArtifacts
from odmd.store.deliveries import SqlDeliveries
from odmd.store.notices import heard
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from odmd.store.subscriptions import SqlSubscriptions
from odmd.store.tokens import SqlTokens
from odmd.store.where import Where
from odmd.trust import nobody
from support.actors import somebody
from support.state_files import state_file
from support.until import TOO_LONG, until
from support.worlds import address

on_both = pytest.mark.parametrize("kept_in", ["sqlite", "postgres"], indirect=True)
"""Where transactions decide."""


class Served:
    """The server, its parts, and hands to move it."""

    def __init__(
        self,
        graph: Graph,
        folder: Path,
        where: Where | None = None,
        subscribers: Callable[[SqlStore], Sequence[Subscriber]] = lambda _store: (),
    ) -> None:
        self.graph, self.path = graph, state_file(folder)
        self.where = where or self.path
        self.store = SqlStore(self.where, lambda _connection, _position, _effects: None)
        self.tokens = SqlTokens(self.where)
        self.run_log = SqlRunLog(self.store.database)
        self.feed = Feed("acme", self.store.read, self.run_log.lines, self.store.run)
        self.metrics = Metrics(self.store, lambda: self.feed.listeners)
        following = (self.metrics, *subscribers(self.store))
        self.subscribers = Subscribers(self.store, SqlSubscriptions(self.store.database), following)
        self.leader = Leader(self.store, Setup(graph, Limits(9), 0.0), (self.subscribers.listen,))
        self.metrics.leads(self.leader, self.subscribers)
        compiled = Compiled(graph, {}, {})
        desk, performer, troubles = SimpleNamespace(compiled=compiled), SimpleNamespace(), Troubles(self.store)
        rest: Any = (OnTheWay(), desk, performer, troubles, self.subscribers, lambda: None)
        control = ControlPlane(self.leader, self.store, *rest)
        wiring = lambda: self.leader.setup.wirings[self.leader.setup.contracts]  # noqa: E731
        users = lambda refs: users_of(self.leader, refs)  # noqa: E731
        kept = SqlArtifacts(self.store.database).report
        records = Records(self.store, lambda: True, wiring, users, self.run_log, kept)
        settings = read_settings("contracts.py:acme", folder)
        self.repositories = FakeRepositories()
        for enver in graph.envers.values():
            self.repositories.commit(enver.repo, "main", {"app.py": enver.build})
        both = self.repositories, self.repositories
        self.service = Service(settings, control, records, self.feed, self.tokens, *both)
        self.url = self.own = self.secret = ""
        self.names = frozenset[str]()
        self.proxies = Proxies()
        self.known: dict[str, KnownIdentity] = {}

    @contextmanager
    def serving(self, *, tokens: bool = False) -> Generator[Served]:
        self.subscribers.start()
        self.leader.start()
        sessions = SessionDesk(self.known, self.tokens)
        secrets = [self.secret] if self.secret else []
        webhooks = Webhooks(secrets, hint, SqlDeliveries(self.store.database))
        serving = Serving(lambda: self.service, self.feed, self.store, self.metrics, sessions, webhooks)
        made, digest = passing_token("ada", time.time())
        self.own = "" if tokens else made.text
        sign_in = ByToken(self.tokens, self.store.run, None if tokens else (made.token, digest))
        hears = heard(self.where, "odmd_log", self.feed.wake)
        told = heard(self.where, "odmd_inbox", self.leader.wake)
        with listen("127.0.0.1", 0) as listener, hears, told:
            port = listener.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            app = make_app(serving, sign_in, OwnNames(self.names, port, only_here=not tokens), self.proxies)
            server = uvicorn.Server(config(app))
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            until(lambda: server.started)
            try:
                yield self
            finally:
                self.feed.close()
                server.should_exit = True
                thread.join(20)
                self.leader.stop()
                self.subscribers.stop()
                self.store.close()
                self.tokens.close()

    def http(self, token: str = "") -> httpx.Client:
        """Without a token, that of who started the server, if it has one."""
        headers = {MARK: "1"} | bearer(token or self.own)
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=TOO_LONG, verify=nobody())

    def token(self, scope: Scope, *teams: str, name: str = "grace", expires: float | None = None) -> NewToken:
        now = time.time()
        until = now + 600 if expires is None else expires
        return make_token(self.tokens, name, scope, somebody("ada"), now, until, teams=teams)

    def say(self, run: int, text: str, *, lasting: bool = False) -> None:
        self.run_log.say([Line(0, run, time.time(), text, lasting)])

    def say_all(self, run: int, texts: Sequence[str]) -> None:
        self.run_log.say([Line(0, run, time.time(), text) for text in texts])

    def push(self, commit: str, *envers: int, author: Author | None = None) -> None:
        heads = tuple(Head(address(n), commit, self.graph.slice(address(n)), author=author) for n in envers)
        self.leader.ask(StartChange("a push", somebody("ada"), "sha256:0123456789", heads))

    def finish(self, enver: int, text: str = "one", template: object = None) -> int:
        """Ends the run of an enver, which publishes this, and keeps a recipe of one stack if there is a template."""
        run, attempt = self._claim(enver)
        product = self.graph.envers[address(enver)].products[0]
        published = Publication(product.address, text, text, product.kind)
        recipe = "sha256:assembly" if template is None else self._keep(enver, template)
        self.leader.ask(FinishRun(run, attempt, recipe, (published,)))
        return run

    def _keep(self, enver: int, template: object) -> str:
        stack = StackTemplate(self.graph.envers[address(enver)].stack_name, json.dumps(template), (), (), ())
        return SqlArtifacts(self.store.database).put(to_recipe(Assembly((stack,), ())))

    def fail(self, enver: int) -> int:
        run, attempt = self._claim(enver)
        self.leader.ask(FailRun(run, attempt, "boom", clean=True))
        return run

    def deploy(self, commit: str = "c1") -> None:
        """Everything runs a commit."""
        self.push(commit, *range(len(self.graph.envers)))
        while runs := self.leader.look(lambda state: [run.enver for run in state.runs.values()]):
            for enver in runs:
                self.finish(next(n for n in range(99) if address(n) == enver), commit)

    def _claim(self, enver: int) -> tuple[int, int]:
        run = self.leader.look(lambda state: state.envers[address(enver)].run)
        assert run is not None
        events = self.leader.ask(ClaimRun(run, "worker"))
        return run, next(event.attempt for event in events if isinstance(event, RunClaimed))


def bearer(token: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Bearer {token}"} if token else {}
