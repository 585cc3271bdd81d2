"""Where those are who follow the log by name, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from odmd.control.ports.subscribers import Begin, Subscription
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import log, subscribers


class SqlSubscriptions:
    """One row a durable subscriber."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, name: str, begin: Begin, at: float) -> int:
        with self._database.writing() as connection:
            if (found := _position(connection, name)) is not None:
                return found
            position = _end(connection) if begin is Begin.NEXT else _before_the_oldest(connection)
            insert_new(connection, subscribers, {"name": name, "position": position, "alive": at})
            return position

    def advance(self, name: str, position: int, at: float, missed: int = 0) -> None:
        is_here = (subscribers.c.name == name) & (subscribers.c.position <= position)
        with self._database.writing() as connection:
            if position > (end := _end(connection)):
                raise ValueError(f"the log ends at {end}, and {name} says that it handled {position}")
            here = update(subscribers).where(is_here)
            new = {"position": position, "alive": at, "error": "", "since": 0.0}
            connection.execute(here.values(**new, missed=subscribers.c.missed + missed))

    def failed(self, name: str, error: str, at: float) -> None:
        is_new = (subscribers.c.name == name) & (subscribers.c.error == "")
        with self._database.writing() as connection:
            connection.execute(update(subscribers).where(is_new).values(since=at))
            here = update(subscribers).where(subscribers.c.name == name)
            connection.execute(here.values(error=error, alive=at))


def subscriptions(connection: Connection) -> Sequence[Subscription]:
    """By name."""
    c = subscribers.c
    found = select(c.name, c.position, c.alive, c.error, c.since, c.missed).order_by(c.name)
    return [Subscription(*row) for row in connection.execute(found).all()]


def _position(connection: Connection, name: str) -> int | None:
    return connection.execute(select(subscribers.c.position).where(subscribers.c.name == name)).scalar()


def _end(connection: Connection) -> int:
    return connection.execute(select(func.coalesce(func.max(log.c.position), 0))).scalar_one()


def _before_the_oldest(connection: Connection) -> int:
    return connection.execute(select(func.coalesce(func.min(log.c.position), 1))).scalar_one() - 1
