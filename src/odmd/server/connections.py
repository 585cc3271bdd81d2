"""Connections that do not ask: each has a time in which its request has to be there, and all together a number."""

from __future__ import annotations

import asyncio
from typing import Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 30.0
"""From the first moment of a connection, or the end of its last answer, until a request is there with its body."""
IDLE: Final = 200
"""How many may wait for a request at once; of more, the one that waits longest is closed."""


class PromptProtocol(H11Protocol):
    """HTTP/1.1 for who asks when he comes: silence, and heads and bodies that trickle in, are cut off."""

    request_seconds: float = REQUEST_SECONDS
    most_idle: int = IDLE
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as in uvicorn
        super().connection_made(transport)
        self._look()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        self._stop_waiting()
        super().on_response_complete()
        self._look()

    def _look(self) -> None:
        """What is not there yet is waited for, and however little comes, not longer."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()
        elif self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.request_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _make_room(self) -> None:
        if len(self.connections) > self.most_idle:
            waiting = {one: one._deadline.when() for one in self._all() if one._deadline is not None}
            if len(waiting) > self.most_idle:
                min(waiting, key=waiting.__getitem__)._give_up()

    def _all(self) -> set[PromptProtocol]:
        return cast("set[PromptProtocol]", self.connections)  # of one server, which makes no others
