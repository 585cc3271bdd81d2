"""Whose attempts are, and what was handed in for them: in memory, and beside the log in the database."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

from sqlalchemy import select

from odmd.control.tokens import NOBODY, secret_digest
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import claims, handed_in


class MemoryClaims:
    """Claims in a dictionary."""

    def __init__(self) -> None:
        self._claims: dict[tuple[int, int], tuple[str, str]] = {}
        self._handed_in: dict[int, dict[str, int]] = {}

    def own(self, run: int, attempt: int, token: str, secret: str) -> bool:
        self._claims.setdefault((run, attempt), (token, secret_digest(secret)))
        return self.is_of(run, attempt, token, secret)

    def is_of(self, run: int, attempt: int, token: str, secret: str) -> bool:
        return _is_of(self._claims.get((run, attempt)), token, secret)

    def hand_in(self, run: int, digest: str, size: int) -> None:
        self._handed_in.setdefault(run, {})[digest] = size

    def handed_in(self, run: int) -> Mapping[str, int]:
        return self._handed_in.get(run, {})


class SqlClaims:
    """One row an attempt that was claimed over HTTP, and one an artifact and run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def own(self, run: int, attempt: int, token: str, secret: str) -> bool:
        row = {"run": run, "attempt": attempt, "token": token, "digest": secret_digest(secret), "at": time.time()}
        with self._database.writing() as connection:
            insert_new(connection, claims, row)
        return self.is_of(run, attempt, token, secret)

    def is_of(self, run: int, attempt: int, token: str, secret: str) -> bool:
        found = select(claims.c.token, claims.c.digest).where(claims.c.run == run, claims.c.attempt == attempt)
        with self._database.reading() as connection:
            row = connection.execute(found).first()
        return _is_of(None if row is None else (row.token, row.digest), token, secret)

    def hand_in(self, run: int, digest: str, size: int) -> None:
        with self._database.writing() as connection:
            insert_new(connection, handed_in, {"run": run, "digest": digest, "size": size, "at": time.time()})

    def handed_in(self, run: int) -> Mapping[str, int]:
        found = select(handed_in.c.digest, handed_in.c.size).where(handed_in.c.run == run)
        with self._database.reading() as connection:
            return {row.digest: row.size for row in connection.execute(found)}


def _is_of(claimed: tuple[str, str] | None, token: str, secret: str) -> bool:
    holder, digest = claimed or ("", NOBODY)
    is_its_secret = hmac.compare_digest(secret_digest(secret), digest)
    return claimed is not None and is_its_secret and hmac.compare_digest(holder.encode(), token.encode())
