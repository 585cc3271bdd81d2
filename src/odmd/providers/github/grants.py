"""The right to act in some repositories with some rights, and the tokens that GitHub gives for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from odmd.providers.github.models import InstallationToken

_EARLY_SECONDS: Final = 300.0
"""A token is not used any more when so little of its hour is left."""
_MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class AppGrant:
    """As narrow as what is to be done: repositories by number, rights by name."""

    installation: int
    repositories: tuple[int, ...]
    permissions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, installation: int, repository: int, **permissions: str) -> Self:
        """In one repository; that it is there is seen with any right."""
        return cls(installation, (repository,), tuple(sorted({"metadata": "read", **permissions}.items())))


Make = Callable[[AppGrant], InstallationToken]


class GrantTokens:
    """Tokens by what they are good for, made when they are first needed. They are nowhere but in this memory."""

    def __init__(self, make: Make, clock: Callable[[], float] = time.time) -> None:
        self._make, self._clock = make, clock
        self._kept = dict[AppGrant, InstallationToken]()
        self._lock = threading.Lock()
        self._making = dict[AppGrant, threading.Lock]()

    def token(self, grant: AppGrant) -> str:
        """One that is good for some minutes at least; threads that want the same one wait for it.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        with self._lock:
            making = self._making.setdefault(grant, threading.Lock())
        with making:
            if (kept := self._kept.get(grant)) is None or not self._is_good(kept):
                kept = self._make(grant)
                with self._lock:
                    self._forget_old()
                    self._kept[grant] = kept
        return kept.token

    def drop(self, grant: AppGrant, token: str) -> None:
        """GitHub does not take it any more."""
        with self._lock:
            if (kept := self._kept.get(grant)) and kept.token == token:
                del self._kept[grant]

    def _is_good(self, one: InstallationToken) -> bool:
        return one.expires_at.timestamp() - _EARLY_SECONDS > self._clock()

    def _forget_old(self) -> None:
        if len(self._kept) < _MOST:
            return
        self._kept = {grant: one for grant, one in self._kept.items() if self._is_good(one)}
        while len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)))
