"""Takes what hosts of repositories say moved: known by its signature before it is read, and kept before it is answered.
It is a hint and no more: what is there is read from the repository."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
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
_SIGNATURE: Final = re.compile(rf"{_PREFIX}[0-9a-f]{{64}}")
_LARGE_AT_ONCE: Final = 4


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
    large: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_LARGE_AT_ONCE))
    """So many are read at a time that are large, or do not say how large they are."""

    def refuse_unsigned(self, signature: str) -> None:
        """Before anything is read of what nobody can have signed.

        Raises:
            NothingThere: none are taken here.
            WebhookUnsigned
        """
        if not self.secrets:
            raise NothingThere(
                "no webhooks are taken here",
                next_step=f"set {VARIABLE} for `odmd serve`, or give `odmd github setup` the address",
            )
        if not _SIGNATURE.fullmatch(signature):
            raise _unsigned()

    def take(self, event: str, id: str, signature: str, body: bytes) -> None:
        """Keeps one that is new; what it does not speak of is fine, and comes to nothing.

        Args:
            id: by which it is known if it comes again; empty: it is taken for new.

        Raises:
            NothingThere: none are taken here.
            WebhookUnsigned
            RequestInvalid: it is signed, and names no repository.
        """
        self.refuse_unsigned(signature)
        if not self._is_signed(signature, body):
            raise _unsigned()
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


def _unsigned() -> WebhookUnsigned:
    return WebhookUnsigned(
        "the webhook is not signed with the secret that this server knows",
        next_step=f"give both the same one: {VARIABLE} here, Secret there",
    )


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
