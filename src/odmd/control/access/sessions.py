"""Sessions: what somebody gets who proved who he is. They are tokens that are over soon, and say how he is known."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from odmd.control.access.identities import (
    LONGEST_PROOF,
    Identities,
    IdentityProof,
    IdentityTold,
    LetIn,
    NotProven,
    ProvenIdentity,
    Rules,
    UsedProofs,
    let_in,
)
from odmd.control.access.jobs import SECONDS
from odmd.control.access.tokens import NewToken, SignedIn, Token, secret_digest, text_of
from odmd.control.scheduler.actor import Actor, Scope
from odmd.errors import ProofRefused, ServerBusy, SessionUnknown

T = TypeVar("T")

_AT_ONCE: Final = 8
"""Proofs that are looked at: an issuer may be slow, and the server has other things to do."""


class KeptSessions(UsedProofs, Protocol):
    """Where sessions are kept, and what was used for one."""

    def add(self, token: Token, digest: str, by: Actor) -> None: ...

    def sessions(self, holder: str | None, now: float, limit: int, after: str = "") -> list[Token]:
        """Those that are good, by id; of one holder, or of all."""
        ...

    def find(self, id: str) -> tuple[Token, str] | None: ...

    def revoke(self, id: str, at: float, by: Actor) -> bool: ...


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """One kind of identities, and who of them is let in."""

    identities: Identities
    rules: Rules


class SessionDesk:
    """Turns proofs into sessions, lists and ends them; whatever is wrong with a proof, who asked is told the same."""

    def __init__(self, known: Mapping[str, KnownIdentity], kept: KeptSessions) -> None:
        self._known, self._kept = known, kept
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    @property
    def told(self) -> Sequence[IdentityTold]:
        """What who signs in has to know, by name."""
        return [self._known[name].identities.told for name in sorted(self._known)]

    def sign_in(self, identity: str, proof: IdentityProof, now: float, origin: str = "") -> NewToken:
        """A session for who proves who he is, from an address.

        Raises:
            ProofRefused: it proves nothing, or who it proves is let in by no rule; the reason is its cause.
            ServerBusy: too many ask at once.
        """
        with self._asked():
            proven, granted = self._proven(identity, proof, now, lambda one: let_in(one, self._known[identity].rules))
            seconds = self._known[identity].rules.seconds
            return self._begun(identity, proven, granted, now, seconds, origin)

    def right_to(
        self,
        run: int,
        scope: Scope,
        identity: str,
        proof: IdentityProof,
        now: float,
        refuse_other: Callable[[ProvenIdentity], None],
        origin: str = "",
    ) -> NewToken:
        """A session that is good for one run, for who proves to be the job that it is for.

        Args:
            refuse_other: raises `NotProven` where he is another one.

        Raises:
            ProofRefused, ServerBusy
        """
        with self._asked():
            proven, _ = self._proven(identity, proof, now, refuse_other)
            return self._begun(identity, proven, LetIn(scope), now, SECONDS, origin, run)

    def sessions(self, holder: str | None, now: float, limit: int, after: str = "") -> list[Token]:
        """Those that are good, by id; of one holder, or of all."""
        return self._kept.sessions(holder, now, limit, after)

    def end(self, id: str, holder: str | None, now: float, by: Actor) -> None:
        """Ends a session at once; with a holder, only one of his.

        Raises:
            SessionUnknown: there is none, or it is somebody else's.
        """
        found = self._kept.find(id)
        session = found[0].session if found else None
        if session is None or holder not in (None, session.holder):
            raise SessionUnknown(f"there is no session {id} of yours", next_step="`odmd session list` lists them")
        self._kept.revoke(id, now, by)

    def _proven(
        self, identity: str, proof: IdentityProof, now: float, check: Callable[[ProvenIdentity], T]
    ) -> tuple[ProvenIdentity, T]:
        if (known := self._known.get(identity)) is None:
            raise NotProven("the settings have none of this name")
        if len(proof.text) > LONGEST_PROOF:
            raise NotProven("it is too long")
        proven = known.identities.prove(proof)
        granted = check(proven)
        if proven.once and not self._kept.use(secret_digest(f"{identity} {proven.once}"), proven.until, now):
            raise NotProven(f"{proven.name} ({proven.proof}): it was used before")
        return proven, granted

    def _begun(
        self,
        identity: str,
        proven: ProvenIdentity,
        granted: LetIn,
        now: float,
        seconds: float,
        origin: str,
        run: int | None = None,
    ) -> NewToken:
        session, secret = SignedIn(identity, proven.subject, proven.kind, proven.proof), secrets.token_urlsafe(32)
        token = Token(
            secrets.token_hex(6),
            proven.name,
            granted.scope,
            identity,
            now,
            now + seconds,
            run=run,
            teams=granted.teams,
            session=session,
        )
        told = session.told(token.id)
        by = Actor(token.name, session.kind, told, token.scope, token.teams, run, origin)
        self._kept.add(token, secret_digest(secret), by)
        return NewToken(token, text_of(token.id, secret))

    @contextmanager
    def _asked(self) -> Generator[None]:
        """Whatever is wrong, who asked is told the same."""
        try:
            with self._turn():
                yield
        except NotProven as wrong:
            raise ProofRefused(
                "this proves nobody who is let in",
                next_step="whoever runs the server finds the reason in its log, with the request's id",
            ) from wrong

    @contextmanager
    def _turn(self) -> Generator[None]:
        if not self._room.acquire(blocking=False):
            raise ServerBusy("too many sign in at once", next_step="try again in a moment")
        try:
            yield
        finally:
            self._room.release()
