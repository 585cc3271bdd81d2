"""Schemas in a real Postgres: each user can do its part and not the others', and saying it again changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL

from odmd.providers.aws.doubles.postgres import PostgresServer
from odmd.services.postgres.schemas_function.statements import dropped, made, names, user

CREATE = "CREATE TABLE t (id serial PRIMARY KEY, x text)"
INSERT, SELECT = "INSERT INTO t (x) VALUES ('a')", "SELECT count(*) FROM t"


class Database:
    """The database `main` of a server with a master who is no superuser."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server

    def login(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        where = {"host": "127.0.0.1", "port": self.server.port, "dbname": "main", "user": name, "password": "secret"}
        return psycopg.connect(autocommit=True, **where)  # type: ignore[arg-type]

    def carry_out(self, how: str, schema: str) -> None:
        with self.login("master") as master, master.transaction():
            roles = [str(name) for (name,) in master.execute("SELECT rolname FROM pg_roles").fetchall()]
            found = master.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone()
            there = {"roles": roles, "is_there": found is not None}
            said = made(schema, "main", "master", **there) if how == "made" else dropped(schema, "master", **there)
            for sql in said:
                master.execute(SQL(sql))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def by_password(self, schema: str) -> None:
        """Nobody here signs tokens of IAM."""
        with self.login("master") as master:
            for kind in ("migrate", "app", "readonly"):
                master.execute(SQL(f"REVOKE rds_iam FROM {user(schema, kind)}"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
                master.execute(SQL(f"ALTER ROLE {user(schema, kind)} PASSWORD 'secret'"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def may(self, schema: str, kind: str, *statements: str) -> list[bool]:
        with self.login(user(schema, kind)) as mine:
            return [_works(mine, sql) for sql in statements]

    def roles(self) -> set[str]:
        with self.login("master") as master:
            return {str(name) for (name,) in master.execute("SELECT rolname FROM pg_roles").fetchall()}


def _works(connection: psycopg.Connection[tuple[object, ...]], sql: str) -> bool:
    try:
        connection.execute(SQL(sql))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="odmd-doubles-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        server = PostgresServer(Path(folder) / "one")
        server.start()
        try:
            server.master("master", "secret", "main")
            yield Database(server)
        finally:
            server.remove()


def test_each_user_can_do_its_part_and_no_others(database: Database) -> None:
    for schema in ("orders_main", "payments_main"):
        database.carry_out("made", schema)
        database.by_password(schema)

    assert database.may("orders_main", "migrate", CREATE, "ALTER TABLE t ADD y int") == [True, True]
    beyond = ("CREATE ROLE evil", "CREATE SCHEMA other", "CREATE TABLE public.t (i int)", "CREATE DATABASE other")
    assert database.may("orders_main", "migrate", *beyond) == [False] * 4

    assert database.may("orders_main", "app", INSERT, SELECT, "UPDATE t SET x = 'b'") == [True] * 3
    beyond = (
        "DROP TABLE t",
        "TRUNCATE t",
        "CREATE TABLE b (i int)",
        "SET ROLE orders_main_owner",
        "ALTER TABLE t ADD z int",
    )
    assert database.may("orders_main", "app", *beyond) == [False] * 5

    assert database.may("orders_main", "readonly", SELECT) == [True]
    assert database.may("orders_main", "readonly", INSERT, "SELECT nextval('t_id_seq')", "DELETE FROM t") == [False] * 3

    for kind in ("migrate", "app", "readonly"):
        assert database.may("payments_main", kind, "SELECT * FROM orders_main.t") == [False], "it is another's"


def test_saying_it_again_mends_what_was_changed_and_keeps_the_data(database: Database) -> None:
    database.carry_out("made", "kept")
    database.by_password("kept")
    assert database.may("kept", "migrate", CREATE, INSERT) == [True, True]
    with database.login("master") as master:
        master.execute("ALTER ROLE kept_app NOLOGIN")
        master.execute("DROP ROLE IF EXISTS nobody")
    database.carry_out("made", "kept")
    database.by_password("kept")
    with database.login("kept_app") as mine:
        assert mine.execute(SELECT).fetchone() == (1,)


def test_what_is_dropped_leaves_nothing_and_may_be_made_again(database: Database) -> None:
    database.carry_out("made", "short")
    database.by_password("short")
    database.may("short", "migrate", CREATE)
    for _ in range(2):
        database.carry_out("dropped", "short")
        assert database.roles().isdisjoint(names("short"))
    database.carry_out("made", "short")
    assert set(names("short")) <= database.roles()


def test_who_is_to_sign_in_by_iam_gets_in_by_no_password(database: Database) -> None:
    database.carry_out("made", "tokens")
    with database.login("master") as master:
        master.execute("ALTER ROLE tokens_app PASSWORD 'secret'")
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        database.login("tokens_app")
