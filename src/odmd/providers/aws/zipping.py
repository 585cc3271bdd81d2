"""Zip files that are the same for the same content, whenever and wherever they are made."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path
from typing import Final

from odmd.providers.aws.inside import files

_THE_DATE: Final = (1980, 1, 1, 0, 0, 0)


def zipped(folder: Path, root: Path | None = None, what: str = "the folder") -> bytes:
    """The folder's files, sorted, with one date for all; modes and contents are kept, links followed within `root`.

    Raises:
        AssetUnfit: it holds what is no file, or a link to elsewhere.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files(root or folder, folder, what), key=lambda path: path.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _THE_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | _mode(path)) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _mode(path: Path) -> int:
    """Executable or not: other bits depend on who checked the file out."""
    return 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
