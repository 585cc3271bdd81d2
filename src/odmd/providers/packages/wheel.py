"""A wheel, read without running any of it. Whoever built it is believed nothing."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from packaging.metadata import Metadata, RawMetadata, parse_email
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

MOST: Final = 64_000_000
"""Bytes of a wheel, and of all that is in it."""
_MOST_FILES: Final = 20_000
_MOST_METADATA: Final = 2_000_000
_ANYWHERE: Final = "-none-any"
_NO_WHEEL: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What Python's zipfile, and `packaging`, say of bytes that are none, or half of one."""


class WheelUnfit(ValueError):
    """It is no wheel that can be published; says why."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package as it is published."""

    content: bytes
    filename: str
    """By which indexes know it: it follows from what is inside."""
    name: NormalizedName
    version: Version
    metadata: RawMetadata

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    filetype = "bdist_wheel"
    """As the form of an upload calls it."""

    @property
    def python(self) -> str:
        """The Pythons that it is for: `py3`."""
        return self.filename.removesuffix(".whl").split("-")[-3]

    def unpack(self, into: Path) -> None:
        """Writes its files below a folder, and nowhere else."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as files:
            for one in files.infolist():
                if not one.filename.startswith("/") and ".." not in one.filename.split("/"):
                    files.extract(one, into)


def read_wheel(content: bytes) -> Wheel:
    """Reads what is in it.

    Raises:
        WheelUnfit
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            _refuse_boundless(content, files)
            folder = _folder(files)
            raw = read_metadata(_read(files, f"{folder}/METADATA"))
            filename = f"{folder.removesuffix('.dist-info')}-{_tags(_read(files, f'{folder}/WHEEL'))}.whl"
        name, version, _, _ = parse_wheel_filename(filename)
        said = canonicalize_name(raw.get("name", "")), Version(raw.get("version", ""))
    except WheelUnfit:
        raise
    except _NO_WHEEL as wrong:
        raise WheelUnfit(f"it is no wheel: {wrong}") from wrong
    if said != (name, version):
        raise WheelUnfit(f"{filename} says that it is {said[0]} {said[1]}")
    return Wheel(content, filename, name, version, raw)


def _refuse_boundless(content: bytes, files: zipfile.ZipFile) -> None:
    there = files.infolist()
    if max(len(content), sum(one.file_size for one in there)) > MOST or len(there) > _MOST_FILES:
        raise WheelUnfit(f"it has more than {MOST:,} bytes, or more than {_MOST_FILES:,} files")
    if (damaged := files.testzip()) is not None:
        raise WheelUnfit(f"{damaged} in it is damaged")


def _folder(files: zipfile.ZipFile) -> str:
    found = {one.partition("/")[0] for one in files.namelist() if ".dist-info/" in one}
    if len(found) != 1:
        raise WheelUnfit(f"it has {len(found)} folders .dist-info, and a wheel has one")
    return found.pop()


def _read(files: zipfile.ZipFile, name: str) -> bytes:
    with files.open(name) as file:
        if len(content := file.read(_MOST_METADATA + 1)) > _MOST_METADATA:
            raise WheelUnfit(f"its {name} has more than {_MOST_METADATA:,} bytes")
    return content


def read_metadata(content: bytes, called: str = "METADATA") -> RawMetadata:
    """What a package says of itself.

    Raises:
        WheelUnfit
    """
    raw, unknown = parse_email(content)
    try:
        Metadata.from_raw(raw)
    except ExceptionGroup as wrong:
        raise WheelUnfit(f"its {called} says what cannot be: {wrong.exceptions[0]}") from wrong
    if unknown and "name" not in raw:
        raise WheelUnfit(f"its {called} cannot be read")
    return raw


def _tags(content: bytes) -> str:
    """What a file's name says of where it can be installed: `py3-none-any`."""
    said = BytesParser().parsebytes(content)
    tags = [str(tag) for tag in said.get_all("Tag", [])]
    if not tags or not all(tag.endswith(_ANYWHERE) for tag in tags):
        raise WheelUnfit(f"it is for {', '.join(tags) or 'nothing known'}, and what is published here runs everywhere")
    return f"{'.'.join(sorted(tag.removesuffix(_ANYWHERE) for tag in tags))}{_ANYWHERE}"
