"""Zip files that are the same for the same content, whenever and wherever they are made."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path
from typing import Final

_THE_DATE: Final = (1980, 1, 1, 0, 0, 0)


def zipped(folder: Path) -> bytes:
    """The folder's files, sorted, with one date for all; modes and contents are kept, links followed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _THE_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | _mode(path)) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _files(folder: Path) -> list[Path]:
    return [Path(inside) / name for inside, _, names in os.walk(folder, followlinks=True) for name in names]


def _mode(path: Path) -> int:
    """Executable or not: other bits depend on who checked the file out."""
    return 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
