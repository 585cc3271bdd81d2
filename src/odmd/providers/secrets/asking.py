"""What stores of secrets are asked over HTTP: bounded, never sent on to another address, and quoted by status alone."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import httpx

from odmd.control.ports.secrets import Described, SecretStanding
from odmd.errors import SecretStoreUnreachable

_SECONDS: Final = 15.0
_LARGEST: Final = 4_000_000
_BUSY: Final = frozenset({408, 412, 425, 429})
_SERVERS_OWN: Final = 500
_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_WHY: Final = {401: "it does not know who asks", _FORBIDDEN: "it lets nobody in who asks with this right"}

Found = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SecretAsking:
    """One server, and the right to ask there."""

    store: str
    """As people call it."""
    address: str
    headers: Mapping[str, str]
    authority: str = ""
    """A file with the certificates that it is believed by; empty: those that this machine believes."""

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Found | Described:
        """The JSON object that is there, or why there is none. What an error says is not repeated: it may be anything.

        Raises:
            SecretStoreUnreachable
        """
        url = f"{self.address.rstrip('/')}{path}"
        try:
            verify = ssl.create_default_context(cafile=self.authority) if self.authority else True
            with httpx.Client(timeout=_SECONDS, follow_redirects=False, verify=verify) as client:
                found = client.get(url, params=dict(parameters or {}), headers=dict(self.headers))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as wrong:
            raise self.away(f"it does not answer ({type(wrong).__name__})") from wrong
        if found.status_code >= _SERVERS_OWN or found.status_code in _BUSY or _is_out_of_breath(found):
            raise self.away(f"it answers {found.status_code}")
        if found.status_code == _NOT_FOUND:
            return Described(SecretStanding.ABSENT, why=f"{self.store} answers 404")
        if not found.is_success:
            why = _WHY.get(found.status_code, "")
            return Described(
                SecretStanding.UNREADABLE, why=f"{self.store} answers {found.status_code}{why and f': {why}'}"
            )
        return self._object(found)

    def away(self, why: str) -> SecretStoreUnreachable:
        """What is said where nobody knows."""
        return SecretStoreUnreachable(
            f"{self.store} at {self.address} tells nothing of its secrets: {why}",
            next_step="see whether it is well, and the network to it; runs that need it are tried again",
        )

    def _object(self, found: httpx.Response) -> Found:
        try:
            said: object = json.loads(found.content) if len(found.content) <= _LARGEST else None
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise self.away("what answers does not speak its language")
        return cast("Found", said)


def inner(found: Found, name: str) -> Found:
    """A member that is an object itself; empty where it is none."""
    member = found.get(name)
    return cast("Found", member) if isinstance(member, dict) else {}


def _is_out_of_breath(found: httpx.Response) -> bool:
    """GitHub says 403 of too many requests, too."""
    headers = found.headers
    return found.status_code == _FORBIDDEN and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")
