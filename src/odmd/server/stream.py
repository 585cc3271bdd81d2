"""The live event stream: one reader of the log for all listeners, each resumed by (organisation, position)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import anyio.to_thread

from odmd.control.ports.log import Logged
from odmd.control.ports.run_log import Line
from odmd.control.scheduler.about import run_of
from odmd.control.scheduler.codec import TOLD
from odmd.errors import OdmdError, PositionUnknown, ServerBusy
from odmd.server.listening import FindRun, KnownRuns, WantedEvents

HEARTBEAT_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.5
WELCOME_SECONDS: Final = 0.5
"""How often it is asked whether who listens still may."""
BEHIND: Final = 1000
"""How many messages a listener may lag behind before it is dropped; it resumes by position."""
LISTENERS: Final = 1000
_PAGE: Final = 500
_ID: Final = re.compile(r"(?:(.*):)?(0|[1-9][0-9]{0,15})")
EVERY_DECISION: Final = WantedEvents()


Read = Callable[[int, int], Sequence[Logged]]
"""The log after a position, so many entries."""
ReadLines = Callable[[int | None, int | None, int], Sequence[Line]]
"""`RunLog.lines`."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """How long somebody may listen."""

    who: str = ""
    """Those who are the same are asked about once."""
    lasts: Callable[[], bool] = lambda: True


WELCOME: Final = Welcome()


class _Listener:
    def __init__(self, wanted: WantedEvents, welcome: Welcome) -> None:
        self.wanted, self.welcome = wanted, welcome
        self.queue = asyncio.Queue[tuple[int | None, bytes]](BEHIND)
        self.ended = False

    def offer(self, position: int | None, message: bytes) -> None:
        """Never waits: who does not keep up is dropped."""
        try:
            self.queue.put_nowait((position, message))
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        self.ended = True
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait((None, b""))


class Feed:
    """Fans out what is committed, by whichever process, and what runs say meanwhile."""

    def __init__(self, log: str, read: Read, lines: ReadLines, run: FindRun) -> None:
        self.log, self._read, self._lines = log, read, lines
        self._runs = KnownRuns(run)
        self._at = 0
        self._line: int | None = None
        """The last line that was fanned out; None while nobody asks for any."""
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many follow now."""
        return len(self._listeners)

    # from any thread

    def wake(self) -> None:
        """Something was committed."""
        self._soon(self._wake.set)

    def close(self) -> None:
        """Ends all streams, and takes no more listeners."""
        self._closed = True
        self._soon(self._end_all)

    def _soon(self, do: Callable[..., None], *given: object) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop closed just now
                loop.call_soon_threadsafe(do, *given)

    # in the loop

    async def run(self, position: int) -> None:
        """Reads what is committed after a position, until it is cancelled."""
        self._loop, self._at = asyncio.get_running_loop(), position
        async with asyncio.TaskGroup() as both:
            both.create_task(self._see_out())
            both.create_task(self._read_all())

    async def _read_all(self) -> None:
        while True:
            self._wake.clear()
            if not await self._read_on():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def _see_out(self) -> None:
        """Ends the streams of who is not welcome any more, however much there is to tell."""
        while True:
            await asyncio.sleep(WELCOME_SECONDS)
            asked = {listener.welcome.who: listener.welcome for listener in self._listeners}
            over = await anyio.to_thread.run_sync(_no_more, list(asked.values())) if asked else set[str]()
            for listener in self._listeners:
                if listener.welcome.who in over:
                    listener.end()

    async def _read_on(self) -> bool:
        try:
            said = await self._read_lines()
            found = await anyio.to_thread.run_sync(self._read_log, self._at)
        except OdmdError:
            return False  # a database that cannot be read now may be later
        for entry in found:
            self._at = entry.position
            listeners = [one for one in self._listeners if one.wanted.has_event(entry.event, self._runs)]
            if listeners:
                _fan_out(listeners, entry.position, self._message(entry))
        return bool(found or said)

    def _read_log(self, after: int) -> Sequence[Logged]:
        """The next page, once the runs are known that it is about."""
        found = self._read(after, _PAGE)
        for entry in found if self._listeners else ():
            self._runs.learn(run_of(entry.event))
        return found

    async def _read_lines(self) -> bool:
        """Lines come before what is committed after them; nobody is told those from before he listened."""
        if self._line is None or not any(one.wanted.has_lines for one in self._listeners):
            self._line = None
            return False
        found = await anyio.to_thread.run_sync(self._read_lines_after, self._line)
        for line in found:
            self._line, run = line.number, self._runs.get(line.run)
            if run is not None and (listeners := [one for one in self._listeners if one.wanted.has_line(run)]):
                told = json.dumps({"run": line.run, "line": line.text, "lasting": line.lasting})
                _fan_out(listeners, None, f"event: progress\ndata: {told}\n\n".encode())
        return bool(found)

    def _read_lines_after(self, line: int) -> Sequence[Line]:
        found = self._lines(None, line, _PAGE)
        for run in {one.run for one in found}:
            self._runs.learn(run)
        return found

    async def follow(
        self, after: int | None, wanted: WantedEvents = EVERY_DECISION, welcome: Welcome = WELCOME
    ) -> AsyncGenerator[bytes]:
        """What is wanted after a position, then what comes; from now on where no position is given."""
        cursor = self._at if after is None else after
        listener = _Listener(wanted, welcome)
        self._listeners.add(listener)  # before it reads what was: what comes meanwhile is queued
        try:
            yield f"id: {self.log}:{cursor}\n: from here on\nretry: 1000\n\n".encode()
            if wanted.has_lines:
                await self._find_last_line()
            while (
                not listener.ended
                and cursor < self._at
                and (found := await anyio.to_thread.run_sync(self._read_log, cursor))
            ):
                cursor = found[-1].position
                yield b"".join(self._message(one) for one in found if wanted.has_event(one.event, self._runs))
            while not (listener.ended or self._closed):
                try:
                    position, message = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    if listener.queue.empty():  # told or not wanted: all until here
                        cursor = max(cursor, self._at)
                    yield f"id: {self.log}:{cursor}\n: alive\n\n".encode()
                else:
                    if position is None or position > cursor:
                        cursor = position or cursor
                        yield message
        finally:
            self._listeners.discard(listener)

    async def _find_last_line(self) -> None:
        """Where the first of the listeners begins."""
        if self._line is None:
            last = await anyio.to_thread.run_sync(self._lines, None, None, 1)
            if self._line is None:
                self._line = last[-1].number if last else 0

    def position(self, said: str | None, end: int) -> int | None:
        """The position in a `Last-Event-ID` or `after`.

        Raises:
            PositionUnknown: it is of another organisation's log, or behind the end of this one.
            ServerBusy: there is no room for another listener.
        """
        if self._closed or len(self._listeners) >= LISTENERS:
            raise ServerBusy("the server takes no more listeners now", next_step="try again in a moment")
        if not said:
            return None
        found = _ID.fullmatch(said)
        if found is None or found[1] not in (None, self.log) or int(found[2]) > end:
            raise PositionUnknown(
                f"{said[:80]!r} is no position in the log of {self.log}",
                next_step="read what there is anew, and follow from there",
            )
        return int(found[2])

    def _message(self, entry: Logged) -> bytes:
        type_, body = TOLD.encode(entry.event)
        data = f'{{"position":{entry.position},"type":"{type_}","body":{body}}}'
        return f"id: {self.log}:{entry.position}\nevent: log\ndata: {data}\n\n".encode()

    def _end_all(self) -> None:
        for listener in self._listeners:
            listener.end()


def _fan_out(listeners: Iterable[_Listener], position: int | None, message: bytes) -> None:
    for listener in listeners:
        listener.offer(position, message)


def _no_more(asked: Sequence[Welcome]) -> set[str]:
    return {one.who for one in asked if not one.lasts()}
