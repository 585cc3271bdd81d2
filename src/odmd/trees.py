"""Folders that others filled: however deep they are, and whatever rights they left there."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path, PurePosixPath

_PREFIX = ".removed-"
_PIECE = 1_048_576


def remove_tree(path: Path) -> None:
    """Removes a folder with all in it, as far as it can: what is deep is moved up first, so that nothing recurses and
    no name gets too long. Links are removed, and not followed; what is no folder, or not there, stays as it is."""
    if path.is_symlink() or not path.is_dir():
        return
    numbers, left = count(), [str(path)]
    for folder in left:  # it grows
        with suppress(OSError):
            os.chmod(folder, 0o700)  # noqa: PTH101
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)  # noqa: PTH108
                        continue
                    os.chmod(entry.path, 0o700)  # noqa: PTH101  # one that may not be written cannot be moved
                    left.append(_moved(entry.path, path, numbers))
    for folder in reversed(left):
        with suppress(OSError):
            os.rmdir(folder)  # noqa: PTH106


def _moved(folder: str, to: Path, numbers: Iterator[int]) -> str:
    if Path(folder).parent == to:
        return folder
    while (new := to / f"{_PREFIX}{next(numbers)}").is_symlink() or new.exists():
        pass
    os.rename(folder, new)  # noqa: PTH104
    return str(new)


def files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that is no folder, at every depth that a name can reach; links are not followed."""
    left = [str(folder)]
    while left:
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                else:
                    yield entry


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpacks into an empty folder. Whoever packed it may have meant harm: nothing leads out of it, whichever release
    of Python unpacks. Links are made last, so that nothing is written through one, and lead up first and then down, so
    that none leads further than it says.

    Raises:
        ValueError: it holds something else than files, folders and such links, or the same twice.
        OSError
    """
    links = list[tuple[Path, str]]()
    for entry in archive:
        name = PurePosixPath(entry.name)
        if name.is_absolute() or ".." in name.parts:
            raise ValueError(f"{entry.name} leads out of it")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.isdir():
            path.mkdir(exist_ok=True)
        elif entry.isreg() and (content := archive.extractfile(entry)) is not None:
            with path.open("xb") as file:
                while piece := content.read(_PIECE):
                    file.write(piece)
            path.chmod(0o755 if entry.mode & 0o100 else 0o644)
        elif entry.issym():
            links.append((path, _inner_link(name, entry.linkname)))
        else:
            raise ValueError(f"{entry.name} is neither a file, a folder, nor a link of its own")
    for path, to in links:
        path.symlink_to(to)


def _inner_link(name: PurePosixPath, to: str) -> str:
    parts = PurePosixPath(to).parts
    up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    if to.startswith("/") or up > len(name.parts) - 1 or ".." in parts[up:]:
        raise ValueError(f"{name} is a link that leads out of it")
    return to
