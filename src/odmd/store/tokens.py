"""Tokens in the database, beside the log, which is told in the same transaction who got in, and who does no more."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from odmd.control.access.tokens import SignedIn, Token
from odmd.control.scheduler.actor import AccessChange, Actor, ActorKind, Scope
from odmd.control.scheduler.messages import NoteAccess
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import tokens, used_proofs
from odmd.store.telling import tell
from odmd.store.where import Where

_COLUMNS: Final = (
    tokens.c.id,
    tokens.c.name,
    tokens.c.scope,
    tokens.c.by,
    tokens.c.created,
    tokens.c.expires,
    tokens.c.revoked,
    tokens.c.used,
    tokens.c.run,
    tokens.c.teams,
    tokens.c.session,
)
_FORGOTTEN_AFTER: Final = 24 * 3600.0
"""Seconds for which a session that is over is kept."""


class SqlTokens:
    """Raises:
    StateUnreadable: the database cannot be used.
    """

    def __init__(self, where: Where) -> None:
        self._database = Database(where)

    def add(self, token: Token, digest: str, by: Actor) -> None:
        row: dict[str, object] = {"id": token.id, "name": token.name, "scope": token.scope.value, "by": token.by}
        row |= {"digest": digest, "created": token.created, "expires": token.expires, "run": token.run}
        row |= {"teams": json.dumps(token.teams)}
        if token.session:
            row |= {"holder": token.session.holder, "session": json.dumps(asdict(token.session))}
        with self._database.writing() as connection:
            if token.session:
                over = tokens.c.expires < token.created - _FORGOTTEN_AFTER
                connection.execute(delete(tokens).where(tokens.c.holder.is_not(None), over))
            connection.execute(insert(tokens).values(**row))
            change = AccessChange.SESSION_BEGUN if token.session else AccessChange.TOKEN_MADE
            tell(self._database, connection, _noted(change, token, by), token.created)

    def find(self, id: str) -> tuple[Token, str] | None:
        with self._database.reading() as connection:
            row = connection.execute(select(tokens.c.digest, *_COLUMNS).where(tokens.c.id == id)).first()
        return None if row is None else (_token(row), row.digest)

    def all(self, limit: int = 500, after: str = "") -> list[Token]:
        return self._page(limit, after, tokens.c.holder.is_(None))

    def sessions(self, holder: str | None, now: float, limit: int, after: str = "") -> list[Token]:
        whose = tokens.c.holder.is_not(None) if holder is None else tokens.c.holder == holder
        return self._page(limit, after, whose, tokens.c.expires > now, tokens.c.revoked.is_(None))

    def _page(self, limit: int, after: str, *which: ColumnElement[bool]) -> list[Token]:
        found = select(*_COLUMNS).where(tokens.c.id > after, *which).order_by(tokens.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_token(row) for row in connection.execute(found).all()]

    def use(self, digest: str, until: float, now: float) -> bool:
        with self._database.writing() as connection:
            connection.execute(delete(used_proofs).where(used_proofs.c.until < now))
            return insert_new(connection, used_proofs, {"digest": digest, "until": until})

    def revoke(self, id: str, at: float, by: Actor) -> bool:
        """The first revocation counts."""
        mark = update(tokens).where(tokens.c.id == id, tokens.c.revoked.is_(None)).values(revoked=at)
        with self._database.writing() as connection:
            is_first = bool(connection.execute(mark).rowcount)
            row = connection.execute(select(*_COLUMNS).where(tokens.c.id == id)).first()
            if is_first and row is not None:
                token = _token(row)
                change = AccessChange.SESSION_ENDED if token.session else AccessChange.TOKEN_REVOKED
                tell(self._database, connection, _noted(change, token, by), at)
            return row is not None

    def note_use(self, id: str, at: float) -> None:
        with self._database.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == id).values(used=at))

    def close(self) -> None:
        self._database.close()


def _noted(change: AccessChange, token: Token, by: Actor) -> NoteAccess:
    return NoteAccess(change, token.id, f"{change.value}: {token}", by)


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    made = row.id, row.name, Scope(row.scope), row.by, row.created, row.expires
    teams, session = tuple(json.loads(row.teams or "[]")), _session(row.session)
    return Token(*made, revoked=row.revoked, used=row.used, run=row.run, teams=teams, session=session)


def _session(text: str | None) -> SignedIn | None:
    if text is None:
        return None
    said: dict[str, str] = json.loads(text)
    return SignedIn(said["identity"], said["subject"], ActorKind(said["kind"]), said["proof"])
