"""Zip files that are the same for the same content, whenever and wherever they are made."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path
from typing import IO, Final

from odmd.providers.aws.inside import files

_THE_DATE: Final = (1980, 1, 1, 0, 0, 0)
_PIECE: Final = 1_000_000


def write_zip(into: IO[bytes], folder: Path, root: Path | None = None, what: str = "the folder") -> None:
    """The folder's files, sorted, with one date for all; modes and contents are kept, links followed within `root`.

    Raises:
        AssetUnfit: it holds what is no file, or a link to elsewhere.
    """
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files(root or folder, folder, what), key=lambda path: path.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _THE_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | _mode(path)) << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                shutil.copyfileobj(file, packed, _PIECE)


def _mode(path: Path) -> int:
    """Executable or not: other bits depend on who checked the file out."""
    return 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
