"""Whose attempts are, and what was handed in for them: in memory, and beside the log in the database."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, exists, func, select

from odmd.control.access.claims import Amount
from odmd.control.access.tokens import NOBODY, secret_digest
from odmd.control.ports.journal import DoneStep
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.store.artifacts import keep
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import claims, handed_in, steps


class MemoryClaims:
    """Claims in a dictionary."""

    def __init__(self) -> None:
        self._claims: dict[tuple[int, int], tuple[str, str]] = {}
        self._handed_in: dict[int, dict[str, int]] = {}
        self._journalled: dict[int, dict[str, int]] = {}

    def own(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        self._claims.setdefault((run, attempt), (token, secret_digest(secret)))
        return self.is_of(run, attempt, token, secret)

    def is_of(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        return _is_of(self._claims.get((run, attempt)), token, secret)

    def hand_in(
        self, run: int, digest: str, size: int, compressed: bytes, most: Amount, *, is_report: bool = False
    ) -> Amount | None:
        del compressed, is_report  # to know of it is enough here
        return _add(self._handed_in.setdefault(run, {}), digest, size, most)

    def journal(self, run: int, attempt: AttemptNumber, step: DoneStep, most: Amount) -> Amount | None:
        del attempt
        return _add(self._journalled.setdefault(run, {}), step.name, len(step.result), most)

    def handed_in(self, run: int) -> Mapping[str, int]:
        return self._handed_in.get(run, {})


class SqlClaims:
    """One row an attempt that was claimed over HTTP, and one an artifact and run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def own(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        row = {"run": run, "attempt": attempt, "token": token, "digest": secret_digest(secret), "at": time.time()}
        with self._database.writing() as connection:
            insert_new(connection, claims, row)
        return self.is_of(run, attempt, token, secret)

    def is_of(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        found = select(claims.c.token, claims.c.digest).where(claims.c.run == run, claims.c.attempt == attempt)
        with self._database.reading() as connection:
            row = connection.execute(found).first()
        return _is_of(None if row is None else (row.token, row.digest), token, secret)

    def hand_in(
        self, run: int, digest: str, size: int, compressed: bytes, most: Amount, *, is_report: bool = False
    ) -> Amount | None:
        now, of_run = time.time(), handed_in.c.run == run
        with self._database.handing_in(run) as connection:
            if _is_there(connection, of_run & (handed_in.c.digest == digest)):
                return None
            if not most.has_room(used := _used(connection, handed_in.c.size, of_run), size):
                return used
            keep(connection, digest, compressed, is_report=is_report)
            insert_new(connection, handed_in, {"run": run, "digest": digest, "size": size, "at": now})
        return None

    def journal(self, run: int, attempt: AttemptNumber, step: DoneStep, most: Amount) -> Amount | None:
        of_run = steps.c.run == run
        with self._database.handing_in(run) as connection:
            if _is_there(connection, of_run & (steps.c.name == step.name)):
                return None
            if not most.has_room(used := _used(connection, func.length(steps.c.result), of_run), len(step.result)):
                return used
            row = {"run": run, "attempt": attempt, "name": step.name, "result": step.result}
            insert_new(connection, steps, {**row, "seconds": step.seconds, "at": step.at})
        return None

    def handed_in(self, run: int) -> Mapping[str, int]:
        found = select(handed_in.c.digest, handed_in.c.size).where(handed_in.c.run == run)
        with self._database.reading() as connection:
            return {row.digest: row.size for row in connection.execute(found)}


def _add(kept: dict[str, int], name: str, size: int, most: Amount) -> Amount | None:
    if name not in kept and not most.has_room(used := Amount(len(kept), sum(kept.values())), size):
        return used
    kept.setdefault(name, size)
    return None


def _is_there(connection: Connection, so: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(so))).scalar())


def _used(connection: Connection, size: ColumnElement[int], so: ColumnElement[bool]) -> Amount:
    number, sizes = connection.execute(select(func.count(), func.coalesce(func.sum(size), 0)).where(so)).one()
    return Amount(number, int(sizes))


def _is_of(claimed: tuple[str, str] | None, token: str, secret: str) -> bool:
    holder, digest = claimed or ("", NOBODY)
    is_its_secret = hmac.compare_digest(secret_digest(secret), digest)
    return claimed is not None and is_its_secret and hmac.compare_digest(holder.encode(), token.encode())
