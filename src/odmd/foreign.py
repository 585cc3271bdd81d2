"""Reads what others wrote: services, their apps, what these make. Each file is one, of a size that somebody means.

Whoever wrote them may want the reader to wait for ever, to run out of memory, or to read what is not theirs.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, Never, cast

from odmd.errors import FileUnfit

LARGEST: Final = 64_000_000
"""Bytes of a file that is read as a whole."""
_MOST_VALUES: Final = 4_000_000
"""In one JSON document; each takes up to 100 bytes of memory."""
_DEEPEST: Final = 200
"""Levels of JSON."""
_TOO_DEEP: Final = object()
_KINDS: Final[tuple[tuple[Callable[[int], bool], str], ...]] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def kind(mode: int) -> str:
    """What something is that is no file; empty where it is one."""
    if stat.S_ISREG(mode):
        return ""
    return next((name for is_one, name in _KINDS if is_one(mode)), "no file")


def read_bytes(path: Path, *, within: Path | None = None, most: int = LARGEST) -> bytes:
    """A file's content; a link to one is followed, with `within` only to what is below that folder.

    Raises:
        FileUnfit
        OSError: it is not there, or may not be read.
    """
    try:
        really = path.resolve()
    except RecursionError:
        raise
    except RuntimeError as circle:
        raise FileUnfit(f"{path.name} is a link that leads back to itself") from circle
    if within is not None and not really.is_relative_to(within.resolve()):
        raise FileUnfit(f"{path.name} is a link to {really}, which is outside of {within.name}")
    _refuse_kind(path, really.stat())
    opened = os.open(really, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        about = os.fstat(opened)
        _refuse_kind(path, about)
        content = file.read(most + 1) if about.st_size <= most else b""
    if (size := max(about.st_size, len(content))) > most:
        raise FileUnfit(f"{path.name} has {size:,} bytes, and nobody reads more than {most:,} of it")
    return content


def read_text(path: Path, *, within: Path | None = None, most: int = LARGEST) -> str:
    """A file's text, which is UTF-8.

    Raises:
        FileUnfit
        OSError, UnicodeDecodeError
    """
    return read_bytes(path, within=within, most=most).decode("utf-8-sig")


def read_json(path: Path, *, within: Path | None = None, most: int = LARGEST) -> object:
    """What a file of JSON holds.

    Raises:
        FileUnfit
        OSError
        ValueError: it is no JSON.
    """
    text = read_text(path, within=within, most=most)
    if (values := sum(map(text.count, ",[{"))) > _MOST_VALUES:
        raise FileUnfit(f"{path.name} has {values:,} values, and nobody reads more than {_MOST_VALUES:,}")
    if (loaded := _loaded(text)) is _TOO_DEEP:
        raise FileUnfit(f"{path.name} has more than {_DEEPEST} levels, one in the other")
    return loaded


def _refuse_kind(path: Path, about: os.stat_result) -> None:
    if what := kind(about.st_mode):
        raise FileUnfit(f"{path.name} is {what}, no file")


def _loaded(text: str) -> object:
    try:
        loaded: object = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return _TOO_DEEP
    return _TOO_DEEP if _is_deep(loaded) else loaded


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def _is_deep(loaded: object) -> bool:
    level: list[object] = [loaded]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, (dict, list))]
        if not level:
            return False
    return True


def _inside(one: object) -> list[object]:
    match one:
        case dict():
            return list(cast("dict[str, object]", one).values())
        case list():
            return cast("list[object]", one)
        case _:
            return []
