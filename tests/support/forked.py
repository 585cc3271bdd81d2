"""`odmd` in processes of its own that need not import it again: a process that has, and does nothing else, forks them.

A command spends most of its time on imports, and the acceptance tests run hundreds. What is forked is as new as what is
started: no thread, no connection, and the folder, environment, input and output that it is given.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final

_ROOT: Final = Path(__file__).parents[1]
_READY: Final = b"ready\n"
_LARGEST: Final = 1_000_000
_OF_COMMANDS: Final = (
    "model",
    "graph",
    "plan",
    "store",
    "engine",
    "agent",
    "providers",
    "bootstrap",
    "client",
    "simulate",
    "cli",
)
_OF_INTERPRETER: Final = ("PYTHON", "LC_", "LANG")
"""What an interpreter reads once, as it starts."""


class Forge:
    """Runs commands as `python -m odmd` would."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._asks = ours
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forked", str(theirs.fileno())],
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        assert ours.recv(len(_READY)) == _READY

    def run(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, without input.

        Raises:
            subprocess.TimeoutExpired
        """
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with mine, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            asked = json.dumps([list(words), str(folder), dict(environment)]).encode(errors="surrogateescape")
            with its:
                socket.send_fds(self._asks, [len(asked).to_bytes(4)], [its.fileno(), out.fileno(), err.fileno()])
                self._asks.sendall(asked)
            mine.settimeout(seconds)
            told = mine.makefile("r")
            pid = int(told.readline())
            try:
                code = int(told.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["odmd", *words], seconds, _text(out), _text(err)) from None
            return subprocess.CompletedProcess(["odmd", *words], code, _text(out), _text(err))

    def close(self) -> None:
        self._asks.close()
        self._process.wait()


@cache
def forge() -> Forge:
    """One for each process that runs tests."""
    made = Forge()
    atexit.register(made.close)
    return made


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a fork of this interpreter is what a new one would be, with these variables beside those of now."""
    return not any(name.startswith(_OF_INTERPRETER) for name in environment)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _serve(asks: socket.socket) -> None:
    """Forks a child for each request, and says how it ended; returns in a child, ready to run its command."""
    ends: dict[int, socket.socket] = {}

    def ended(*_signal: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                with ends.pop(found[0]) as end, contextlib.suppress(OSError):
                    end.sendall(f"{os.waitstatus_to_exitcode(found[1])}\n".encode())

    signal.signal(signal.SIGCHLD, ended)
    asks.sendall(_READY)
    while True:
        size, fds, _, _ = socket.recv_fds(asks, 4, 3)
        if not size:
            os._exit(0)
        asked = b""
        while len(asked) < int.from_bytes(size):
            asked += asks.recv(_LARGEST)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if not (pid := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            for one in (asks, *ends.values()):
                one.close()
            _become(json.loads(asked.decode(errors="surrogateescape")), fds)
            return
        ends[pid] = socket.socket(fileno=fds[0])
        ends[pid].sendall(f"{pid}\n".encode())
        for fd in fds[1:]:
            os.close(fd)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _become(asked: tuple[list[str], str, dict[str, str]], fds: Sequence[int]) -> None:
    words, folder, environment = asked
    for fd, standard in zip(fds[1:], (1, 2), strict=True):
        os.dup2(fd, standard)
    for fd in fds:
        os.close(fd)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["odmd", *words]
    sys.path[0] = folder  # as `python -m` has it


def _import_all() -> None:
    """All that a command may import on its way."""
    import gc
    import importlib
    import pkgutil

    for name in _OF_COMMANDS:
        package = importlib.import_module(f"odmd.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"odmd.{name}."):
            if "migrations" not in module.name:
                importlib.import_module(module.name)
    for name in ("boto3", "botocore.session", "dbos", "rich.live", "rich.tree", "sqlalchemy.dialects.sqlite.pysqlite"):
        importlib.import_module(name)
    assert threading.active_count() == 1, threading.enumerate()
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from odmd.cli import main

    main()
