"""The server's process: serves, stands for election, works, reads the contracts again on SIGHUP, drains on SIGTERM."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from odmd.bootstrap.contracts import contracts_cage, load_contracts
from odmd.bootstrap.descriptors import CONNECTIONS, raised, within
from odmd.bootstrap.github import Hosted, hosted, read_hint
from odmd.bootstrap.identities import known_identities
from odmd.bootstrap.jobs import who_carries_out
from odmd.bootstrap.merged import MergedContracts, merged_contracts
from odmd.bootstrap.notifying import notifying
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, new_state
from odmd.bootstrap.stopping import stopping
from odmd.bootstrap.workers import standing_worker
from odmd.control.access.here import whoever_is_here
from odmd.control.access.identities import IdentityType
from odmd.control.access.local_token import kept_token
from odmd.control.access.origins import Proxies
from odmd.control.access.sessions import SessionDesk
from odmd.control.access.tokens import Token, passing_token
from odmd.errors import OdmdError, ServeRefused, Severity
from odmd.graph import Compiled, Graph
from odmd.isolation import Isolation
from odmd.server.app import Serving, make_app
from odmd.server.auth import ByToken
from odmd.server.connections import IDLE, PromptProtocol
from odmd.server.console import AT, NOT_BUILT, console_files
from odmd.server.guard import ACCESS
from odmd.server.hosts import OwnNames, is_loopback
from odmd.server.leading import Leading
from odmd.server.logs import log_to_stderr
from odmd.server.metrics import Metrics
from odmd.server.stream import Feed
from odmd.server.traces import traces
from odmd.server.webhooks import Webhooks, webhook_secret
from odmd.store.deliveries import SqlDeliveries
from odmd.store.notices import heard
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens

LOGGER: Final = logging.getLogger("odmd.server")
_HEADER_BYTES: Final = 16 * 1024
_DRAIN_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class ListensAt:
    """Where it listens, and whether everybody who calls needs a token that was made for him."""

    host: str
    port: int
    tokens: bool

    @property
    def only_here(self) -> bool:
        """Whether nobody but this machine reaches it, and who started it is let in by a file of his."""
        return not self.tokens


def serve(
    settings: Settings,
    address: ListensAt,
    say: Callable[[str], None],
    *,
    worker: bool = True,
    ready: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serves until it is told to stop, leads whenever nobody else does, and carries out runs unless told not to.

    Args:
        ready: told the address, once requests are answered there.

    Raises:
        ServeRefused: others could reach it without sign-in, the address is taken, or its own token cannot be kept.
        StateInUse, StateUnreadable, ToolMissing, SettingsInvalid, ContractsNotLoaded, ContractsUnsound
        NotCaged: the contracts have to be caged, and cannot be.
    """
    log_to_stderr(ACCESS)
    compiled = load_contracts(settings, Isolation.REQUIRED)
    where, is_new, secret = database(settings), new_state(settings), webhook_secret()
    with (
        _listening(settings, address) as listener,
        _tokens(settings, address) as tokens,
        closing(SqlStore(where)) as store,
        hosted(settings, store) as github,
        _own_token(listener, address) as own,
    ):
        feed = Feed(_log_of(compiled.graph.organisation, store), store.read, SqlRunLog(store.database).lines, store.run)
        metrics = Metrics(store, lambda: feed.listeners)
        told = traces(compiled.graph.organisation, store)
        secrets = [one for one in (secret, github.app.webhook_secret if github else "") if one]
        following = [*([told] if told else ()), *notifying(settings, lambda: leading.graph)]
        if github:
            following += [github.mirroring(lambda: leading.graph), *github.bringing_files(lambda: leading.graph)]
        merged = merged_contracts(settings, repositories(settings), store)
        leading = Leading(settings, compiled, feed, tokens, metrics, following, github, merged, say)
        sign_in = ByToken(tokens, store.run, own.token if own else None)
        sessions = SessionDesk(known_identities(settings.identities), tokens)
        webhooks = Webhooks(secrets, read_hint(), SqlDeliveries(store.database), leading.arrived)
        serving = Serving(leading.service, feed, store, metrics, sessions, webhooks)
        host, port = listener.getsockname()[:2]
        names = OwnNames(frozenset(settings.names), port if is_loopback(address.host) else 0, address.only_here)
        app = make_app(serving, sign_in, names, Proxies(settings.proxies))
        room = _connections(say)
        process = _ServingProcess(uvicorn.Server(config(app, room)), leading, feed, say)
        with heard(where, "odmd_log", feed.wake), process.serving(listener):
            leading.start()
            try:
                if leading.failed is None:
                    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
                    say(f"serving {compiled.graph.organisation} on {url}")
                    for line in _says(settings, compiled.graph, own, github, merged, webhooks=bool(secrets)):
                        say(line)
                    for line in who_carries_out(settings, compiled.graph, github.app if github else None):
                        say(line)
                    if is_new:
                        say(is_new)
                    if leading.at_first:
                        say(leading.at_first)
                    _lead_there(url, say, ready)
                    process.go_on(settings, compiled, places=settings.runs_at_once if worker else 0)
            finally:
                leading.stop()
                if told:
                    told.close()
    if leading.failed is not None:
        raise leading.failed


