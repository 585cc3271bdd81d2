"""`odmd`, and programs that use it, in processes of their own that need not import it again: they are forked.

A command spends most of its time on imports, and the tests run hundreds. `support.forge` is the process that forks.
"""

from __future__ import annotations

import atexit
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
from typing import IO, Final, Self

from support.forge import READY, Asked

_ROOT: Final = Path(__file__).parents[1]
_OF_INTERPRETER: Final = ("PYTHON", "LC_", "LANG")
"""What an interpreter reads once, as it starts."""


class Forked:
    """A process that runs, with what is used of `subprocess.Popen`."""

    def __init__(self, args: Sequence[str], told: socket.socket, pid: int) -> None:
        self.args, self.pid = list(args), pid
        self.stdin: IO[str] | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        self.returncode: int | None = None
        self._told = told

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Raises:
        subprocess.TimeoutExpired
        """
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self.returncode = int(_line(self._told))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._told.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Reads to the end, and says no more; what goes nowhere is empty.

        Raises:
            subprocess.TimeoutExpired
        """
        if self.stdin:
            self.stdin.close()
        read: dict[IO[str], str] = {}
        pipes = [pipe for pipe in (self.stdout, self.stderr) if pipe and not pipe.closed]
        readers = [threading.Thread(target=lambda one: read.update({one: one.read()}), args=[pipe]) for pipe in pipes]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader, pipe in zip(readers, pipes, strict=True):
            reader.join()
            pipe.close()
        return tuple(read.get(pipe, "") if pipe else "" for pipe in (self.stdout, self.stderr))  # pyright: ignore[reportReturnType]

    def send_signal(self, which: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, which)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in filter(None, (self.stdin, self.stdout, self.stderr)):
            pipe.close()
        self.wait()


class Forge:
    """Runs commands as `python -m odmd` would, and programs as `python -c`."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._asks, self._one_at_a_time = ours, threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forge", str(theirs.fileno())],
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        assert ours.recv(len(READY)) == READY

    def run(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float, first: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, without input; what `first` says is done before it, in its process.

        Raises:
            subprocess.TimeoutExpired
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open() as nothing:
            process = self._forked(
                _command(words, folder, environment, first), nothing.fileno(), out.fileno(), err.fileno()
            )
            try:
                ended = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise subprocess.TimeoutExpired(process.args, seconds, _text(out), _text(err)) from None
            return subprocess.CompletedProcess(process.args, ended, _text(out), _text(err))

    def start(self, words: Sequence[str], folder: Path, environment: Mapping[str, str], first: str = "") -> Forked:
        """Starts a command without input, its output and errors in one pipe."""
        with _Pipe() as out, Path(os.devnull).open() as nothing:
            process = self._forked(_command(words, folder, environment, first), nothing.fileno(), out.end, out.end)
            process.stdout = out.reader()
            return process

    def start_program(self, code: str, *words: object) -> Forked:
        """Starts a program, here and with the environment of now; its input, output and errors are pipes."""
        with _Pipe() as in_, _Pipe() as out, _Pipe() as err:
            asked = Asked([*map(str, words)], str(Path.cwd()), dict(os.environ), code)
            process = self._forked(asked, in_.begin, out.end, err.end)
            process.stdin, process.stdout, process.stderr = in_.writer(), out.reader(), err.reader()
            return process

    def close(self) -> None:
        self._asks.close()
        self._process.wait()

    def _forked(self, asked: Asked, in_: int, out: int, err: int) -> Forked:
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        written = asked.written()
        with its, self._one_at_a_time:
            socket.send_fds(self._asks, [len(written).to_bytes(4)], [its.fileno(), in_, out, err])
            self._asks.sendall(written)
        name = "odmd" if asked.code is None else "-c"
        return Forked([name, *asked.words], mine, int(_line(mine)))


class _Pipe:
    """Two ends, of which this process keeps one."""

    def __enter__(self) -> Self:
        self.begin, self.end = os.pipe()
        self._open = {self.begin, self.end}
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self._open:
            os.close(fd)

    def reader(self) -> IO[str]:
        self._open.remove(self.begin)
        return os.fdopen(self.begin)

    def writer(self) -> IO[str]:
        self._open.remove(self.end)
        return os.fdopen(self.end, "w")


@cache
def forge() -> Forge:
    """One for each process that runs tests."""
    made = Forge()
    atexit.register(made.close)
    return made


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a fork of this interpreter is what a new one would be, with these variables beside those of now."""
    return not any(name.startswith(_OF_INTERPRETER) for name in environment)


def _command(words: Sequence[str], folder: Path, environment: Mapping[str, str], first: str) -> Asked:
    code = f"{first}\nfrom odmd.cli import main\nmain()\n" if first else None
    return Asked([*words], str(folder), dict(environment), code)


def _line(told: socket.socket) -> str:
    """The next one, in whichever pieces it comes."""
    line = b""
    while not line.endswith(b"\n"):
        if not (piece := told.recv(1)):
            raise ConnectionError("the process that forks is gone")
        line += piece
    return line.decode()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")
