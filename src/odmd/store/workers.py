"""The workers in the database, beside the log and no part of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from odmd.control.workers import WorkerView
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import workers


class SqlWorkers:
    """One row a worker, counted up as long as it lives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, worker: WorkerView) -> None:
        said = {
            "release": worker.release,
            "contracts": worker.contracts,
            "places": worker.places,
            "since": worker.since,
        }
        with self._database.writing() as connection:
            again = workers.update().where(workers.c.name == worker.name)
            if not connection.execute(again.values(beats=workers.c.beats + 1, **said)).rowcount:
                insert_new(connection, workers, {"name": worker.name, "beats": 1, **said})

    def workers(self) -> Sequence[WorkerView]:
        c = workers.c
        found = select(c.name, c.release, c.contracts, c.places, c.since, c.beats).order_by(c.name)
        with self._database.reading() as connection:
            return [WorkerView(*row) for row in connection.execute(found).all()]

    def leave(self, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(workers).where(workers.c.name == name))
