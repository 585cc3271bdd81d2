"""Writes the end of the chain down outside of the database, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from odmd.control.ports.anchors import Anchor, Anchors
from odmd.control.ports.ledger import Ledger
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin, Later


class Anchoring:
    """A subscriber: what it handled is anchored. What comes in between waits for its time, so a quiet log is anchored
    to its end."""

    def __init__(
        self, ledger: Ledger, state: str, anchors: Anchors, every: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._ledger, self._state, self._anchors, self._every, self._clock = ledger, state, anchors, every, clock
        self._until = 0
        """The position that this process anchored last."""
        self._due = 0.0

    @property
    def name(self) -> str:
        return "anchors of the log"

    @property
    def begin(self) -> Begin:
        return Begin.OLDEST

    def handle(self, batch: Sequence[Logged]) -> None:
        """Raises:
        Later: the last anchor is too young.
        """
        if batch[-1].position <= self._until:
            return
        if (left := self._due - self._clock()) > 0:
            raise Later(left)
        anchored = anchor_now(self._ledger, self._state, self._anchors, self._clock())
        if anchored is not None:
            self._until, self._due = anchored.position, self._clock() + self._every


def anchor_now(ledger: Ledger, state: str, anchors: Anchors, at: float) -> Anchor | None:
    """Anchors the end of the chain; None: there is nothing yet to anchor."""
    last = next(iter(ledger.entries(limit=1, before=2**63 - 1)), None)
    if last is None or last.link is None:
        return None
    made = Anchor(state, last.position, last.link, at)
    anchors.put(made)
    return made
