"""A worker: an agent in our own process, several runs at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from odmd.agent.agent import Agent


class Worker:
    """Takes runs that are dispatched to it; the same run twice is taken once."""

    def __init__(self, runs_at_once: int, give_up: Callable[[BaseException], None]) -> None:
        """`give_up` is told what ended a run without an outcome, which nobody would wait for otherwise."""
        self._give_up = give_up
        self._pool = ThreadPoolExecutor(runs_at_once, thread_name_prefix="run")
        self._lock = threading.Lock()
        self._taken: set[int] = set()
        self._agent: Agent | None = None

    def start(self, agent: Agent) -> None:
        """Runs dispatched from now on are carried out by this agent."""
        self._agent = agent

    def dispatch(self, run: int) -> None:
        """Carries out a run as soon as there is room.

        Raises:
            RuntimeError: the worker was not started.
        """
        if self._agent is None:
            raise RuntimeError("the worker was not started")
        with self._lock:
            if run in self._taken:
                return
            self._taken.add(run)
        self._pool.submit(self._agent.carry_out, run).add_done_callback(self._check)

    def _check(self, done: Future[None]) -> None:
        if not done.cancelled() and (trouble := done.exception()) is not None:
            self._give_up(trouble)

    def stop(self) -> None:
        """Waits for the runs under way; those that still wait for room stay for the next process."""
        self._pool.shutdown(wait=True, cancel_futures=True)
