"""The server's process: leads, serves, reads the contracts again on SIGHUP, and drains on SIGTERM."""

from __future__ import annotations

import getpass
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

import uvicorn

from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.embedded import ControlPlane, control_plane
from odmd.bootstrap.planning import database
from odmd.bootstrap.settings import Settings
from odmd.control.records import Records
from odmd.errors import OdmdError, ServeRefused
from odmd.graph import Compiled
from odmd.server.app import make_app
from odmd.server.auth import ByToken, Everybody, is_loopback
from odmd.server.guard import ACCESS
from odmd.server.service import Service
from odmd.server.stream import Feed
from odmd.server.users import UsersIndex
from odmd.store.tokens import SqlTokens

LOGGER: Final = logging.getLogger("odmd.server")
_HEADER_BYTES: Final = 16 * 1024
_CONNECTIONS: Final = 1200
_DRAIN_SECONDS: Final = 10
_LEFT_AT_ONCE: Final = 130


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens, and whether callers need tokens."""

    host: str
    port: int
    tokens: bool

    @property
    def only_here(self) -> bool:
        """Whether nobody but this machine reaches it, and nobody has to sign in."""
        return not self.tokens


def serve(settings: Settings, address: Address, say: Callable[[str], None]) -> None:
    """Leads and serves until it is told to stop.

    Raises:
        ServeRefused: others could reach it without sign-in, or the address is taken.
        StateInUse, StateUnreadable, ToolMissing, SettingsInvalid, ContractsNotLoaded, ContractsUnsound
    """
    _log_to_stderr()
    compiled = load_contracts(settings)
    with _listening(address) as listener, _tokens(settings, address) as tokens:
        feed, users = Feed(compiled.graph.organisation), UsersIndex()
        listeners = (users.listen, feed.listen)
        with control_plane(settings, compiled, listeners, feed.report, users.begin) as control:
            service = _service(settings, compiled, control, feed, users, tokens)
            sign_in = ByToken(tokens) if address.tokens else Everybody(_who())
            app = make_app(service, sign_in, only_here=address.only_here)
            host, port = listener.getsockname()[:2]
            say(f"serving {compiled.graph.organisation} on http://{f'[{host}]' if ':' in host else host}:{port}")
            _Process(uvicorn.Server(config(app)), service, say).run(listener)


def _service(
    settings: Settings,
    compiled: Compiled,
    control: ControlPlane,
    feed: Feed,
    users: UsersIndex,
    tokens: SqlTokens,
) -> Service:
    leader = control.leader
    records = Records(
        control.store, lambda: leader.broken is None, lambda: leader.setup.wirings[leader.setup.contracts], users.users
    )
    return Service(settings, compiled, control, records, feed, tokens)


class _Process:
    """Signals, and the server between them."""

    def __init__(self, server: uvicorn.Server, service: Service, say: Callable[[str], None]) -> None:
        self._server, self._service, self._say = server, service, say

    def run(self, listener: socket.socket) -> None:
        """Serves until the first SIGTERM or Ctrl-C; then ends streams and requests, and the caller the runs."""
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        serving = threading.Thread(target=self._server.run, args=([listener],), name="http")
        serving.start()  # in a thread of its own, uvicorn leaves signals alone
        while serving.is_alive():
            serving.join(0.5)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._server.should_exit:
            sys.stderr.flush()
            os._exit(_LEFT_AT_ONCE)  # as after kill -9, the next start takes up what is under way
        self._server.should_exit = True  # first of all: the next signal may come while this one is handled
        self._service.feed.close()
        self._say("stopping: what is under way goes on to its end; once more, and it is left as it is")

    def _reload(self, _signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=self._reload_contracts, name="reload").start()

    def _reload_contracts(self) -> None:
        try:
            digest = self._service.reload().graph.digest()
        except OdmdError as wrong:
            self._say(f"the contracts stay as they were: {'; '.join(str(one) for one in wrong.diagnostics())}")
        else:
            self._say(f"contracts {digest.removeprefix('sha256:')[:7]} are in force")


def config(app: object) -> uvicorn.Config:
    """Limits of a server that faces others, and none of uvicorn's own logging."""
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]  # uvicorn's own name for an ASGI app
        loop="asyncio",
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


@contextmanager
def _tokens(settings: Settings, address: Address) -> Generator[SqlTokens]:
    tokens = SqlTokens(database(settings))
    try:
        if address.tokens and not _any_good(tokens):
            raise ServeRefused(
                f"on {address.host} others reach the server, and there is no token to sign in with",
                next_step="`odmd token create --name NAME --scope admin` makes one; or leave --host out",
            )
        yield tokens
    finally:
        tokens.close()


def _any_good(tokens: SqlTokens) -> bool:
    now, after = time.time(), ""
    while page := tokens.all(after=after):
        if any(token.is_good(now) for token in page):
            return True
        after = page[-1].id
    return False


@contextmanager
def _listening(address: Address) -> Generator[socket.socket]:
    if address.only_here and not is_loopback(address.host):
        raise ServeRefused(f"{address.host} is not this machine alone", next_step="give --tokens")
    try:
        listener = listen(address.host, address.port)
    except OSError as taken:
        raise ServeRefused(
            f"{address.host}:{address.port} cannot be listened on: {taken.strerror}", next_step="give another --port"
        ) from taken
    with listener:
        yield listener


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


def _log_to_stderr() -> None:
    """Lines of JSON for requests, plain lines for trouble."""
    handler = logging.StreamHandler()
    for logger in (LOGGER, logging.getLogger("uvicorn.error")):
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    ACCESS.setLevel(logging.INFO)


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"
