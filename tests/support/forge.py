"""The process that forks: it has imported and made what programs of odmd begin with, and does nothing else.

What it forks is as new as what is started: no thread, no connection, and the folder, environment and output that it is
given. `support.forked` starts it, one for each process that runs tests, and asks it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Never, get_args

from support.power import rely_on_power

READY: Final = b"ready\n"
DESCRIPTORS: Final = 4
"""Those that come with what is asked: where it is said how the program does, its input, its output, its errors."""
UNHEARD: Final = 120
"""How an interpreter ends whose output nobody takes."""
_LARGEST: Final = 1_000_000
_OF_COMMANDS: Final = (
    "model", "graph", "plan", "store", "engine", "agent", "providers", "bootstrap", "client", "simulate", "server",
    "cli",
)  # fmt: skip
_OF_OTHERS: Final = (
    "alembic", "boto3", "botocore.session", "dbos", "odmd.store.migrations.upgrade", "rich.live", "rich.tree",
    "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite",
)  # fmt: skip
_SERVICES: Final = ("cloudformation", "ecr", "events", "s3", "secretsmanager", "ssm", "sts")


@dataclass(frozen=True, slots=True)
class Asked:
    """A program: that of the command, or with `code` any other."""

    words: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    code: str | None = None

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode(errors="surrogateescape")


def serve(asks: socket.socket) -> Callable[[], None]:
    """Forks a child for each program asked for, and says how it ended; returns in a child, with the program."""
    ends: dict[int, socket.socket] = {}

    def ended(*_signal: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                with ends.pop(found[0]) as end, contextlib.suppress(OSError):
                    end.sendall(f"{os.waitstatus_to_exitcode(found[1])}\n".encode())

    signal.signal(signal.SIGCHLD, ended)
    asks.sendall(READY)
    while True:
        size, fds, _, _ = socket.recv_fds(asks, 4, DESCRIPTORS)
        if not size:
            os._exit(0)
        written = b""
        while len(written) < int.from_bytes(size):
            written += asks.recv(_LARGEST)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if not (pid := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are deaf to Ctrl-C
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            for one in (asks, *ends.values()):
                one.close()
            return _become(Asked(**json.loads(written.decode(errors="surrogateescape"))), fds)
        ends[pid] = socket.socket(fileno=fds[0])
        ends[pid].sendall(f"{pid}\n".encode())
        for fd in fds[1:]:
            os.close(fd)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _become(asked: Asked, fds: Sequence[int]) -> Callable[[], None]:
    for fd, standard in zip(fds[1:], (0, 1, 2), strict=True):
        os.dup2(fd, standard)
    for fd in fds:
        os.close(fd)
    # What was opened on a file would seek in a pipe; and who started the program reads it line by line.
    sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = (
        open(fd, "w", buffering=1, encoding=one.encoding, errors=one.errors, closefd=False)  # noqa: SIM115
        for fd, one in ((1, sys.stdout), (2, sys.stderr))
    )
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    if asked.code is None:
        sys.argv, sys.path[0] = ["odmd", *asked.words], asked.folder  # as `python -m` has it
        return importlib.import_module("odmd.cli").main
    sys.argv, sys.path[0] = ["-c", *asked.words], ""
    program = compile(asked.code, "<string>", "exec")
    return lambda: exec(program, {"__name__": "__main__"})


def _import_all() -> None:
    """All that a program may import on its way."""
    for name in _OF_COMMANDS:
        package = importlib.import_module(f"odmd.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"odmd.{name}."):
            if "migrations" not in module.name:
                importlib.import_module(module.name)
    for name in _OF_OTHERS:
        importlib.import_module(name)


def _build_adapters() -> None:
    """Those of all that is written and read: pydantic takes some milliseconds for each."""
    from odmd.control.scheduler import effects, events, messages
    from odmd.control.scheduler.codec import Body

    ours = [module for name, module in sys.modules.items() if name.startswith("odmd.")]
    bodies = {one for module in ours for one in vars(module).values() if isinstance(one, Body)}
    unions = (effects.Effect, events.Event, messages.Message)
    for body in (*bodies, *(Body(type_) for union in unions for type_ in get_args(union))):
        with contextlib.suppress(ValueError):
            body.read("")


def _read_descriptions_of_aws() -> None:
    """Of the services that commands speak to, wherever those are."""
    from odmd.model.targets import Target
    from odmd.providers.aws import Sessions

    sessions = Sessions(endpoint="http://127.0.0.1:9", emulated=True)
    for service in _SERVICES:
        sessions.reader(service, Target("111122223333", "us-west-1"))


def _exit(said: object) -> Never:
    """As an interpreter ends, but for throwing away, one by one, all that it has in common with this process: to do so
    it would copy it."""
    if not isinstance(said, int | None):
        sys.stderr.write(f"{said}\n")
    code = said or 0 if isinstance(said, int | None) else 1
    threading._shutdown()  # waits for those that are no daemons
    atexit._run_exitfuncs()
    for one in (sys.stdout, sys.stderr):
        try:
            one.flush()
        except (OSError, ValueError):
            code = UNHEARD
    os._exit(code & 0xFF)


if __name__ == "__main__":
    _import_all()
    _build_adapters()
    _read_descriptions_of_aws()
    rely_on_power()
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()
    program = serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        program()
    except SystemExit as ended:
        _exit(ended.code)
    _exit(None)