def _says(
    settings: Settings,
    graph: Graph,
    own: _Own | None,
    github: Hosted | None,
    merged: MergedContracts | None,
    *,
    webhooks: bool,
) -> Iterator[str]:
    """Whom it lets in, and what it does by itself."""
    yield f"contracts: {contracts_cage(settings, Isolation.REQUIRED)}"
    if own:
        yield f"who may read {own.file} is let in as {whoever_is_here()}; everybody else needs a token"
    if settings.identities:
        yield f"lets in who proves who he is by {', '.join(sorted(settings.identities))}"
    if github:
        yield f"is {github.app.slug} at GitHub, and shows runs there{github.reviews}"
    looks = _looks(settings.poll, webhooks=webhooks)
    if merged:
        yield f"puts in force what is merged into {merged.name}: looks {looks}"
    yield from _continuous(graph, looks)


def _looks(poll: float, *, webhooks: bool) -> str:
    """When branches are looked at."""
    times = [f"every {poll:g} s"] * bool(poll) + ["when a webhook says so"] * webhooks
    return " and ".join(times) or "when it starts"


def _continuous(graph: Graph, looks: str) -> Iterator[str]:
    """What is deployed by itself, and when it is looked for."""
    if stages := graph.governed.continuous:
        yield f"deploys by itself what branches get in {', '.join(stages)}: looks {looks}"


class _ServingProcess:
    """Signals, and what runs between them."""

    def __init__(self, server: uvicorn.Server, leading: Leading, feed: Feed, say: Callable[[str], None]) -> None:
        self._server, self._leading, self._feed, self._say = server, leading, feed, say
        self._stopping = threading.Event()

    @contextmanager
    def serving(self, listener: socket.socket) -> Generator[None]:
        """Answers requests while inside; then ends streams and requests."""
        serving = threading.Thread(target=self._server.run, args=([listener],), name="http")
        serving.start()  # in a thread of its own, uvicorn leaves signals alone
        try:
            yield
        finally:
            self._feed.close()
            self._server.should_exit = True
            serving.join()

    def go_on(self, settings: Settings, compiled: Compiled, places: int) -> None:
        """Until the first SIGTERM or Ctrl-C, or until it cannot go on; then the runs under way go to their ends."""
        self._stopping = stopping(self._say)
        signal.signal(signal.SIGHUP, self._reload)
        with ExitStack() as stack:
            if places:
                stack.enter_context(standing_worker(settings, compiled, places, self._say, self._give_up))
            while not (self._stopping.wait(0.5) or self._leading.failed):
                pass
            self._feed.close()
            self._server.should_exit = True

    def _give_up(self, broken: BaseException) -> None:
        LOGGER.error("the worker broke", exc_info=broken)
        self._stopping.set()

    def _reload(self, _signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=self._reload_contracts, name="reload").start()

    def _reload_contracts(self) -> None:
        try:
            digest = self._leading.service().reload(whoever_is_here()).graph.digest()
        except OdmdError as wrong:
            mistakes = (str(one) for one in wrong.diagnostics() if one.severity is Severity.ERROR)
            self._say(f"the contracts stay as they were: {'; '.join(mistakes)}")
        else:
            self._say(f"contracts {digest.removeprefix('sha256:')[:7]} are in force")


