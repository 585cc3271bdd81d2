"""Connections that cost the server something and their owner nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from odmd.control.scheduler.actor import Scope
from odmd.server.connections import PromptProtocol
from odmd.server.stream import WELCOME_SECONDS
from support.actors import somebody
from support.served import Served
from support.until import TOO_LONG, until


@contextmanager
def line(served: Served, said: bytes = b"") -> Generator[socket.socket]:
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname, where.port), timeout=TOO_LONG) as made:
        made.sendall(said)
        yield made


def is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(10_000):
            continue
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True


HEAD = b"POST /api/v1/plans HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nContent-Type: application/json\r\n"


def test_a_request_that_does_not_come_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no token. Wants all of the server's connections: it says nothing, half a head, or half a body."""
    monkeypatch.setattr(PromptProtocol, "request_seconds", 0.3)
    token = served.token(Scope.WRITE).text.encode()
    trickles = [b"", b"GET /heal", HEAD, HEAD + b"Authorization: Bearer " + token + b"\r\n\r\n{"]
    for said in trickles:
        with line(served, said) as open_:
            assert is_closed(open_), said
    answered = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with line(served, answered) as open_:
        assert b" 200 " in open_.recv(1000)
        open_.sendall(b"GET /hea")
        assert is_closed(open_), "also behind an answer"


def test_bytes_that_trickle_in_win_no_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no token. Wants a connection for good: it sends a letter whenever the server might lose patience."""
    monkeypatch.setattr(PromptProtocol, "request_seconds", 0.5)
    with line(served, b"GET /healthz HTTP/1.1\r\nX: ") as open_:
        open_.settimeout(0.05)
        began = time.monotonic()
        with pytest.raises(OSError, match=r"(?i)reset|pipe|closed"):  # noqa: PT012
            while time.monotonic() - began < 10:
                open_.sendall(b"a")
                try:
                    if open_.recv(100) == b"":
                        raise BrokenPipeError("closed")
                except TimeoutError:
                    continue
        assert time.monotonic() - began < 5


def test_healthz_answers_while_strangers_hold_many_connections(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no token. Wants the server to look dead: it opens more connections than the server takes."""
    monkeypatch.setattr(PromptProtocol, "most_idle", 40)
    with ExitStack() as stack:
        held = [stack.enter_context(line(served, b"GET /")) for _ in range(120)]
        for _ in range(3):
            assert httpx.get(f"{served.url}/healthz", timeout=5).status_code == 200
        assert all(is_closed(one) for one in held[:70]), "those that waited longest"


def test_the_stream_of_a_revoked_token_ends_while_there_is_much_to_tell(served: Served) -> None:
    """Has a token that was revoked just now, and listens. Wants to go on: something is said all the time."""
    made = served.token(Scope.READ)
    with served.http(made.text) as api, api.stream("GET", "/events") as answer:
        told = answer.iter_raw()
        next(told)
        served.tokens.revoke(made.token.id, time.time(), somebody("ada"))
        began = time.monotonic()
        for n, _ in enumerate(_until_it_ends(served, told)):
            assert time.monotonic() - began < 2 * WELCOME_SECONDS + 5, n
    until(lambda: served.feed.listeners == 0)


def _until_it_ends(served: Served, told: Generator[bytes]) -> Generator[bytes]:
    served.say(1, "busy")
    for message in told:
        yield message
        served.say(1, "busy")
