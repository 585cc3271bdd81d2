"""Tokens: who may do what at the server, until when. Only a digest of the secret is kept."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.inert import inert
from odmd.errors import TokenUnknown
from odmd.plan.words import clock

_FORM: Final = re.compile(r"odmd_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
NOBODY: Final = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
"""The digest of no secret: compared with where there is no token, so that both take as long."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """How the holder of a session proved who he is."""

    identity: str
    """The name in the settings of what knows him."""
    subject: str
    """Who he is there."""
    kind: ActorKind
    proof: str
    """In words."""

    def told(self, id: str) -> str:
        """How the holder of this session is known."""
        return f"{self.proof} (session {id} by {self.identity})"

    @property
    def holder(self) -> str:
        """Unlike that of everybody else."""
        return f"{self.identity} {self.subject}"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; its secret is nowhere."""

    id: str
    name: str
    """Who acts with it: the `by` of every change."""
    scope: Scope
    by: str
    """Who made it."""
    created: float
    expires: float
    revoked: float | None = None
    used: float | None = None
    """When it was used last, to the hour."""
    run: int | None = None
    """The only run that it is good for: once, and until that ends."""
    teams: tuple[str, ...] = ()
    """Those for which its holder approves."""
    session: SignedIn | None = None
    """None: somebody made it for its holder."""

    def __str__(self) -> str:
        """What it is good for, in words."""
        good_for = self.scope.value if self.run is None else f"{self.scope.value} {self.run}"
        teams = f" for {', '.join(self.teams)}" if self.teams else ""
        return inert(f"{self.name} may {good_for}{teams} until {clock(self.expires)}", 400)

    def is_good(self, at: float) -> bool:
        """Whether it may be used now."""
        return self.revoked is None and at < self.expires


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token on the only occasion on which its text is known."""

    token: Token
    text: str


class Tokens(Protocol):
    """Where tokens are kept; that one came or went is told to the log in the same moment."""

    def add(self, token: Token, digest: str, by: Actor) -> None: ...

    def find(self, id: str) -> tuple[Token, str] | None:
        """The token, and the digest of its secret."""
        ...

    def all(self, limit: int = 500, after: str = "") -> list[Token]:
        """By id; sessions are no part of it."""
        ...

    def revoke(self, id: str, at: float, by: Actor) -> bool:
        """From now on it is good for nothing; False where there is none."""
        ...

    def note_use(self, id: str, at: float) -> None:
        """It was used about now."""
        ...


class TokenDesk(Protocol):
    """Makes, lists and ends tokens for somebody who may."""

    def create_token(
        self, name: str, scope: Scope, expires: float, run: int | None = None, teams: tuple[str, ...] = ()
    ) -> NewToken:
        """A new token, with its text."""
        ...

    def tokens(self) -> Sequence[Token]:
        """All, by id."""
        ...

    def revoke_token(self, id: str) -> None:
        """Raises:
        TokenUnknown
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """The `TokenDesk` of who reaches what keeps them."""

    kept: Tokens
    by: Actor
    clock: Callable[[], float] = time.time

    def create_token(
        self, name: str, scope: Scope, expires: float, run: int | None = None, teams: tuple[str, ...] = ()
    ) -> NewToken:
        return make_token(self.kept, name, scope, self.by, self.clock(), expires, run, teams)

    def tokens(self) -> Sequence[Token]:
        found, after = list[Token](), ""
        while page := self.kept.all(after=after):
            found += page
            after = page[-1].id
        return found

    def revoke_token(self, id: str) -> None:
        if not self.kept.revoke(id, self.clock(), self.by):
            raise TokenUnknown(f"there is no token {id}", next_step="`odmd token list` lists them")


def make_token(
    tokens: Tokens,
    name: str,
    scope: Scope,
    by: Actor,
    at: float,
    expires: float,
    run: int | None = None,
    teams: tuple[str, ...] = (),
) -> NewToken:
    """Makes and keeps a token; with a run, it is good for carrying out that, or preparing it, and nothing else."""
    scope = scope if run is None or scope is Scope.PREPARE else Scope.RUN
    secret = secrets.token_urlsafe(32)
    token = Token(secrets.token_hex(6), name, scope, by.name, at, expires, run=run, teams=teams)
    tokens.add(token, secret_digest(secret), by)
    return NewToken(token, text_of(token.id, secret))


def passing_token(name: str, at: float) -> tuple[NewToken, str]:
    """An admin's token that is kept nowhere, for as long as a process lives, and the digest of its secret."""
    secret = secrets.token_urlsafe(32)
    token = Token(secrets.token_hex(6), name, Scope.ADMIN, name, at, math.inf)
    return NewToken(token, text_of(token.id, secret)), secret_digest(secret)


def text_of(id: str, secret: str) -> str:
    """As its holder sends it."""
    return f"odmd_{id}_{secret}"


def id_of(text: str) -> str:
    """The id of the token that this is the text of; empty where it is none's."""
    found = _FORM.fullmatch(text)
    return found[1] if found else ""


def good_token(find: Callable[[str], tuple[Token, str] | None], text: str, at: float) -> Token | None:
    """The token that this is the text of, unless it is forged, expired or revoked."""
    if (parts := _FORM.fullmatch(text)) is None:
        return None
    token, digest = find(parts[1]) or (None, NOBODY)
    is_its_secret = hmac.compare_digest(secret_digest(parts[2]), digest)
    return token if token and is_its_secret and token.is_good(at) else None


def secret_digest(secret: str) -> str:
    """The secret is random and long, so one round of SHA-256 is as good as many."""
    return hashlib.sha256(secret.encode()).hexdigest()
