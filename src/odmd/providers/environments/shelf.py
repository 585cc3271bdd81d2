"""Where environments are kept by key: each is made once, whoever asks for it at the same time.

<key>.lock       held shared by who uses it, alone by who makes or removes it; the system lets go of it with us
<key>/<n>/       what was made; an environment knows its own path, so it is never renamed
<key>/ready      the name of that folder, put there in one move when it is whole
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.trees import files_below, remove_tree

_READY: Final = "ready"
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of environments; the longest unused go first when it holds too much."""

    folder: Path
    keep: float = 30 * _DAY
    most: int = 20 * 1024**3
    """Bytes."""

    @contextmanager
    def kept(self, key: str, make: Callable[[Path], None], waits: Callable[[], None]) -> Generator[Path]:
        """The environment of a key, made if it is not there; nobody removes it while inside."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{key}.lock").open("a") as lock:
            if not _try(lock.fileno(), fcntl.LOCK_SH):
                waits()
            while (made := self._held(key, lock.fileno())) is None:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self._ready(key) is None:
                    self._make(key, make)
            os.utime(self.folder / key / _READY)
            yield made

    def prune(self) -> list[str]:
        """Removes what nobody uses now and was not used for long, and the longest unused beyond the size; names it."""
        gone: list[str] = []
        used = sorted(self.folder.glob(f"*/{_READY}"), key=lambda ready: ready.stat().st_mtime, reverse=True)
        held = 0
        for ready in used:
            held += int(ready.read_text().partition(" ")[2] or 0)
            if held > self.most or time.time() - ready.stat().st_mtime > self.keep:
                gone += [ready.parent.name] if self._remove(ready.parent.name) else []
        return gone

    def _held(self, key: str, lock: int) -> Path | None:
        """Holds the lock shared: then what is ready stays so."""
        fcntl.flock(lock, fcntl.LOCK_SH)
        return self._ready(key)

    def _ready(self, key: str) -> Path | None:
        try:
            made = self.folder / key / (self.folder / key / _READY).read_text().partition(" ")[0]
        except OSError:
            return None
        return made if made.is_dir() else None

    def _make(self, key: str, make: Callable[[Path], None]) -> None:
        place = self.folder / key
        remove_tree(place)
        place.mkdir()
        made = Path(tempfile.mkdtemp(dir=place))  # a name of its own: who was killed here may have left a writer behind
        try:
            make(made)
        except BaseException:
            remove_tree(place)
            raise
        half = place / f"{_READY}.new"
        half.write_text(f"{made.name} {_size(made)}")
        half.replace(place / _READY)

    def _remove(self, key: str) -> bool:
        with (self.folder / f"{key}.lock").open("a") as lock:
            if not _try(lock.fileno(), fcntl.LOCK_EX):
                return False
            (self.folder / key / _READY).unlink(missing_ok=True)
            remove_tree(self.folder / key)
        return True


def _try(lock: int, how: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, how | fcntl.LOCK_NB)
        return True
    return False


def _size(folder: Path) -> int:
    return sum(entry.stat(follow_symlinks=False).st_size for entry in files_below(folder))
