"""How the emulator's Data API reaches a Postgres: as AWS's does, one statement at a time, and never by guessing."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.string import TextLoader


class OneStatement(psycopg.Cursor[Any]):
    """Refuses several statements in one, as the Data API of Aurora Postgres does."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        text: Any = query if params else str(query).replace("%", "%%")
        return super().execute(text, params or (), prepare=True, **options)  # the protocol in which there is one


def connect(instance: Any, _engine: str, database: Any = None, password: Any = None, username: Any = None) -> Any:
    """A connection to where the emulator says that an instance is, as `rds_data` wants one."""
    where = instance["Endpoint"]
    connection = psycopg.connect(
        host=where["Address"],
        port=int(where["Port"]),
        user=username or instance["MasterUsername"],
        password=password,
        dbname=database or "postgres",
        autocommit=True,
        cursor_factory=OneStatement,
        connect_timeout=10,
    )
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)
    return connection
