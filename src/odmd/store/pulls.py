"""What is remembered of pull requests, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import select

from odmd.control.ports.pulls import KeptPull
from odmd.store.database import Database
from odmd.store.project import insert_new, upsert
from odmd.store.schema import answered_comments, pulls

_COLUMNS: Final = ("repository", "number", "clones", "head", "newest", "ended", "declined")


class SqlPulls:
    """A `KeptPulls`. One process writes: the one that leads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, repository: str, number: int) -> KeptPull | None:
        wanted = select(*(pulls.c[one] for one in _COLUMNS)).where(
            (pulls.c.repository == repository) & (pulls.c.number == number)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return _kept(row) if row is not None else None

    def put(self, one: KeptPull) -> None:
        with self._database.writing() as connection:
            upsert(connection, pulls, [{**asdict(one), "declined": int(one.declined)}])

    def with_clones(self) -> Sequence[KeptPull]:
        wanted = select(*(pulls.c[one] for one in _COLUMNS)).where(pulls.c.clones != "")
        with self._database.reading() as connection:
            return [_kept(row) for row in connection.execute(wanted.order_by(pulls.c.repository, pulls.c.number))]

    def is_answered(self, comment: int) -> bool:
        c = answered_comments.c
        with self._database.reading() as connection:
            return connection.execute(select(c.id).where(c.id == comment)).first() is not None

    def answered(self, comment: int, at: float) -> None:
        with self._database.writing() as connection:
            insert_new(connection, answered_comments, {"id": comment, "at": at})


def _kept(row: Any) -> KeptPull:
    repository, number, clones, head, newest, ended, declined = row
    return KeptPull(repository, number, clones, head, newest, ended, bool(declined))
