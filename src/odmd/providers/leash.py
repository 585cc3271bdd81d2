"""Runs a program that ends, with all that it started, when whoever asked for it is gone, however it went.

The asker holds the other end of this process's standard input. When that closes (`kill -9` closes it too), the
program's whole process group is told to end, then made to. A signal on the parent's death would do for Linux only,
and there follows the thread, not the process. This file runs alone: it imports nothing of odmd.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

NOT_STARTED: Final = 127
"""The exit code when there is no such program, as shells have it."""

_GRACE: Final = 3.0


def leashed(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: IO[bytes] | int,
    errors: IO[bytes] | int = subprocess.STDOUT,
    holding: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a program; closing the returned process's `stdin` ends it. Its exit code is the program's.

    It has no terminal and no input. What is `holding` (open locks) stays open until the program has ended, however
    this process goes; the program itself does not get it, nor does what it starts.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", __file__, *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        env=dict(env),
        cwd=cwd,
        pass_fds=holding,
        start_new_session=True,
    )


def main(command: Sequence[str]) -> int:
    """Holds the leash; returns the program's exit code, or that it was not started."""
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    except OSError as wrong:
        sys.stderr.write(f"{command[0]}: {wrong.strerror}\n")
        return NOT_STARTED
    threading.Thread(target=_watch, args=(program,), daemon=True).start()
    code = program.wait()
    _signal(program, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _watch(program: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1024):
        pass
    _signal(program, signal.SIGTERM)
    time.sleep(_GRACE)
    _signal(program, signal.SIGKILL)


def _signal(program: subprocess.Popen[bytes], which: signal.Signals) -> None:
    """To the whole group: a program may have started others."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, which)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
