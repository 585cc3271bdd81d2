"""Files and folders that nobody else on the machine may read, whatever the umask is."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Literal, cast

FILE: Final = 0o600
FOLDER: Final = 0o700


def private_folder(path: Path) -> Path:
    """Makes it, with those above it that are missing; one that is there stays as it is, it may have other uses.

    Raises:
        OSError
    """
    for folder in [folder for folder in (path, *path.parents) if not folder.exists()][::-1]:
        with suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(FOLDER)
    return path


def private_file(path: Path) -> Path:
    """Makes it, empty, where it is missing; one of ours that is open to others is closed.

    Raises:
        OSError
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE))
    except FileExistsError:
        if path.stat().st_mode & 0o777 & ~FILE:
            with suppress(PermissionError):  # it is another user's
                path.chmod(FILE)
    return path


def open_private(path: Path, mode: Literal["w", "a", "a+"]) -> IO[str]:
    """Opens a file for text.

    Raises:
        OSError
    """
    return cast("IO[str]", private_file(path).open(mode, encoding="utf-8", errors="replace"))
