"""The names in a state, for a shell that waits between two keystrokes: SQLAlchemy takes longer to import than that."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

_PATIENCE_SECONDS = 0.2


def envers_in(database: Path) -> Sequence[str]:
    """The addresses of all recorded envers.

    Raises:
        sqlite3.Error: there is no such state, or it cannot be read at once.
    """
    return _column(database, "SELECT address FROM envers ORDER BY address")


def products_in(database: Path) -> Sequence[str]:
    """The addresses of all products that were ever published.

    Raises:
        sqlite3.Error
    """
    return _column(database, 'SELECT DISTINCT product FROM "values" ORDER BY product')


def _column(database: Path, query: str) -> Sequence[str]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", timeout=_PATIENCE_SECONDS, uri=True)) as connection:
        return [str(name) for (name,) in connection.execute(query)]
