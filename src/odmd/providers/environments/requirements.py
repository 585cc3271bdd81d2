"""requirements.txt, read as far as a lasting environment needs it.

What it includes is put in its place, paths are made absolute, and what is "editable" is installed as it is: the
checkout that it would point into is gone tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.foreign import read_text

_CONTINUED: Final = re.compile(r"\s*\\\s*\n\s*")
_COMMENT: Final = re.compile(r"(^|\s)#.*$")
_OPTION: Final = re.compile(r"^(?P<option>-r|-c|-e|--requirement|--constraint|--editable)(?:\s+|=)?(?P<value>.+)$")
_PINNED: Final = re.compile(r"===?\s*[^*\s]|\s@\s|--hash=")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What is asked for, line by line."""

    lines: tuple[str, ...]
    local: tuple[Path, ...]
    """What is installed from the checkout itself."""
    pinned: int
    """How many name one version."""
    all_pinned: bool


def read_requirements(file: Path, checkout: Path) -> Requirements:
    """Reads a list, and the lists of the checkout that it includes.

    Raises:
        FileUnfit
    """
    lines = tuple(_lines(file, checkout, frozenset()))
    wanted = [line for line in lines if not line.startswith("-")]
    local = tuple(path for line in wanted if (path := _path(line)))
    named = [line for line in wanted if _path(line) is None]
    pinned = [line for line in named if _PINNED.search(line)]
    return Requirements(lines, local, len(pinned) + len(local), len(pinned) == len(named))


def _lines(file: Path, checkout: Path, above: frozenset[Path]) -> Iterator[str]:
    if file in above or not file.is_file():
        return
    for raw in _CONTINUED.sub(" ", read_text(file, within=checkout)).splitlines():
        line = _COMMENT.sub("", raw).strip()
        option = _OPTION.match(line)
        match option and option["option"].lstrip("-")[:1], option and option["value"].strip():
            case "r", str(included):
                yield from _lines((file.parent / included).resolve(), checkout, above | {file})
            case "c", str(constraints):
                yield from (f"-c {path}" for path in [_absolute(constraints, file.parent)])
            case "e", str(editable):
                yield _absolute(editable, file.parent)
            case _ if line:
                yield _absolute(line, file.parent)
            case _:
                pass


def _absolute(line: str, folder: Path) -> str:
    """A path below the list's folder in full; anything else as it is."""
    name, bracket, extras = line.partition("[")
    looks_so = line.startswith((".", "/")) or (name.endswith((".whl", ".tar.gz", ".txt")) and "://" not in name)
    return f"{(folder / name.strip()).resolve()}{bracket}{extras}" if looks_so else line


def _path(line: str) -> Path | None:
    return Path(line.partition("[")[0]) if line.startswith("/") else None
