"""What differs between SQLite and Postgres: how to connect, what locks, and how their errors read."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final, Literal, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from odmd.errors import DatabaseRefused, DatabaseUnreachable, OdmdError, StateUnreadable, ToolMissing
from odmd.private import private_file, private_folder
from odmd.store.where import Postgres, Where

PATIENCE_MS: Final = 30_000
"""How long a writer waits for another one; commits take milliseconds."""
IDLE_MS: Final = 10_000
"""After which Postgres ends a transaction whose client has stopped, or its locks would stop everybody."""
CONNECT_SECONDS: Final = 5

Channel = Literal["odmd_inbox", "odmd_log"]
"""What was written to: a message to the inbox, or a decision to the log."""


class Backend(Protocol):
    """One kind of database."""

    @property
    def engine(self) -> Engine: ...

    @property
    def reads(self) -> dict[str, object]:
        """Options of a connection that reads one consistent snapshot."""
        ...

    @property
    def writes(self) -> dict[str, object]:
        """Options of a connection that writes."""
        ...

    def prepare(self) -> None:
        """Makes what must be there before the first connection."""
        ...

    def lock(self, connection: Connection, key: int) -> None:
        """Lets one transaction at a time go on, until it ends."""
        ...

    def notify(self, connection: Connection, channel: Channel) -> None:
        """Lets others know, once this transaction is committed."""
        ...

    def explain(self, wrong: Exception) -> OdmdError:
        """What the file, the disk or the server is to blame for, with a next step."""
        ...


def backend(where: Where) -> Backend:
    """The one for this place.

    Raises:
        ToolMissing: there is no driver for Postgres.
    """
    return PostgresBackend(where) if isinstance(where, Postgres) else SqliteBackend(where)


class SqliteBackend:
    """One file; its one writer holds a lock from the first statement on, so there is nothing more to lock."""

    # WAL: readers and the one writer do not wait for each other. synchronous=FULL: one fsync a commit, so that power
    # may fail too; NORMAL would survive kill -9, and lose acknowledged messages (not consistency) with the power.
    PRAGMAS: Final = (
        f"PRAGMA busy_timeout={PATIENCE_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
    )

    def __init__(self, path: Path) -> None:
        self._path = path
        self.engine = create_engine(f"sqlite:///{path}")
        self.reads: dict[str, object] = {}
        self.writes: dict[str, object] = {"writes": True}
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)

    def prepare(self) -> None:
        private_folder(self._path.parent)
        private_file(self._path)  # what SQLite puts beside it has the same mode

    def lock(self, connection: Connection, key: int) -> None:
        """Nothing: see the class."""

    def notify(self, connection: Connection, channel: Channel) -> None:
        """Nothing: who wants to know asks the file."""

    def explain(self, wrong: Exception) -> OdmdError:
        temporary = isinstance(wrong, (OperationalError, sqlite3.OperationalError, OSError))
        reason = wrong.orig if isinstance(wrong, DBAPIError) else wrong
        return StateUnreadable(
            f"{self._path} cannot be used as the state: {reason}",
            next_step="check the folder's permissions and its disk"
            if temporary
            else "restore it from a backup, or move it away to start anew",
        )


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, too late and without the write lock
    for pragma in SqliteBackend.PRAGMAS:
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


class PostgresBackend:
    """A database on a server; locks are advisory ones, which end with their transaction however that ends."""

    _OPTIONS: Final = f"-c lock_timeout={PATIENCE_MS} -c idle_in_transaction_session_timeout={IDLE_MS}"
    _CONNECT: Final = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "odmd",
        "options": _OPTIONS,
        "keepalives_idle": CONNECT_SECONDS,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 2 * CONNECT_SECONDS * 1000,
    }

    def __init__(self, where: Postgres) -> None:
        self._where = where
        self.reads: dict[str, object] = {"isolation_level": "REPEATABLE READ"}
        self.writes: dict[str, object] = {"isolation_level": "READ COMMITTED"}
        url = make_url(where.url).set(drivername="postgresql+psycopg")
        said = {name: value for name, value in self._CONNECT.items() if name not in url.query}
        try:
            self.engine = create_engine(url, connect_args=said, pool_pre_ping=True, use_native_hstore=False)
        except ImportError as missing:
            raise ToolMissing(
                f"{missing.name} is not installed, and Postgres needs it",
                next_step="pip install 'ondemandenv[postgres]'",
            ) from missing

    def prepare(self) -> None:
        """Nothing: who runs the server made the database."""

    def lock(self, connection: Connection, key: int) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def notify(self, connection: Connection, channel: Channel) -> None:
        connection.execute(text(f"NOTIFY {channel}"))

    def explain(self, wrong: Exception) -> OdmdError:
        cause = wrong.orig if isinstance(wrong, DBAPIError) else wrong
        reason = self._where.without_password(str(cause).strip()).replace("\n\t", " ").partition("\n")[0]
        state = str(getattr(cause, "sqlstate", None) or "")
        if state.startswith(_REFUSING) or (not state and any(one in reason for one in _REFUSED)):
            return DatabaseRefused(f"{self._where} refuses: {reason}", next_step=_next_step(state))
        if not state or state.startswith(_UNREACHABLE):
            return DatabaseUnreachable(
                f"{self._where} does not answer: {reason}",
                next_step="check that it runs, and the address in ODMD_DATABASE_URL",
            )
        return StateUnreadable(
            f"{self._where} cannot be used as the state: {reason}",
            next_step="restore it from a backup, or use another database",
        )


# Beginnings of https://www.postgresql.org/docs/current/errcodes-appendix.html; a connection that fails has only text.
_READ_ONLY: Final = "25006"
_FULL: Final = "53100"
_REFUSING: Final = ("28", "3D000", "42501", _READ_ONLY, _FULL)
_UNREACHABLE: Final = ("08", "53", "55P03", "57", "58", "40", "25P03")
_REFUSED: Final = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "pg_hba.conf",
    "permission denied",
)


def _next_step(state: str) -> str:
    if state == _FULL:
        return "make room on the server's disk; nothing was written"
    if state == _READ_ONLY:
        return "give the address of the primary; this one only reads"
    return "check user, password and database in ODMD_DATABASE_URL, and what the user may do"
