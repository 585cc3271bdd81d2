"""Contracts that run apart: in a process of their own, caged where there is a cage, which is believed nothing.

It has the contracts' folder, odmd's Python and what is installed there to read, bounded time, memory and output, and
a socket to tell over. What it tells is data, of a bounded size, and proven again here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, cast

from odmd.bootstrap import confined
from odmd.bootstrap.apart_inside import READY, REFUSED, Errand
from odmd.bootstrap.source import source_of
from odmd.errors import (
    ContractsBoundless,
    ContractsNotBelieved,
    ContractsNotLoaded,
    ContractsTooOpen,
    KindSilent,
    NameTaken,
    Place,
)
from odmd.graph import Compiled, imports
from odmd.graph.away import Said
from odmd.graph.heard import believed
from odmd.graph.told import NOT_BELIEVED, hear
from odmd.model.kinds import NotOfKind
from odmd.providers.cage import Cage
from odmd.providers.leash import leashed

STARTS_SECONDS: Final = 60.0
"""Until odmd itself is loaded there, on a machine that has much to do."""
GRACE_SECONDS: Final = 3.0
"""How much later than the process ends itself it is ended."""
ANSWER_SECONDS: Final = 10.0
"""How long a kind may take to read a value."""
MOST_TOLD: Final = 128 * 1024**2
"""Bytes."""
_MOST_ANSWERED: Final = 1024**2
MOST_PRINTED: Final = 1024**2
"""Bytes."""
_LOOK_SECONDS: Final = 0.1
_PIECE: Final = 65_536
_REMEMBERED: Final = 3
_SHOWN: Final = 300
_ERRORS: Final[Mapping[str, type[ContractsNotLoaded]]] = {
    one.code: one for one in (ContractsBoundless, ContractsNotLoaded, NameTaken)
}
_VARIABLES: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "TZ")
"""What caged contracts are told of the environment; none of it is secret."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What contracts may read, and what of it is hidden from them."""

    reads: Sequence[Path] = ()
    hides: Sequence[Path] = ()