def _lead_there(url: str, say: Callable[[str], None], ready: Callable[[str], None]) -> None:
    """Where people look."""
    say(f"console: {url}{AT}/" if console_files() else f"there is no console here: {NOT_BUILT}")
    ready(url)


def _connections(say: Callable[[str], None]) -> int:
    """How many there is room for, which may be told."""
    files = raised()
    if (room := within(files)) < CONNECTIONS:
        say(f"takes {room} connections at a time: the system lets a process have {files} files open (ulimit -n)")
    PromptProtocol.most_idle = min(IDLE, room // 2)
    return room


def config(app: object, connections: int = CONNECTIONS) -> uvicorn.Config:
    """Limits of a server that faces others, and none of uvicorn's own logging."""
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]  # uvicorn's own name for an ASGI app
        loop="asyncio",
        http=PromptProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def _log_of(organisation: str, store: SqlStore) -> str:
    """The name of the log for who follows it: after a restore positions come a second time, for other events."""
    first = store.standing().first
    return organisation if first == 1 else f"{organisation}.{first}"


@contextmanager
def _tokens(settings: Settings, address: ListensAt) -> Generator[SqlTokens]:
    tokens = SqlTokens(database(settings))
    try:
        if address.tokens and not settings.identities and not _any_good(tokens):
            raise ServeRefused(
                f"on {address.host} others reach the server, and there is no token to sign in with",
                next_step="`odmd token create --name NAME --scope admin` makes one, or [tool.odmd.identities] says "
                "who proves who he is; or leave --host out",
            )
        yield tokens
    finally:
        tokens.close()


@dataclass(frozen=True, slots=True)
class _Own:
    """The token of who started the server, and where it is kept."""

    token: tuple[Token, str]
    file: Path


@contextmanager
def _own_token(listener: socket.socket, address: ListensAt) -> Generator[_Own | None]:
    """None where everybody needs one that was made for him."""
    if not address.only_here:
        yield None
        return
    host, port = listener.getsockname()[:2]
    made, digest = passing_token(whoever_is_here().name, time.time())
    with ExitStack() as stack:
        try:
            file = stack.enter_context(kept_token(host, port, made.text))
        except (OSError, RuntimeError) as wrong:
            raise ServeRefused(
                f"the token by which your commands find the server cannot be kept: {wrong}",
                next_step="set XDG_STATE_HOME to a folder that is yours alone; or make tokens, and give --tokens",
            ) from wrong
        yield _Own((made.token, digest), file)


def _any_good(tokens: SqlTokens) -> bool:
    now, after = time.time(), ""
    while page := tokens.all(after=after):
        if any(token.is_good(now) for token in page):
            return True
        after = page[-1].id
    return False


@contextmanager
def _listening(settings: Settings, address: ListensAt) -> Generator[socket.socket]:
    if not is_loopback(address.host):
        _refuse_nameless(settings, address)
    try:
        listener = listen(address.host, address.port)
    except OSError as taken:
        raise ServeRefused(
            f"{address.host}:{address.port} cannot be listened on: {taken.strerror}", next_step="give another --port"
        ) from taken
    with listener:
        yield listener


def _refuse_nameless(settings: Settings, address: ListensAt) -> None:
    """Where others reach it, whoever they are has to be known, and by which name they ask."""
    if address.only_here:
        raise ServeRefused(f"{address.host} is not this machine alone", next_step="give --tokens")
    if not settings.names and any(one.type is IdentityType.OIDC for one in settings.identities.values()):
        raise ServeRefused(
            "people prove who they are to a server of one name, and nothing says what this one's is",
            next_step='write [tool.odmd] names = ["odmd.acme.example"], or set ODMD_NAMES: as `Host` has it',
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        OSError: it is not to be had.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.create_server((host, port), family=family, backlog=512)
    # asyncio does so only for sockets made with a protocol; without it, an answer's body waits 40 ms for the caller's
    # system to acknowledge the head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
