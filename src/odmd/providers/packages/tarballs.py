"""Archives as packages of npm and sources of Python are published: read without believing them, and packed so that the
same files make the same bytes, whoever packs them and when."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

MOST: Final = 64_000_000
"""Bytes of an archive, and of all that is in it."""
_MOST_FILES: Final = 20_000
_MOST_PLAIN: Final = 2 * MOST
"""Bytes with what stands around each file."""
_TOO_MUCH: Final = f"it has more than {MOST:,} bytes, or more than {_MOST_FILES:,} files"
_PACKED_AT: Final = 1_580_601_600
"""The time of all files (2020-02-02)."""
_PLAIN, _PROGRAM = 0o644, 0o755
_NO_ARCHIVE: Final = (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, OverflowError)
"""What Python says of bytes that are no archive, or half of one."""


class TarballUnfit(ValueError):
    """It is no archive of a package; says why."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in an archive."""

    content: bytes
    is_program: bool = False


def unpack(content: bytes) -> Mapping[str, PackedFile]:
    """The files of an archive, by their path below its one folder.

    Raises:
        TarballUnfit
    """
    try:
        return _unpacked(content)
    except TarballUnfit:
        raise
    except _NO_ARCHIVE as wrong:
        raise TarballUnfit(f"it is no archive: {wrong}") from wrong


def pack(files: Mapping[str, PackedFile], folder: str) -> bytes:
    """An archive of files below one folder."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=9, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as made,
    ):
        for path in sorted(files):
            file, about = files[path], tarfile.TarInfo(f"{folder}/{path}")
            about.size, about.mtime = len(file.content), _PACKED_AT
            about.mode = _PROGRAM if file.is_program else _PLAIN
            made.addfile(about, io.BytesIO(file.content))
    return out.getvalue()


def _unpacked(content: bytes) -> Mapping[str, PackedFile]:
    found, size = dict[str, PackedFile](), len(content)
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as zipped:
        plain = zipped.read(_MOST_PLAIN + 1)
    if len(plain) > _MOST_PLAIN:
        raise TarballUnfit(_TOO_MUCH)
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as there:
        for about in there:
            if about.isdir():
                continue
            path = _path(about)
            size += about.size
            if size > MOST or len(found) >= _MOST_FILES:
                raise TarballUnfit(_TOO_MUCH)
            file = there.extractfile(about)
            if path in found or file is None:
                raise TarballUnfit(f"{path} is in it twice" if path in found else f"{path} in it cannot be read")
            found[path] = PackedFile(file.read(), bool(about.mode & 0o111))
    return found


def _path(about: tarfile.TarInfo) -> str:
    """Where a file is below the one folder that every archive has."""
    path = PurePosixPath(about.name)
    if not about.isreg():
        raise TarballUnfit(f"{about.name} in it is a link, or no file at all")
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or "\0" in about.name:
        raise TarballUnfit(f"{about.name} in it is outside of its folder")
    return "/".join(path.parts[1:])
