"""Deploys by itself what branches get, while this process leads: when it is time, and when somebody says that one
moved."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from typing import Final

from odmd.errors import OdmdError
from odmd.plan import Plan
from odmd.plan.words import short

LOGGER: Final = logging.getLogger("odmd.server")
_MINUTE_SECONDS: Final = 60.0
GoOn = Callable[[Collection[str] | None], Plan | None]
"""Carries out what moved, be it in some repositories only."""


class Deploying:
    """A thread of one term."""

    def __init__(self, go_on: GoOn, poll: float) -> None:
        """`poll`: seconds after which all is looked at; 0: only what somebody says moved, and all at first. Each
        minute it goes on all the same, for what is due."""
        self._go_on, self._poll = go_on, poll
        self._said = threading.Condition()
        self._repos = set[str]()
        self._over = False

    def pushed(self, repo: str) -> None:
        """Something moved in a repository; returns at once."""
        with self._said:
            self._repos.add(repo)
            self._said.notify()

    @contextmanager
    def running(self) -> Generator[None]:
        """Looks while inside; leaving waits for the look that is under way."""
        thread = threading.Thread(target=self._run, name="deploying")
        thread.start()
        try:
            yield
        finally:
            with self._said:
                self._over = True
                self._said.notify()
            thread.join()

    def _run(self) -> None:
        repos: Collection[str] | None = None
        while not self._over:
            try:
                if plan := self._go_on(repos):
                    LOGGER.info("deploys by itself", extra={"fields": {"plan": short_digest(plan)}})
            except OdmdError as trouble:  # the next look finds the same
                LOGGER.warning("branches could not be looked at: %s %s", trouble.code, trouble.fact)
            except Exception:
                LOGGER.exception("odmd itself is at fault")
            repos = self._next()

    def _next(self) -> Collection[str] | None:
        """What was said to have moved, as soon as something was; None: it is time to look at all."""
        with self._said:
            moved = self._said.wait_for(lambda: self._repos or self._over, self._poll or _MINUTE_SECONDS)
            found, self._repos = self._repos, set[str]()
            return found if moved or not self._poll else None


def short_digest(plan: Plan) -> str:
    """As people quote it."""
    return short(plan.digest().removeprefix("sha256:"))
