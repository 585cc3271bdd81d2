"""Programs that an app's author names: run to their good end, heard, and ended with all that they started."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from odmd.control.running.saying import Discreet
from odmd.errors import AppFailed, AppNotStarted, ToolMissing
from odmd.providers.leash import NOT_STARTED, LeashVerdict, ProgramLimits, leashed
from odmd.providers.printed import Printed

_REMEMBERED: Final = 60
_LONGEST_LINE: Final = 65_536
"""Bytes of a line; nobody reads more, and an app may print without end."""
_KEPT: Final = 16_000_000
"""Characters of what an app prints; of what comes after nobody hears, and nobody looks for secrets in it."""
_FORGOTTEN: Final = "it printed more, which is not kept"
_SHOWN: Final = 3
_TRACEBACK: Final = "Traceback (most recent call last)"
_ERROR_OF_MAVEN: Final = re.compile(r"\[ERROR\] (?=\S)")
_NO_SUCH_PROGRAM: Final = re.compile(r"(?:^|: )([^\s:]+): (?:command |inaccessible or )?not found$")
_HINTS: Final = (
    (
        re.compile("^ModuleNotFoundError"),
        "add what the app imports (its contracts package, too) to its lock file; without one, install it where odmd "
        "runs; ",
    ),
    (
        re.compile(
            "UnknownHostException|EAI_AGAIN|ENOTFOUND|name resolution|dial tcp: lookup|no such host|NU1301|"
            "Could not transfer artifact|NoPluginFoundForPrefix|Unknown host"
        ),
        "an app has no network: fetch what it needs where runs are carried out (`mvn dependency:go-offline`, "
        "`go mod download`, …), or say app-network = true in [tool.odmd] there; ",
    ),
)
"""What to do about what a program printed before it failed; of several the first one counts."""


@dataclass(frozen=True, slots=True)
class AppProcess:
    """Runs programs in an app's folder to their good end."""

    source: Path
    log: Path
    heard: Callable[[], Heard]
    caged: Callable[[Sequence[str]], Sequence[str]]
    """What keeps a program to what is its own."""
    limits: ProgramLimits
    writes: Sequence[Path]
    """The folders that a program writes to."""

    def run(self, what: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        """An interrupt here ends the program, and so does our own end.

        Raises:
            AppFailed, AppOverLimit, ToolMissing, DiskFull
        """
        heard = self.heard()
        with LeashVerdict(self.limits, self.writes) as verdict:
            code = _code(what, self.caged(command), self.source, variables, heard, verdict)
            verdict.refuse(what, self.log)
        if code == NOT_STARTED:
            raise _not_started(what, heard.tail, self.log)
        if code:
            meaning = _meaning(heard.tail)
            hint = next((hint for sign, hint in _HINTS if any(map(sign.search, heard.tail))), "")
            raise AppFailed(f"the {what} ended with {code}: {meaning}", next_step=f"{hint}see {self.log}")


class Heard:
    """Keeps and tells what an app prints."""

    def __init__(self, discreet: Discreet, printed: Printed) -> None:
        self._discreet, self._printed = discreet, printed
        self._last = deque[str](maxlen=_REMEMBERED)
        self._room = _KEPT

    @property
    def tail(self) -> Sequence[str]:
        """The last lines."""
        return list(self._last)

    def listen(self, output: IO[bytes]) -> None:
        """Until it ends; of an endless line, its beginning."""
        try:
            while self._room > 0 and (line := output.readline(_LONGEST_LINE)):
                cut = not line.endswith(b"\n") and len(line) == _LONGEST_LINE
                self._tell(self._discreet(line.decode(errors="replace"), cut=cut))
                self._room -= len(line)
            if self._room <= 0:
                self._tell([_FORGOTTEN])
            self._tell(self._discreet.rest())
        finally:
            self._printed.end()
        while output.read(_LONGEST_LINE):
            pass

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            if text := self._printed.line(line):
                self._last.append(text)


def _code(
    what: str, command: Sequence[str], source: Path, variables: Mapping[str, str], heard: Heard, verdict: LeashVerdict
) -> int:
    """The exit code."""
    try:
        process = leashed(command, env=variables, cwd=source, output=subprocess.PIPE, verdict=verdict)
    except (OSError, ValueError) as wrong:  # too long, or a zero byte
        said = getattr(wrong, "strerror", None) or str(wrong)
        raise AppNotStarted(
            f"the {what} cannot be started: {said}", next_step="put what is long into a script that cdk.json names"
        ) from wrong
    try:
        if process.stdout:
            heard.listen(process.stdout)
        return process.wait()
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _not_started(what: str, lines: Sequence[str], log: Path) -> ToolMissing:
    if lines and (named := _NO_SUCH_PROGRAM.search(lines[-1])):
        return ToolMissing(
            f"the {what} needs `{named[1]}`, and there is none where it runs",
            next_step="install it there, on PATH and below /usr, or in a folder that app-reads in [tool.odmd] names; "
            f"see {log}",
        )
    return ToolMissing(f"the {what} cannot be started: {_meaning(lines)}", next_step=f"see {log}")


def _meaning(lines: Sequence[str]) -> str:
    """What went wrong: Maven's first error, what follows Python's last traceback, or the last lines."""
    if error := next(filter(_ERROR_OF_MAVEN.match, lines), ""):
        return error
    begins = max((number for number, line in enumerate(lines) if line.startswith(_TRACEBACK)), default=None)
    if begins is None:
        said = [line.strip() for line in lines[-_SHOWN:]]
    else:
        said = [line for line in lines[begins + 1 :] if not line.startswith((" ", "\t"))][:_SHOWN]
    return " / ".join(said) or "it printed nothing"
