"""What stands in an archive that was just built, file by file: to look for what must not be in it."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from odmd.compare.side import Part
from odmd.errors import PackageUnfit

_SHOWN: Final = 16
"""Characters of a digest."""


def texts_in(content: bytes, most: int) -> Iterator[tuple[str, str]]:
    """(path, content read as text) of each file.

    Raises:
        PackageUnfit: it is no archive, or has more in it than a package may have.
    """
    left = most
    try:
        for name, file in _members(content, most):
            left -= len(file)
            if left < 0:
                raise PackageUnfit(f"the package has more than {most:,} bytes in it")
            yield name, file.decode(errors="replace")
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as wrong:
        raise PackageUnfit(f"what was built is no archive: {wrong}") from wrong


def _members(content: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                with archive.open(info) as file:
                    yield info.filename, file.read(most + 1)
        return
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
        for about in archive:
            file = archive.extractfile(about) if about.isfile() else None
            if file is not None:
                yield about.name, file.read(most + 1)


def parts_of(kept: bytes, most: int) -> Sequence[Part]:
    """The files of a package that was kept, each by its digest, to be compared.

    Raises:
        PackageUnfit: it is no archive.
    """
    files = {name: hashlib.sha256(text.encode()).hexdigest()[:_SHOWN] for name, text in texts_in(kept, most)}
    return [Part("package", files, is_artifact=True)]
