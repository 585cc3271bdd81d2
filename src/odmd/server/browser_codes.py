"""One-time sign-ins: how a command lets the browser of who types it in, without a token in an address."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import Final

from odmd.control.access.tokens import secret_digest
from odmd.errors import NotSignedIn, ServerBusy

SECONDS: Final = 60.0
"""For which one is good: as long as a browser takes to start."""
_MOST: Final = 1000


@dataclass(slots=True)
class BrowserCodes:
    """In this process alone, and gone with it; each is good once."""

    _kept: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])
    """Digest of a code → what it stands for, and until when."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def give(self, text: str, now: float) -> str:
        """A code that stands for a token, for a moment.

        Raises:
            ServerBusy: too many wait to be used.
        """
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._kept = {digest: kept for digest, kept in self._kept.items() if now < kept[1]}
            if len(self._kept) >= _MOST:
                raise ServerBusy("too many sign in at once", next_step="try again in a moment")
            self._kept[secret_digest(code)] = text, now + SECONDS
        return code

    def take(self, code: str, now: float) -> str:
        """What a code stands for; from now on it stands for nothing.

        Raises:
            NotSignedIn: it was used, is over, or never was.
        """
        with self._lock:
            text, until = self._kept.pop(secret_digest(code), ("", 0.0))
        if now >= until:
            raise NotSignedIn("this sign-in was used, or is over", next_step="`odmd console` makes another one")
        return text
