"""Nobody pulls the plug on a machine that runs tests: what is committed need not outlive that, only `kill -9`."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Engine, event

from odmd.store.backends import SqliteBackend

_OFF = "PRAGMA synchronous=OFF"


def rely_on_power() -> None:
    """SQLite waits for no disk any more, in this process: for each commit that is some milliseconds. Postgres does not
    either (`support.postgres`)."""
    if _OFF not in SqliteBackend.PRAGMAS:
        SqliteBackend.PRAGMAS = (*SqliteBackend.PRAGMAS, _OFF)  # type: ignore[misc]
        event.listen(Engine, "connect", _off)


def _off(connection: object, _record: object) -> None:
    """The engine's connections are its own."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(_OFF).close()
