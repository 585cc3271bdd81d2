"""Signing in on another device: a code is shown here, and typed there (RFC 8628)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from odmd.client.proving.provider import Provider, refused, text_in
from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.errors import SignInFailed

_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_USUAL_INTERVAL: Final = 5.0
_SLOWER: Final = 5.0
_LONGEST: Final = 1800.0


def by_device(
    told: IdentityTold,
    say: Callable[[str], None],
    provider: Provider | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> IdentityProof:
    """Raises:
    SignInFailed: he said no, or nothing in time.
    """
    provider = provider or Provider(told.issuer)
    fine, asked = provider.ask("device_authorization_endpoint", {"client_id": told.audience, "scope": told.scopes})
    if not fine:
        raise refused(asked, "it starts no sign-in")
    say(f"open {text_in(asked, 'verification_uri')} and type {text_in(asked, 'user_code')}")
    interval, left = _seconds(asked, "interval", _USUAL_INTERVAL), _seconds(asked, "expires_in", _LONGEST)
    form = {"grant_type": _GRANT, "device_code": text_in(asked, "device_code"), "client_id": told.audience}
    while left > 0:
        wait(interval)
        left -= interval
        fine, said = provider.ask("token_endpoint", form)
        if fine:
            return IdentityProof(text_in(said, "id_token"))
        match said.get("error"):
            case "authorization_pending":
                continue
            case "slow_down":
                interval += _SLOWER
            case _:
                raise refused(said, "it gives no token")
    raise SignInFailed("nobody typed the code in time", next_step="sign in again")


def _seconds(said: Mapping[str, object], name: str, usual: float) -> float:
    found = said.get(name, usual)
    return min(float(found), _LONGEST) if isinstance(found, (int, float)) and found > 0 else usual
