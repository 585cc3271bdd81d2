"""Webhooks in the database: each once, by the number that its sender gave it, until somebody looked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, update

from odmd.control.ports.hosts import Delivery, Hint
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import deliveries


class SqlDeliveries:
    """What comes twice is kept once, also after it was handled, as long as it is not forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, id: str, hint: Hint, at: float) -> bool:
        where = {"repository": hint.repository, "repository_id": hint.id, "pull_request": hint.pull_request}
        with self._database.writing() as connection:
            return insert_new(connection, deliveries, {"id": id, **where, "at": at})

    def pending(self, limit: int) -> Sequence[Delivery]:
        c = deliveries.c
        wanted = select(c.seq, c.repository, c.repository_id, c.pull_request).where(c.handled == 0)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(c.seq).limit(limit)).all()
        return [Delivery(seq, Hint(repository, id, number)) for seq, repository, id, number in rows]

    def handled(self, seqs: Collection[int]) -> None:
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(deliveries.c.seq.in_(seqs)).values(handled=1))

    def forget(self, before: float) -> int:
        old = (deliveries.c.at < before) & (deliveries.c.handled == 1)
        with self._database.writing() as connection:
            return connection.execute(delete(deliveries).where(old)).rowcount
