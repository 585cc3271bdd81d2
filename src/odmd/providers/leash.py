"""Runs a program that ends, with all that it started, when whoever asked for it is gone, however it went.

A process of its own holds the program; the asker holds the other end of that one's standard input. A signal on the
parent's death would do for Linux only, and there follows the thread, not the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Self

from odmd.control.running.halting import when_halted
from odmd.errors import AppOverLimit, DiskFull
from odmd.providers import keeper
from odmd.providers.keeper import NOT_STARTED
from odmd.providers.limits import USUAL, ProgramLimits

__all__ = ["NOT_STARTED", "USUAL", "LeashVerdict", "ProgramLimits", "leashed"]

_MB: Final = 1_000_000
_TABLE: Final = "[tool.odmd.app-limits]"


class LeashVerdict:
    """What a program is bounded by, and what it took too much of."""

    def __init__(self, limits: ProgramLimits, folders: Iterable[Path]) -> None:
        self._limits, self._folders = limits, tuple(map(str, folders))

    def __enter__(self) -> Self:
        told, tells = os.pipe()
        self._told, self._tells = os.fdopen(told, "rb"), os.fdopen(tells, "wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._told.close()
        self._tells.close()

    def bounds(self) -> keeper.Bounds:
        """As the keeper takes them."""
        limits = self._limits
        return keeper.Bounds(
            self._tells.fileno(),
            limits.memory_mb * _MB,
            limits.processes,
            limits.seconds,
            limits.disk_mb * _MB,
            *self._folders,
        )

    def refuse(self, what: str, log: Path) -> None:
        """To be called when the program ended.

        Raises:
            AppOverLimit: it was ended since it took too much.
            DiskFull: there is nearly no room on the disk.
        """
        self._tells.close()
        name, _, taken = self._told.readline().decode().strip().partition(" ")
        if name == "room":
            raise DiskFull(
                f"the {what} was ended: the disk of this machine has {int(taken) // _MB} MB left, {self._folders[0]}",
                next_step="make room, and see that apps leave some: disk-mb in " + _TABLE,
            )
        if name:
            setting, fact = self._exceeded(name, int(taken))
            raise AppOverLimit(
                f"the {what} was ended: it {fact}",
                next_step=f"see {log}; if it needs more, raise {setting} in {_TABLE} where runs are carried out",
            )

    def _exceeded(self, name: str, taken: int) -> tuple[str, str]:
        """The setting, and what happened."""
        limits = self._limits
        match name:
            case "memory":
                return "memory-mb", f"took {taken // _MB:,} MB of memory, more than {limits.memory_mb:,}"
            case "processes":
                return "processes", f"had {taken:,} processes and threads, more than {limits.processes:,}"
            case "disk":
                return "disk-mb", f"has more than {limits.disk_mb:,} MB on the disk"
            case _:
                return "seconds", f"was not done after {limits.seconds:,} s"


def leashed(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: IO[bytes] | int,
    errors: IO[bytes] | int = subprocess.STDOUT,
    holding: Sequence[int] = (),
    verdict: LeashVerdict | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a program; closing the returned process's `stdin` ends it. Its exit code is the program's.

    It has no terminal and no input. What is `holding` (open locks) stays open until the program has ended, however
    this process goes; the program itself does not get it, nor does what it starts. Without a `verdict` it may take
    what it likes. It ends, too, when what this thread is about is halted.
    """
    bounds = verdict.bounds() if verdict else None
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", "-c", _keep(), *(bounds.words() if bounds else ()), "--", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        env=dict(env),
        cwd=cwd,
        pass_fds=(*holding, *((bounds.told,) if bounds else ())),
        start_new_session=True,
    )
    if process.stdin:
        when_halted(process.stdin.close)
    return process


def _keep() -> str:
    """Imports the keeper, which a file that is run would not be: compiled once, and without the rest of odmd."""
    folder, file = os.path.split(keeper.__file__)
    found = f"import sys; sys.path.append({folder!r}); from {file.removesuffix('.py')} import main"
    return f"{found}; sys.exit(main(sys.argv[1:]))"