def surroundings(where: str, base: Path, state: Path) -> Surroundings:
    """What contracts need: their package, or their file and what lies beside it; without the state and without what
    begins with a dot, as repositories, settings and secrets do.

    Raises:
        ContractsTooOpen: the home folder lies there.
    """
    reads = [Path(one) for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    source = source_of(where, base)
    if source is None:
        return Surroundings(reads)
    above = source.parent
    hides = [one for one in _children(above) if one.name.startswith(".") and not one.is_symlink()]
    if state.exists():
        hides.append(state)
    if not where.rpartition(":")[0].endswith(".py"):
        return Surroundings([*reads, source], hides)
    if Path.home().resolve().is_relative_to(above):
        raise ContractsTooOpen(
            f"the contracts lie in {above}, and so does the home folder",
            next_step="put them into a folder of their own",
        )
    beside = (one for one in _children(above) if not one.name.startswith(".") and not state.is_relative_to(one))
    # One by one, so that what is written there later is not seen; and a link leads nowhere else.
    return Surroundings([*reads, *(one for one in beside if one.resolve().is_relative_to(above))])


def _children(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return ()


def load_apart(errand: Errand, cage: Cage, around: Surroundings, *, stays: bool = True) -> Compiled:
    """What the contracts say; their own kinds ask their process, which `stays` for that, or is started again.

    Contracts that are not sound are told of as they are; the mistakes stand among the warnings.

    Raises:
        ContractsNotLoaded
    """
    home = _Home(errand, cage, around)
    text = home.load()
    told = hear(text)
    compiled = believed(told, home.read)
    if not (told.kinds and stays):
        home.end()
    return compiled


class _Home:
    """Where the code of the contracts' kinds is; its process is started again after it had to be ended."""

    def __init__(self, errand: Errand, cage: Cage, around: Surroundings) -> None:
        caged = cage.program is not None
        self._errand = replace(errand, seconds=imports.LONGEST_SECONDS, memory=confined.MOST_MEMORY, caged=caged)
        self._cage, self._around = cage, around
        self._one_at_a_time = threading.Lock()
        self._process: _ContractsProcess | None = None
        self._told = b""

    def load(self) -> bytes:
        """Starts the process; what it tells of the contracts."""
        self._process = process = _ContractsProcess(self._errand, self._cage, self._around)
        try:
            told = process.told(self._errand.seconds)
        except BaseException:
            self.end()
            raise
        self._told = self._told or told
        return told

    def read(self, kind: str, text: str) -> Said:
        """How a kind of the contracts reads a text.

        Raises:
            NotOfKind, KindSilent
        """
        with self._one_at_a_time:
            if self._process is None and self.load() != self._told:
                self.end()
                raise KindSilent(
                    f"kind {kind} cannot be asked any more: the contracts are others now",
                    next_step="let odmd read the contracts again, or start it again",
                )
            process = cast("_ContractsProcess", self._process)
            try:
                return process.read(kind, text)
            except (ContractsNotLoaded, OSError) as wrong:
                self.end()
                raise KindSilent(
                    f"kind {kind} does not answer: {wrong}", next_step="see what its `parse` does"
                ) from wrong

    def end(self) -> None:
        if self._process is not None:
            self._process.end()
        self._process = None


class _ContractsProcess:
    """One process that loads contracts."""

    def __init__(self, errand: Errand, cage: Cage, around: Surroundings) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="odmd-contracts-")
        folder = Path(self._folder.name).resolve()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "line"))
        self._listener.listen(1)
        words = (json.dumps(asdict(errand)), str(folder / "line"))
        command = (sys.executable, "-P", "-m", "odmd.bootstrap.apart_inside", *words)
        caged = cage.around(command, folder, around.reads, hides=around.hides)
        where = folder if errand.caged else Path.cwd()
        self._child = leashed(caged, env=_environment(errand), cwd=where, output=subprocess.PIPE)
        self._printed = _Printed(self._child)
        self._line: socket.socket | None = None
        self._rest = bytearray()
        self._ended = weakref.finalize(self, _end, self._child, self._listener, self._folder)

    def told(self, seconds: float) -> bytes:
        """What the contracts say.

        Raises:
            ContractsNotLoaded
        """
        until = time.monotonic() + STARTS_SECONDS
        self._line = self._connected(until)
        if self._next(until, len(READY) + 1) != READY:
            raise ContractsNotBelieved("the contracts' process says what odmd never says", next_step=NOT_BELIEVED)
        # Twice: to load, and to prove.
        said = self._next(time.monotonic() + 2 * seconds + GRACE_SECONDS, MOST_TOLD)
        if said.startswith(REFUSED):
            raise _refusal(said[1:])
        return said[1:]

    def read(self, kind: str, text: str) -> Said:
        """How a kind reads a text.

        Raises:
            NotOfKind, ContractsNotLoaded, OSError
        """
        line = cast("socket.socket", self._line)
        line.settimeout(ANSWER_SECONDS)
        line.sendall(json.dumps([kind, text]).encode() + b"\n")
        said = self._next(time.monotonic() + ANSWER_SECONDS, _MOST_ANSWERED)
        try:
            answer: Mapping[str, Any] = json.loads(said[1:])
            found = _not_of_kind(kind, answer) if said.startswith(REFUSED) else _said(answer)
        except (ValueError, TypeError, LookupError, RecursionError) as wrong:
            raise ContractsNotBelieved("it answers what odmd never answers", next_step=NOT_BELIEVED) from wrong
        if isinstance(found, NotOfKind):
            raise found
        return found

    def end(self) -> None:
        """With all that it started."""
        if self._line is not None:
            self._line.close()
        self._ended()

    def _connected(self, until: float) -> socket.socket:
        self._listener.settimeout(_LOOK_SECONDS)
        while True:
            try:
                line, _ = self._listener.accept()
                line.settimeout(_LOOK_SECONDS)
                return line
            except TimeoutError:
                self._look(until, ended=self._child.poll() is not None)

    def _next(self, until: float, most: int) -> bytes:
        """The next line that it says."""
        line = cast("socket.socket", self._line)
        line.settimeout(_LOOK_SECONDS)
        seen = 0
        while (end := self._rest.find(b"\n", seen)) < 0 and len(self._rest) <= most:
            seen = len(self._rest)
            try:
                piece = line.recv(_PIECE)
            except TimeoutError:
                self._look(until)
                continue
            except OSError:
                piece = b""
            self._rest += piece
            self._look(until, ended=not piece)
        if not 0 <= end <= most:
            raise ContractsNotBelieved(
                f"the contracts' process tells of them without end: more than {most:,} bytes", next_step=NOT_BELIEVED
            )
        said = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return said

    def _look(self, until: float, *, ended: bool = False) -> None:
        """Raises:
        ContractsNotLoaded: it has to be ended, or is.
        """
        if self._printed.too_much:
            raise ContractsBoundless(
                f"the contracts print without end: more than {MOST_PRINTED:,} bytes",
                next_step=f"contracts only declare; the last that they print is {self._printed.tail!r}",
            )
        if ended:
            self._printed.listened(GRACE_SECONDS)
            raise ContractsNotLoaded(
                f"the process that loads the contracts ended: {self._printed.tail or 'it said nothing'}",
                next_step="contracts only declare",
            )
        if time.monotonic() > until:
            raise ContractsBoundless(
                f"the contracts are not loaded after {imports.LONGEST_SECONDS:g} s",
                next_step="see what waits, or repeats without end: contracts only declare",
            )


