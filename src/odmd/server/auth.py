"""Who is asking: the holder of a token, or of a session, which is one that he got by proving who he is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from odmd.control.access.tokens import SignedIn, Token, Tokens, good_token
from odmd.control.scheduler.actor import Actor, ActorKind
from odmd.control.scheduler.may import Action, Subject, may
from odmd.control.scheduler.runs import Run
from odmd.errors import NotAllowed, NotSignedIn, OdmdError
from odmd.graph import Graph

_NOTE_USE_EVERY: Final = 3600.0
_BEARER: Final = "bearer "
OWN: Final = "own"
"""Stands for the id of the token of who started the server, which is another one at each start."""
_MADE: Final = "that `odmd token create` made where the server is, or `odmd login` if it knows you"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, with the token that says so."""

    actor: Actor
    """The `by` of every change."""
    token: str
    """Its id, or `OWN`."""
    over: bool
    """Whether the only run that he is about ended: he may say once more how, and nothing else."""
    expires: float
    session: SignedIn | None = None
    """How he proved who he is, where that is how he is known."""

    def calling_from(self, origin: str) -> Caller:
        """The same, as he asks from an address."""
        return replace(self, actor=replace(self.actor, origin=origin))

    def must(self, action: Action, run: int | None = None, graph: Graph | None = None) -> None:
        """Whether he may at all; about which envers is asked where that is known.

        Raises:
            NotAllowed: the token is not good for this, or for this run, or the policies of these contracts are against.
        """
        if refusal := may(self.actor, action, Subject(run=run), graph):
            raise NotAllowed(refusal.reason, next_step=refusal.next_step)


def _actor(token: Token, id: str) -> Actor:
    if token.session:
        kind, proof = token.session.kind, token.session.told(id)
    else:
        kind, proof = (ActorKind.PERSON, "started the server") if id == OWN else (ActorKind.TOKEN, f"token {id}")
    return Actor(token.name, kind, proof, token.scope, token.teams, token.run)


class SignIn(Protocol):
    """Says who a request is of."""

    def principal(self, authorization: str | None) -> Caller:
        """Raises:
        NotSignedIn
        """
        ...


@dataclass(frozen=True, slots=True)
class ByToken:
    """`Authorization: Bearer odmd_…`."""

    tokens: Tokens
    find_run: Callable[[int], Run | None]
    own: tuple[Token, str] | None = None
    """That of who started the server, with the digest of its secret: it is in no list."""

    def principal(self, authorization: str | None) -> Caller:
        given, now = authorization or "", time.time()
        if given[: len(_BEARER)].lower() != _BEARER:
            raise NotSignedIn("the server wants a token", next_step=f"{self._who}set ODMD_TOKEN to one {_MADE}")
        if (token := good_token(self._find, given[len(_BEARER) :].strip(), now)) is None:
            raise NotSignedIn(
                "the token is unknown, expired or revoked",
                next_step=f"{self._who}set ODMD_TOKEN to another one {_MADE}",
            )
        if not self._is_own(token.id) and (token.used is None or token.used < now - _NOTE_USE_EVERY):
            self._note_use(token.id, now)
        run = None if token.run is None else self.find_run(token.run)
        over = run is not None and run.finished_at is not None
        id = OWN if self._is_own(token.id) else token.id  # what was claimed with the last one is claimed with this one
        return Caller(_actor(token, id), id, over, token.expires, token.session)

    @property
    def _who(self) -> str:
        return f"ask as {self.own[0].name}, who started it and needs none, or " if self.own else ""

    def _is_own(self, id: str) -> bool:
        return self.own is not None and self.own[0].id == id

    def _find(self, id: str) -> tuple[Token, str] | None:
        return self.own if self._is_own(id) else self.tokens.find(id)

    def _note_use(self, id: str, now: float) -> None:
        try:
            self.tokens.note_use(id, now)
        except OdmdError:
            return  # a database that takes no writes is no reason to refuse a read
