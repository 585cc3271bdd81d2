"""An issuer of OpenID Connect, as who signs in there sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import httpx

from odmd.control.access.addresses import is_safe
from odmd.errors import SignInFailed

_TIMEOUT: Final = 20.0
_SHOWN: Final = 300


class Provider:
    """Asks one issuer.

    Raises:
        SignInFailed: from every method: it does not answer, or says no.
    """

    def __init__(self, issuer: str, transport: httpx.BaseTransport | None = None) -> None:
        self.issuer = issuer
        self._http = httpx.Client(timeout=_TIMEOUT, transport=transport)
        self._said: Mapping[str, object] | None = None

    def endpoint(self, name: str) -> str:
        """One of its addresses."""
        if self._said is None:
            self._said = self._object("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")[1]
        if self._said.get("issuer") != self.issuer:
            raise SignInFailed(f"{self.issuer} says that it is another issuer", next_step="tell whoever runs it")
        if isinstance(found := self._said.get(name), str) and is_safe(found):
            return found
        raise SignInFailed(f"{self.issuer} has no {name}", next_step="sign in another way")

    def ask(self, name: str, form: Mapping[str, str]) -> tuple[bool, Mapping[str, object]]:
        """Whether it says yes, and what."""
        return self._object("POST", self.endpoint(name), form)

    def _object(
        self, method: str, url: str, form: Mapping[str, str] | None = None
    ) -> tuple[bool, Mapping[str, object]]:
        try:
            answer = self._http.request(method, url, data=form, headers={"Accept": "application/json"})
            said: object = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as wrong:
            raise SignInFailed(
                f"{url} does not answer: {type(wrong).__name__} {wrong}", next_step="see the network, and try again"
            ) from None
        if not isinstance(said, dict):
            raise SignInFailed(f"{url} answers with no object", next_step="see whether it is an issuer")
        return answer.is_success, cast("Mapping[str, object]", said)


def text_in(said: Mapping[str, object], name: str) -> str:
    """Raises:
    SignInFailed: there is none.
    """
    if isinstance(found := said.get(name), str) and found:
        return found
    raise refused(said, f"it says no {name}")


def refused(said: Mapping[str, object], otherwise: str) -> SignInFailed:
    """What an issuer's no is told as."""
    words = [str(said[name]) for name in ("error", "error_description") if name in said]
    return SignInFailed(
        f"the issuer refuses: {': '.join(words)[:_SHOWN] or otherwise}",
        next_step="sign in again, or ask whoever runs the issuer",
    )
