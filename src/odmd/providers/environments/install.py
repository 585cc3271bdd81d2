"""Runs what installs: its words go to the run's log, masked; it ends with us, and after its time."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from odmd.errors import EnvironmentNotMade, RegistryUnreachable
from odmd.providers.environments.recipe import Command
from odmd.providers.leash import USUAL, LeashVerdict, ProgramLimits, leashed

Say = Callable[[str], object]

_OFFLINE: Final = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|dns error|name resolution"
    r"|establish a new connection|error sending request|connection refused|network is unreachable|resolve host"
    r"|failed to connect|timed out|50[234] (bad|service|gateway)",
    re.IGNORECASE,
)
_REMEMBERED, _SHOWN = 60, 4
_LONGEST_LINE: Final = 65_536
"""Bytes that are read of a line at a time."""


def run(
    name: str,
    command: Command,
    around: Callable[[Sequence[str]], Sequence[str]],
    variables: Mapping[str, str],
    say: Say,
    limit: float,
    log: Path,
    limits: ProgramLimits = USUAL,
) -> None:
    """Runs a command, with what is `around` it, to its good end.

    Raises:
        RegistryUnreachable, EnvironmentNotMade, AppOverLimit, DiskFull
    """
    say("$ " + " ".join(command.words))
    with LeashVerdict(limits, [command.folder]) as verdict:
        given = {**variables, **command.variables}
        code, tail, late = _end_of(around(command.words), command.folder, given, say, limit, verdict)
        verdict.refuse(name, log)
    if late:
        raise EnvironmentNotMade(f"{name} was not done after {limit:.0f} s", next_step=f"see {log}; try it again")
    if code:
        said = " / ".join(tail[-_SHOWN:]) or "it printed nothing"
        if _OFFLINE.search("\n".join(tail)):
            raise RegistryUnreachable(
                f"{name} cannot reach the registry: {said}",
                next_step="look at the network, the proxy, and the registry in pip.conf, uv.toml or .npmrc",
            )
        raise EnvironmentNotMade(
            f"{name} ended with {code}: {said}", next_step=f"see {log}; the same command in the app's folder must work"
        )


def _end_of(
    words: Sequence[str], folder: Path, variables: Mapping[str, str], say: Say, limit: float, verdict: LeashVerdict
) -> tuple[int, list[str], bool]:
    """The exit code, the last lines, and whether its time was over."""
    process = leashed(words, env=variables, cwd=folder, output=subprocess.PIPE, verdict=verdict)
    late = threading.Event()

    def end() -> None:
        late.set()
        if process.stdin:
            process.stdin.close()

    timer = threading.Timer(limit, end)
    timer.start()
    tail: deque[str] = deque(maxlen=_REMEMBERED)
    try:
        while process.stdout and (line := process.stdout.readline(_LONGEST_LINE)):
            if text := line.decode(errors="replace").rstrip():
                tail.append(text)
                say(text)
        return process.wait(), list(tail), late.is_set()
    finally:
        timer.cancel()
        if process.stdin:
            process.stdin.close()
        process.wait()
