"""One SQLite file: how it is opened, brought to this release's schema, and worked on in transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from odmd.errors import StateUnreadable
from odmd.store.schema import VERSIONS

PATIENCE_MS: Final = 30_000
"""How long a writer waits for another one; commits take milliseconds."""

# WAL: readers and the one writer do not wait for each other. synchronous=FULL: one fsync a commit, so that power may
# fail too; NORMAL would survive kill -9, and lose acknowledged messages (not consistency) with the power.
PRAGMAS: Final = (
    f"PRAGMA busy_timeout={PATIENCE_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


class Database:
    """Transactions on one file that holds the tables of this release.

    Raises:
        StateUnreadable: the file is no database, cannot be opened, or belongs to a newer release.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One consistent snapshot, beside any writer."""
        with self._explained(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """The write lock from the first statement on; all or nothing."""
        with self._explained(), self._engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if _version(connection) == VERSIONS[-1]:
                return
        with self.writing() as connection:
            found = _version(connection)
            if found is None or found in VERSIONS[:-1]:
                _migrate(connection)
            elif found != VERSIONS[-1]:
                raise self._newer(found)

    def _newer(self, found: str) -> StateUnreadable:
        return StateUnreadable(
            f"{self.path} has schema {found}, and this release knows up to {VERSIONS[-1]}",
            next_step="use the release of odmd that wrote it, or a newer one",
        )

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turns what the file or the disk is to blame for into an error with a next step."""
        try:
            yield
        except IntegrityError:
            raise
        except (OperationalError, sqlite3.OperationalError, OSError) as wrong:
            raise self._unreadable(_reason(wrong), "check the folder's permissions and its disk") from wrong
        except (DBAPIError, sqlite3.DatabaseError) as wrong:
            raise self._unreadable(_reason(wrong), "restore it from a backup, or move it away to start anew") from wrong

    def _unreadable(self, reason: str, next_step: str) -> StateUnreadable:
        return StateUnreadable(f"{self.path} cannot be used as the state: {reason}", next_step=next_step)


def _reason(wrong: Exception) -> str:
    return str(wrong.orig) if isinstance(wrong, DBAPIError) else str(wrong)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, too late and without the write lock
    for pragma in PRAGMAS:
        _patiently(connection, pragma)


def _patiently(connection: sqlite3.Connection, pragma: str) -> None:
    """Two processes that turn one new file to WAL are in each other's way, and SQLite's own timeout is not for that."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection) -> str | None:
    known = text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    if connection.execute(known).first() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    from odmd.store.migrations.upgrade import upgrade  # Alembic takes 0.3 s to import, and most processes need none

    upgrade(connection)
