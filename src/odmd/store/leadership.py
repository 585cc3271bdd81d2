"""One process decides at a time: a lock on a file, which the kernel releases with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from odmd.errors import StateInUse, StateUnreadable

NAME: Final = "leader.lock"
_TRIES: Final = 3
_BETWEEN_TRIES_SECONDS: Final = 0.02
"""Outlasts whoever only asks, for an instant, whether somebody leads."""


class FileLeadership:
    """The leadership over one state folder, on one machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    @contextmanager
    def lead(self) -> Generator[None]:
        """Holds the leadership while inside.

        Raises:
            StateInUse: another process holds it; says which.
            StateUnreadable: the folder cannot be written to.
        """
        with self._open() as file:
            self._lock(file)
            _write(file, f"{os.getpid()} {' '.join(sys.argv)}")
            try:
                yield
            finally:
                _write(file, "")

    def is_led(self) -> bool:
        """Whether anybody holds the leadership now; asks without keeping it, and makes no file.

        Raises:
            StateUnreadable: the folder cannot be looked into.
        """
        try:
            with self._path.open(encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        except OSError as wrong:
            raise _unusable(self._path.parent, wrong) from wrong
        return False

    def _open(self) -> IO[str]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # "a+" neither truncates what the holder wrote nor needs the file to exist.
            return self._path.open("a+", encoding="utf-8")
        except OSError as wrong:
            raise _unusable(self._path.parent, wrong) from wrong

    def _lock(self, file: IO[str]) -> None:
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_BETWEEN_TRIES_SECONDS)
        file.seek(0)
        pid, _, command = file.read().strip().partition(" ")
        raise _in_use(self._path.parent, pid, command)


def _unusable(folder: Path, wrong: OSError) -> StateUnreadable:
    return StateUnreadable(
        f"{folder} cannot be used as the state folder: {wrong.strerror}",
        next_step="check that it is a folder that you may write to",
    )


def _in_use(folder: Path, pid: str, command: str) -> StateInUse:
    holder = f"process {pid} ({command})" if pid else "another process"
    stop = f"stop it (kill {pid})" if pid else "stop it"
    return StateInUse(f"{holder} works on {folder}", next_step=f"wait until it is done, or {stop}")


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
