"""The database: how it is opened, brought to this release's schema, and worked on in transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from odmd.errors import StateUnreadable
from odmd.store.backends import Backend, Channel, backend
from odmd.store.schema import metadata
from odmd.store.versions import VERSIONS
from odmd.store.where import Where

_APPENDING: Final = 0x0D_0001
_MIGRATING: Final = 0x0D_0002
_ADDING_LINES: Final = 0x0D_0003
_HANDING_IN: Final = 0x0D << 54
"""Keys of advisory locks, which Postgres keeps apart by database; the last one's are above it, by run."""

_VERSION: Final = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""As Alembic makes it."""


class Database:
    """Transactions on a database that holds the tables of this release.

    Raises:
        StateUnreadable: it is no database, cannot be opened, or belongs to a newer release.
        DatabaseUnreachable, DatabaseRefused: of Postgres.
        ToolMissing: there is no driver for Postgres.
    """

    def __init__(self, where: Where) -> None:
        self._where = where
        self._backend = backend(where)
        with _explained(self._backend):
            self._backend.prepare()
            self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One consistent snapshot, beside any writer."""
        with _reading(self._backend) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """All or nothing, beside others that write (on SQLite: after them)."""
        with _explained(self._backend), self._backend.engine.connect() as connection:
            connection.execution_options(**self._backend.writes)
            with connection.begin():
                yield connection

    @contextmanager
    def appending(self) -> Generator[Connection]:
        """All or nothing, one at a time, so that who appends sees all that was appended before, and no reader of
        positions finds a gap that is filled later."""
        with self._alone(_APPENDING) as connection:
            yield connection

    @contextmanager
    def adding_lines(self) -> Generator[Connection]:
        """As `appending`, for what runs say: who decides does not wait for them."""
        with self._alone(_ADDING_LINES) as connection:
            yield connection

    @contextmanager
    def handing_in(self, run: int) -> Generator[Connection]:
        """All or nothing, one at a time for a run, so that what is counted is what is there."""
        with self._alone(_HANDING_IN + run) as connection:
            yield connection

    def notify(self, connection: Connection, channel: Channel) -> None:
        """Lets those who listen know of a transaction, once it is committed."""
        self._backend.notify(connection, channel)

    def close(self) -> None:
        self._backend.engine.dispose()

    @contextmanager
    def _alone(self, key: int) -> Generator[Connection]:
        with self.writing() as connection:
            self._backend.lock(connection, key)
            yield connection

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if _version(connection) == VERSIONS[-1]:
                return
        with self._alone(_MIGRATING) as connection:
            found = _version(connection)
            if found is None:
                _make(connection)
            elif found in VERSIONS[:-1]:
                _migrate(connection)
            elif found != VERSIONS[-1]:
                raise self._newer(found)

    def _newer(self, found: str) -> StateUnreadable:
        return StateUnreadable(
            f"{self._where} has schema {found}, and this release knows up to {VERSIONS[-1]}",
            next_step="use the release of odmd that wrote it, or a newer one",
        )


def holds_state(where: Where) -> bool:
    """Whether the tables of any release are there; makes none.

    Raises:
        StateUnreadable, DatabaseUnreachable, DatabaseRefused, ToolMissing
    """
    asked = backend(where)
    try:
        with _reading(asked) as connection:
            return _version(connection) is not None
    finally:
        asked.engine.dispose()


@contextmanager
def explained(where: Where) -> Generator[None]:
    """For what others do with the same database.

    Raises:
        StateUnreadable, DatabaseUnreachable, DatabaseRefused
    """
    with _explained(backend(where)):
        yield


@contextmanager
def _reading(backend: Backend) -> Generator[Connection]:
    with _explained(backend), backend.engine.connect() as connection:
        connection.execution_options(**backend.reads)
        with connection.begin():
            yield connection


@contextmanager
def _explained(backend: Backend) -> Generator[None]:
    """Turns what the database is to blame for into an error with a next step."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, OperationalError, sqlite3.Error, OSError) as wrong:
        raise backend.explain(wrong) from wrong


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _make(connection: Connection) -> None:
    """The tables as they are now, in a database that has none: what all migrations would have made of them."""
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection, checkfirst=False)
    connection.execute(_VERSION.insert().values(version_num=VERSIONS[-1]))


def _migrate(connection: Connection) -> None:
    from odmd.store.migrations.upgrade import upgrade  # Alembic takes 0.3 s to import, and most processes need none

    upgrade(connection)
