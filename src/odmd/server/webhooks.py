"""Takes what hosts of repositories say moved: known by its signature before it is read, and kept before it is answered.
It is a hint and no more: what is there is read from the repository."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import anyio

from odmd.control.ports.hosts import Deliveries, ReadHint
from odmd.errors import NothingThere, SettingsInvalid, WebhookUnsigned

VARIABLE: Final = "ODMD_WEBHOOK_SECRET"
_SHORTEST: Final = 16
_AT_ONCE: Final = 2
_PREFIX: Final = "sha256="


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Those of GitHub, and of hosts that sign as GitHub does. Any server takes them, whoever leads."""

    secrets: Sequence[str] = field(repr=False)
    """Each shared with somebody who sends them; none: none are taken."""
    read: ReadHint
    deliveries: Deliveries
    arrived: Callable[[], None] = lambda: None
    """Told that there is something to look at."""
    at_once: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_AT_ONCE))
    """Anybody may send megabytes to be looked at."""

    def take(self, event: str, id: str, signature: str, body: bytes) -> None:
        """Keeps one that is new; what it does not speak of is fine, and comes to nothing.

        Args:
            id: by which it is known if it comes again; empty: it is taken for new.

        Raises:
            NothingThere: none are taken here.
            WebhookUnsigned
            RequestInvalid: it is signed, and names no repository.
        """
        if not self.secrets:
            raise NothingThere(
                "no webhooks are taken here",
                next_step=f"set {VARIABLE} for `odmd serve`, or give `odmd github setup` the address",
            )
        if not self._is_signed(signature, body):
            raise WebhookUnsigned(
                "the webhook is not signed with the secret that this server knows",
                next_step=f"give both the same one: {VARIABLE} here, Secret there",
            )
        found = self.read(event, body)
        if found is not None and self.deliveries.take(id or uuid.uuid4().hex, found, time.time()):
            self.arrived()

    def _is_signed(self, signature: str, body: bytes) -> bool:
        """All secrets are tried, so that the time it takes says nothing."""
        good = False
        for secret in self.secrets:
            signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            good |= hmac.compare_digest(signature.encode(), f"{_PREFIX}{signed}".encode())
        return good


def webhook_secret() -> str:
    """That of the environment; empty where there is none.

    Raises:
        SettingsInvalid: it can be guessed.
    """
    secret = os.environ.get(VARIABLE, "")
    if 0 < len(secret) < _SHORTEST:
        raise SettingsInvalid(
            f"{VARIABLE} has {len(secret)} characters, and {_SHORTEST} are the least",
            next_step="make one: openssl rand -hex 32",
        )
    return secret
