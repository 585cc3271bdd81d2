"""What an app's environment is made of, as data: who installs it, from which lock, and how it is used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from odmd.foreign import read_bytes

FORMAT: Final = "2"
"""Part of every key: another way to make environments makes new ones."""


@dataclass(frozen=True, slots=True)
class AppEnvironment:
    """What the process of an app gets: folders that come first in PATH, and variables."""

    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    reads: tuple[Path, ...] = ()
    """What of the machine it is made of."""
    unpacked: Path | None = None
    """What jsii has unpacked of its packages."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file, the folder of the app that it was found for, and that of the checkout."""

    file: Path
    app: Path
    checkout: Path

    @property
    def folder(self) -> Path:
        return self.file.parent


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run in a folder."""

    words: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the dependencies that a lock file names are installed."""

    tool: str
    lock: Path
    key: str
    """Digest of all that decides what comes of it."""
    commands: Callable[[Path], Iterable[Command]]
    """What to run, given the folder to install into."""
    use: Callable[[Path], AppEnvironment]
    """What the app gets of a folder that is ready."""
    reads: tuple[Path, ...] = ()
    """What the commands read: their tool, and files of the checkout that are part of the key."""
    writes: tuple[Path, ...] = ()
    """What of the checkout is built where it is, and part of the key as well."""
    venv: str = ""
    """The virtual environment in what is made, if it is one."""
    in_checkout: bool = False
    """Whether it must be installed in the checkout itself, as it refers to other files of it."""
    note: str = ""
    """What people should know of this lock."""


def key_of(tool: str, *parts: str, files: Iterable[Path] = (), trees: Iterable[Path] = ()) -> str:
    """The digest of an environment: its tool, what else decides, and the contents of files and folders."""
    digest = hashlib.sha256()
    for part in (FORMAT, tool, *parts):
        digest.update(f"{len(part)} {part}\n".encode())
    for file in files:
        _add(digest.update, file.name, file)
    for tree in trees:
        for file in _source_files(tree):
            _add(digest.update, file.relative_to(tree).as_posix(), file)
    return digest.hexdigest()


def _add(update: Callable[[bytes], None], name: str, file: Path) -> None:
    content = _content(file)
    update(f"{name} {len(content)}\n".encode())
    update(content)


def _content(file: Path) -> bytes:
    if file.is_symlink():
        return os.fsencode(file.readlink())
    return read_bytes(file) if file.is_file() else b""


def _source_files(tree: Path) -> Iterator[Path]:
    """All that a build of it can see: what is usually made (`__pycache__`) may be part of a commit too."""
    if tree.is_dir() and not tree.is_symlink():
        for one in sorted(tree.iterdir()):
            if one.name != ".git":
                yield from _source_files(one)
    else:
        yield tree
