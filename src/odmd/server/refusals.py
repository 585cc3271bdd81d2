"""Who is turned away at the door stands in the log: once a minute for each who and what, however often he knocks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action
from odmd.control.scheduler.messages import NoteRefusal
from odmd.errors import NotAllowed, OdmdError

LOGGER: Final = logging.getLogger("odmd.server")
MOST: Final = 100
"""Told in one minute by one server, of all together."""
_MINUTE: Final = 60.0

Tell = Callable[[str, NoteRefusal, float], bool]
"""Puts a message into the inbox: its id, itself, when. An id that came before changes nothing."""


class Refusals:
    """Tells them. The id of a message is that of who, what and the minute, so several servers tell it once."""

    def __init__(self, tell: Tell, clock: Callable[[], float] = time.time) -> None:
        self._tell, self._clock = tell, clock
        self._minute, self._told = 0, set[str]()

    def note(self, by: Actor, action: Action, refusal: NotAllowed) -> None:
        """Whether or not it can be told: who is refused stays refused."""
        now = self._clock()
        if (minute := int(now // _MINUTE)) != self._minute:
            self._minute, self._told = minute, set[str]()
        who = sha256(f"{by.name} {by.proof}".encode()).hexdigest()[:32]
        id = f"refused/{minute}/{who}/{action.value}"
        if id in self._told or len(self._told) >= MOST:
            return
        self._told.add(id)
        try:
            self._tell(id, NoteRefusal(by, action, refusal.fact, refusal.next_step), now)
        except OdmdError as wrong:
            LOGGER.warning("a refusal is not in the log: %s", wrong)
