"""Who is asking: everybody on this machine, or the holder of a token. OIDC can come beside them."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from typing import Final, Protocol

from odmd.control.may import Actor
from odmd.control.tokens import Scope, Tokens, good_token
from odmd.errors import NotAllowed, NotSignedIn, OdmdError

_NOTE_USE_EVERY: Final = 3600.0
_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: the `by` of every change."""

    name: str
    scope: Scope
    token: str = ""
    """Its id."""
    run: int | None = None
    """The only run that it is about."""
    teams: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """As decisions know him."""
        return Actor(self.name, self.teams, self.scope is Scope.ADMIN)

    def must(self, scope: Scope, run: int | None = None) -> None:
        """Raises:
        NotAllowed: the token is not good for this, or for this run.
        """
        if not self.scope.includes(scope) or (run is not None and self.run not in (None, run)):
            raise NotAllowed(f"this needs a token with scope {scope.value}", next_step="ask whoever runs the server")


class SignIn(Protocol):
    """Says who a request is of."""

    def principal(self, authorization: str | None) -> Principal:
        """Raises:
        NotSignedIn
        """
        ...


@dataclass(frozen=True, slots=True)
class Everybody:
    """On a server that only this machine reaches, everybody is who started it."""

    name: str

    def principal(self, authorization: str | None) -> Principal:  # noqa: ARG002  # there is nothing to prove
        return Principal(self.name, Scope.ADMIN)


@dataclass(frozen=True, slots=True)
class ByToken:
    """`Authorization: Bearer odmd_…`."""

    tokens: Tokens

    def principal(self, authorization: str | None) -> Principal:
        given, now = authorization or "", time.time()
        if given[: len(_BEARER)].lower() != _BEARER:
            raise NotSignedIn("the server wants a token", next_step="set ODMD_TOKEN to one of `odmd token create`")
        if (token := good_token(self.tokens, given[len(_BEARER) :].strip(), now)) is None:
            raise NotSignedIn(
                "the token is unknown, expired or revoked", next_step="`odmd token create` on the server makes another"
            )
        if token.used is None or token.used < now - _NOTE_USE_EVERY:
            self._note_use(token.id, now)
        return Principal(token.name, token.scope, token.id, token.run, token.teams)

    def _note_use(self, id: str, now: float) -> None:
        try:
            self.tokens.note_use(id, now)
        except OdmdError:
            return  # a database that takes no writes is no reason to refuse a read


def is_loopback(host: str) -> bool:
    """Whether an address, or the name of one, is of this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The host in a `Host` header, or in a URL of an origin, without its port."""
    host = header.partition("://")[2] or header
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
