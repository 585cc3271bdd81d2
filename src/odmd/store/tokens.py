"""Tokens in the database, beside the log and no part of it."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from odmd.control.access.tokens import Token
from odmd.control.scheduler.actor import Scope
from odmd.store.database import Database
from odmd.store.schema import tokens
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
)


class SqlTokens:
    """Raises:
    StateUnreadable: the database cannot be used.
    """

    def __init__(self, where: Where) -> None:
        self._database = Database(where)

    def add(self, token: Token, digest: str) -> None:
        row = {"id": token.id, "name": token.name, "scope": token.scope.value, "by": token.by, "digest": digest}
        with self._database.writing() as connection:
            connection.execute(
                insert(tokens).values(
                    **row, created=token.created, expires=token.expires, run=token.run, teams=json.dumps(token.teams)
                )
            )

    def find(self, id: str) -> tuple[Token, str] | None:
        with self._database.reading() as connection:
            row = connection.execute(select(tokens.c.digest, *_COLUMNS).where(tokens.c.id == id)).first()
        return None if row is None else (_token(row), row.digest)

    def all(self, limit: int = 500, after: str = "") -> list[Token]:
        found = select(*_COLUMNS).where(tokens.c.id > after).order_by(tokens.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_token(row) for row in connection.execute(found).all()]

    def revoke(self, id: str, at: float) -> bool:
        """The first revocation counts."""
        mark = update(tokens).where(tokens.c.id == id, tokens.c.revoked.is_(None)).values(revoked=at)
        with self._database.writing() as connection:
            if connection.execute(mark).rowcount:
                return True
            return connection.execute(select(tokens.c.id).where(tokens.c.id == id)).first() is not None

    def note_use(self, id: str, at: float) -> None:
        with self._database.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == id).values(used=at))

    def close(self) -> None:
        self._database.close()


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    made = row.id, row.name, Scope(row.scope), row.by, row.created, row.expires
    return Token(*made, revoked=row.revoked, used=row.used, run=row.run, teams=tuple(json.loads(row.teams or "[]")))
