"""The workers in the database, beside the log and no part of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from odmd.control.leading.workers import WorkerView
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

    def enrol(self, worker: WorkerView, token: str) -> bool | None:
        """As a beat of who comes with a token, while the name is not another's. Whether the name is new; None: it is
        not his."""
        said = {"release": worker.release, "contracts": worker.contracts, "places": worker.places}
        is_his = (workers.c.name == worker.name) & (workers.c.token == token)
        with self._database.writing() as connection:
            row = {"name": worker.name, "beats": 1, "since": worker.since, "token": token, **said}
            if insert_new(connection, workers, row):
                return True
            again = workers.update().where(is_his).values(beats=workers.c.beats + 1, **said)
            return False if connection.execute(again).rowcount else None

    def alive(self, name: str) -> None:
        """A beat of who enrolled, and says nothing new of itself; of who is not heard of any more, none."""
        with self._database.writing() as connection:
            connection.execute(workers.update().where(workers.c.name == name).values(beats=workers.c.beats + 1))

    def workers(self) -> Sequence[WorkerView]:
        c = workers.c
        found = select(c.name, c.release, c.contracts, c.places, c.since, c.beats).order_by(c.name)
        with self._database.reading() as connection:
            return [WorkerView(*row) for row in connection.execute(found).all()]

    def leave(self, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(workers).where(workers.c.name == name))