class _Printed:
    """What contracts print: of no use but to say what the last of it was."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.too_much = False
        self._last = deque[str](maxlen=_REMEMBERED)
        self._thread = threading.Thread(target=self._listen, args=(child.stdout,), name="contracts print", daemon=True)
        self._thread.start()

    @property
    def tail(self) -> str:
        """The last lines."""
        return " / ".join(self._last)[-_SHOWN:]

    def listened(self, seconds: float) -> None:
        """Waits until all of it is heard."""
        self._thread.join(seconds)

    def _listen(self, output: IO[bytes]) -> None:
        count = 0
        with output:
            while line := output.readline(_PIECE):
                count += len(line)
                if self.too_much or count > MOST_PRINTED:
                    self.too_much = True
                    continue  # until it is ended
                text = "".join(one if one.isprintable() else "�" for one in line.decode(errors="replace").rstrip())
                if text:
                    self._last.append(text)


def _end(child: subprocess.Popen[bytes], listener: socket.socket, folder: tempfile.TemporaryDirectory[str]) -> None:
    listener.close()
    if child.stdin:
        child.stdin.close()
    child.wait()
    folder.cleanup()


def _environment(errand: Errand) -> Mapping[str, str]:
    given = {name: os.environ[name] for name in _VARIABLES if name in os.environ} if errand.caged else os.environ
    return {**given, "PYTHONDONTWRITEBYTECODE": "1"}


def _refusal(said: bytes) -> ContractsNotLoaded:
    """Why the contracts are not loaded, as their process says."""
    try:
        told: Mapping[str, Any] = json.loads(said)
        place = Place(str(told["place"]["file"]), int(told["place"]["line"])) if told["place"] else None
        error = _ERRORS.get(str(told["code"]), ContractsNotLoaded)
        return error(str(told["fact"]), next_step=str(told["next_step"]), place=place)
    except (ValueError, TypeError, LookupError, RecursionError):
        return ContractsNotBelieved("the contracts' process says what odmd never says", next_step=NOT_BELIEVED)


def _said(answer: Mapping[str, Any]) -> Said:
    return Said(str(answer["text"]), str(answer["identity"]), str(answer["consumed"]))


def _not_of_kind(kind: str, answer: Mapping[str, Any]) -> NotOfKind:
    fact, raised = str(answer["fact"]), str(answer["raised"])
    return NotOfKind(fact or f"a text that {kind.rpartition(':')[2]} cannot read: {raised}")
