"""Runs whoever follows the log: each in a thread of its own, so that one who fails, or is slow, hurts nobody."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from odmd.control.leading.backoff import backoff
from odmd.control.leading.bell import Bell
from odmd.control.leading.tail import Log, Tail
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Later, Subscriber, Subscriptions
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.state import State

_LOG: Final = logging.getLogger(__name__)
_BATCH: Final = 500
_LOOK_SECONDS: Final = 5.0
"""How long at most to rely on being woken."""
_KEEP_SECONDS: Final = 1.0
"""How long a position may stand in memory alone: each that is kept is a commit of its own."""
_ALIVE_SECONDS: Final = 3600.0
"""How often who has nothing to do says that he lives."""
_STOP_SECONDS: Final = 5.0
_LONGEST_ERROR: Final = 500


class FollowedLog(Log, Protocol):
    """What is followed."""

    def position(self) -> int:
        """The end of the log."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How one subscriber gets on, in this term."""

    name: str
    position: int
    """The last event that it handled."""
    failures: int
    """How often it failed at what it was given."""


class Subscribers:
    """Those of one term.

    Args:
        discreet: takes secrets out of what is kept of errors.

    Raises:
        ValueError: two have one name.
    """

    def __init__(
        self,
        log: FollowedLog,
        kept: Subscriptions,
        subscribers: Sequence[Subscriber],
        discreet: Callable[[str], str] = lambda said: said,
    ) -> None:
        if len({one.name for one in subscribers}) < len(subscribers):
            raise ValueError("two subscribers have one name, and would share one position")
        self._log, self._tail, self._bell = log, Tail(log), Bell()
        self._followers = [_Follower(one, self._tail, kept, self._bell, discreet) for one in subscribers]

    def start(self) -> None:
        """Each goes on where it was; to be called before anything is decided, so that new ones miss nothing."""
        for one in self._followers:
            one.start(self._log.position)

    def listen(self, entry: Logged, _state: State) -> None:
        """Something was committed here; costs who decides next to nothing."""
        if self._followers:
            self._tail.add(entry)
            self._bell.ring()

    def progress(self) -> Sequence[Progress]:
        """Of each."""
        return [one.progress for one in self._followers]

    def stop(self) -> None:
        """Keeps where they are; who is in the middle of something for too long is left alone, and gets that again."""
        for one in self._followers:
            one.stopping.set()
        self._bell.ring()
        until = time.monotonic() + _STOP_SECONDS
        for one in self._followers:
            one.join(max(0.0, until - time.monotonic()))


class _Follower:
    """One subscriber, and the thread that brings it what happened."""

    def __init__(
        self, subscriber: Subscriber, tail: Tail, kept: Subscriptions, bell: Bell, discreet: Callable[[str], str]
    ) -> None:
        self._subscriber, self._name, self._is_durable = subscriber, subscriber.name, subscriber.begin.is_durable
        self._tail, self._kept, self._bell, self._discreet = tail, kept, bell, discreet
        self._position = self._kept_position = 0
        self._heard_of = 0.0
        """When that was kept last, by a clock that never goes back."""
        self._missed = self._tries = self._failures = 0
        self._error = ""
        """What is kept of it, if it failed at what it was given last."""
        self._thread = threading.Thread(target=self._run, name=f"subscriber {self._name}", daemon=True)
        self.stopping = threading.Event()

    @property
    def progress(self) -> Progress:
        return Progress(self._name, self._position, self._failures)

    def start(self, end: Callable[[], int]) -> None:
        begin = self._subscriber.begin
        self._position = self._kept.subscribe(self._name, begin, time.time()) if self._is_durable else end()
        self._kept_position = self._position
        self._thread.start()

    def join(self, seconds: float) -> None:
        if self._thread.ident is None:
            return  # something else could not start, and this never did
        self._thread.join(seconds)
        if self._thread.is_alive():
            _LOG.warning("subscriber %s does not come to an end; what it does now comes to it again", self._name)

    def _run(self) -> None:
        while not self.stopping.is_set():
            heard = self._bell.heard()
            try:
                found = self._go_on()
                self._keep_now_and_then()
            except Later as later:
                self.stopping.wait(min(later.seconds, _LOOK_SECONDS))
            except Exception as failed:
                self._note(failed)
                self.stopping.wait(backoff(self._tries))
                self._tries += 1
            else:
                if not found:
                    self._bell.wait(heard, _KEEP_SECONDS if self._has_news() else _LOOK_SECONDS)
        if self._position != self._kept_position and not self._tries:
            try:
                self._keep()
            except Exception:
                _LOG.warning("what subscriber %s handled last comes to it again", self._name, exc_info=True)

    def _go_on(self) -> bool:
        """Whether there was anything to handle."""
        if batch := self._tail.read(self._position, _BATCH):
            try:
                self._subscriber.handle(batch)
            except Later:
                self._tries = 0
                self._keep_now_and_then()
                raise
            if (missed := batch[0].position - self._position - 1) > 0:
                _LOG.error(
                    "subscriber %s missed %d events, which were forgotten before it saw them", self._name, missed
                )
                self._missed += missed
            self._position = batch[-1].position
        self._tries = 0
        return bool(batch)

    def _has_news(self) -> bool:
        """Whether it moved, or gets on again after a failure, and nobody else knows."""
        return self._position != self._kept_position or bool(self._error)

    def _keep_now_and_then(self) -> None:
        if time.monotonic() - self._heard_of >= (_KEEP_SECONDS if self._has_news() else _ALIVE_SECONDS):
            self._keep()

    def _keep(self) -> None:
        position = self._position
        if self._is_durable:
            self._kept.advance(self._name, position, time.time(), self._missed)
        self._kept_position, self._heard_of, self._missed, self._error = position, time.monotonic(), 0, ""

    def _note(self, failed: Exception) -> None:
        self._failures += 1
        now, error = time.monotonic(), inert(self._discreet(f"{type(failed).__name__}: {failed}"), _LONGEST_ERROR)
        if error == self._error and now - self._heard_of < _ALIVE_SECONDS:
            return
        self._error, self._heard_of = error, now
        _LOG.error("subscriber %s failed after position %d", self._name, self._position, exc_info=failed)
        if self._is_durable:
            try:
                self._kept.failed(self._name, error, time.time())
            except Exception:
                _LOG.warning("it could not be kept that subscriber %s failed", self._name, exc_info=True)
