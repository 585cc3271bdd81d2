"""Folders that others filled: however deep they are, and whatever rights they left there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

_PREFIX = ".removed-"


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
