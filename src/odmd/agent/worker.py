"""A worker: an agent in a process of ours, several runs at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from odmd.agent.agent import Agent
from odmd.control.leading.bell import Bell
from odmd.control.leading.desk import Claim
from odmd.control.scheduler.messages import FailRun, FinishRun
from odmd.errors import FailedForNow

LOGGER: Final = logging.getLogger("odmd.worker")
_LOOK_SECONDS: Final = 1.0
"""How long at most to rely on the bell."""
_PARTING_SECONDS: Final = 3.0


class Worker:
    """Takes runs that wait, whenever it has room.

    Args:
        bell: rings when there may be a run.
        give_up: told what ended the worker, or a run without an outcome, which nobody would wait for otherwise.
    """

    def __init__(self, agent: Agent, places: int, bell: Bell, give_up: Callable[[BaseException], None]) -> None:
        self._agent, self._bell, self._give_up = agent, bell, give_up
        self._room = threading.Semaphore(places)
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="run")
        self._stopping = threading.Event()
        self._trouble = False
        """It was told that there are no runs to be had for now."""
        self._taking = threading.Thread(target=self._take_on, name="worker", daemon=True)

    def start(self) -> None:
        """Takes runs from now on."""
        self._taking.start()

    def stop(self) -> None:
        """Takes no more, and waits for the runs under way."""
        self._stopping.set()
        self._bell.ring()
        if self._taking.is_alive():
            self._taking.join(_PARTING_SECONDS)
        self._pool.shutdown(wait=True)

    def _take_on(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._room.acquire(timeout=_LOOK_SECONDS):
                    self._take()
        except BaseException as broken:
            self._give_up(broken)

    def _take(self) -> None:
        """One run, or a wait for one; a place is taken."""
        heard = self._bell.heard()
        if claim := self._claim():
            self._pool.submit(self._agent.carry_out, claim).add_done_callback(self._done)
        else:
            self._room.release()
            if not self._stopping.is_set():
                self._bell.wait(heard, _LOOK_SECONDS)

    def _claim(self) -> Claim | None:
        try:
            claim = self._agent.claim()
        except FailedForNow as trouble:
            if not self._trouble:
                LOGGER.warning("takes no runs for now: %s", trouble)
            self._trouble = True
            return None
        self._trouble = False
        return claim

    def _done(self, done: Future[FinishRun | FailRun]) -> None:
        self._room.release()
        if not done.cancelled() and (trouble := done.exception()) is not None:
            self._give_up(trouble)
