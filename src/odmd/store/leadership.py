"""One process of a machine decides at a time: a lock on a file, which the kernel releases with its holder, however
that ends."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from odmd.errors import StateInUse, StateUnreadable
from odmd.private import open_private, private_folder

NAME: Final = "leader.lock"
_TRIES: Final = 3
_BETWEEN_TRIES_SECONDS: Final = 0.02
"""Outlasts whoever only asks, for an instant, whether somebody leads."""
_BETWEEN_LOOKS_SECONDS: Final = 0.2


class Unending:
    """A term that nobody else can end."""

    @property
    def epoch(self) -> int:
        return 0

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Never."""


class FileLeadership:
    """The leadership over one state folder, on one machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    @contextmanager
    def lead(self, stop_waiting: threading.Event | None = None, epoch: int = 0) -> Generator[Unending]:  # noqa: ARG002  # a lock needs none
        """Holds the leadership while inside; with `stop_waiting`, waits for it until that is set.

        Raises:
            StateInUse: another process holds it; says which.
            StateUnreadable: the folder cannot be written to.
        """
        with self._open() as file:
            while not self._lock(file):
                if stop_waiting is None or stop_waiting.wait(_BETWEEN_LOOKS_SECONDS):
                    raise _in_use(self._path.parent, *_holder(file))
            _write(file, f"{os.getpid()} {' '.join(sys.argv)}")
            try:
                yield Unending()
            finally:
                _write(file, "")

    def is_led(self) -> bool:
        """Whether anybody holds the leadership now; asks without keeping it, and makes no file.

        Raises:
            StateUnreadable: the folder cannot be looked into.
        """
        return self.leader() is not None

    def leader(self) -> str | None:
        """Who holds the leadership now, as `process PID (COMMAND)`; None: nobody.

        Raises:
            StateUnreadable: the folder cannot be looked into.
        """
        try:
            with self._path.open(encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return _named(*_holder(file))
        except FileNotFoundError:
            return None
        except OSError as wrong:
            raise _unusable(self._path.parent, wrong) from wrong
        return None

    def _open(self) -> IO[str]:
        try:
            private_folder(self._path.parent)
            # "a+" neither truncates what the holder wrote nor needs the file to exist.
            return open_private(self._path, "a+")
        except OSError as wrong:
            raise _unusable(self._path.parent, wrong) from wrong

    def _lock(self, file: IO[str]) -> bool:
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            time.sleep(_BETWEEN_TRIES_SECONDS)
        return False


def _unusable(folder: Path, wrong: OSError) -> StateUnreadable:
    return StateUnreadable(
        f"{folder} cannot be used as the state folder: {wrong.strerror}",
        next_step="check that it is a folder that you may write to",
    )


def _holder(file: IO[str]) -> tuple[str, str]:
    """(pid, command); empty where the holder has not written them yet."""
    file.seek(0)
    pid, _, command = file.read().strip().partition(" ")
    return pid, command


def _named(pid: str, command: str) -> str:
    return f"process {pid} ({command})" if pid else "another process"


def _in_use(folder: Path, pid: str, command: str) -> StateInUse:
    stop = f"stop it (kill {pid})" if pid else "stop it"
    return StateInUse(f"{_named(pid, command)} works on {folder}", next_step=f"wait until it is done, or {stop}")


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
