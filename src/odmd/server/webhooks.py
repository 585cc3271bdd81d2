"""What hosts of repositories say moved. It is a hint and no more: what is there is read from the repository."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import anyio

from odmd.errors import NothingThere, RequestInvalid, SettingsInvalid, WebhookUnsigned

VARIABLE: Final = "ODMD_WEBHOOK_SECRET"
_SHORTEST: Final = 16
_AT_ONCE: Final = 2
_MOVING: Final = ("push", "create", "delete")
_PREFIX: Final = "sha256="


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Those of GitHub, and of hosts that sign as GitHub does."""

    secret: str = field(repr=False)
    """Shared with whoever sends them; empty: none are taken."""
    pushed: Callable[[str], None]
    """Told the name of a repository, in small letters, in which something moved."""
    at_once: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_AT_ONCE))
    """Anybody may send megabytes to be looked at."""

    def take(self, event: str, signature: str, body: bytes) -> None:
        """Looks at one; what it does not speak of is fine, and comes to nothing.

        Raises:
            NothingThere: none are taken here.
            WebhookUnsigned
            RequestInvalid: it is signed, and names no repository.
        """
        if not self.secret:
            raise NothingThere("no webhooks are taken here", next_step=f"set {VARIABLE} for `odmd serve`")
        signed = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), f"{_PREFIX}{signed}".encode()):
            raise WebhookUnsigned(
                "the webhook is not signed with the secret that this server knows",
                next_step=f"give both the same one: {VARIABLE} here, Secret there",
            )
        if event in _MOVING:
            self.pushed(_repository(body).lower())


def _repository(body: bytes) -> str:
    try:
        name = json.loads(body)["repository"]["full_name"]
    except (ValueError, KeyError, TypeError, RecursionError):
        name = None
    if isinstance(name, str):
        return name
    raise RequestInvalid("the webhook names no repository", next_step="choose the content type application/json")


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
