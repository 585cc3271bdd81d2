"""Whether two zip files unpack to the same, whoever packed them: `cdk deploy`, and another zlib, make other bytes.

Nothing is taken for the same that two programs could read in two ways: entries follow each other without a gap from the
first byte to the directory, each is named once, and alike before its content and in the directory, and nothing follows.
Of what packers may add to an entry only times and owners are taken: a name or a size there is a second one.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")
_SIGNATURE: Final = b"PK\x03\x04"
_DIRECTORY_ENDS: Final = 22
"""Bytes of the end of a directory that has no comment."""
_ENCRYPTED: Final = 0x01
_SIZES_FOLLOW: Final = 0x08
_UTF8: Final = 0x800
_FOLLOWING: Final = (12, 16)
"""Bytes of sizes that follow the content, without and with a signature."""
_EXTRA: Final = struct.Struct("<HH")
_HARMLESS: Final = frozenset({0x5455, 0x7855, 0x7875})
"""Times, and Unix owners. Not zip64: what streams would look for other sizes behind the content."""
_PIECE: Final = 1_000_000


def unpack_alike(ours: IO[bytes], theirs: IO[bytes]) -> bool:
    """Whether names, contents, and what may be executed are the same."""
    try:
        with ZipFile(ours) as one, ZipFile(theirs) as other:
            is_listed = _is_plain(theirs, other) and _listed(one) == _listed(other)
            return is_listed and _contents_are_same(one, theirs, other)
    except (BadZipFile, zlib.error, struct.error, NotImplementedError, UnicodeDecodeError, KeyError):
        return False


def _listed(archive: ZipFile) -> dict[str, tuple[int, int, bool]]:
    return {one.orig_filename: (one.file_size, one.CRC, _is_executable(one)) for one in archive.infolist()}


def _is_executable(entry: ZipInfo) -> bool:
    return bool(entry.external_attr >> 16 & stat.S_IXUSR)


def _is_plain(file: IO[bytes], archive: ZipFile) -> bool:
    """Whether it can be read in one way only."""
    entries, ends = archive.infolist(), {0}
    if archive.comment or len({one.filename for one in entries}) != len(entries):
        return False
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset not in ends or stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            return False
        if (content := _begins(file, entry)) is None:
            return False
        position = content + entry.compress_size
        ends = {position + more for more in _FOLLOWING} if entry.flag_bits & _SIZES_FOLLOW else {position}
    length = file.seek(0, os.SEEK_END)
    return archive.start_dir in ends and _directory_length(archive) == length - archive.start_dir - _DIRECTORY_ENDS


def _directory_length(archive: ZipFile) -> int:
    """Each entry of a directory has 46 bytes, its name, what is extra, and a comment."""
    return sum(46 + len(_raw_name(one)) + len(one.extra) + len(one.comment) for one in archive.infolist())


def _raw_name(entry: ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")


def _begins(file: IO[bytes], entry: ZipInfo) -> int | None:
    """Where the content of an entry begins; None where what stands before it is not what the directory says."""
    file.seek(entry.header_offset)
    signature, _, flags, method, _, _, crc, packed, size, name, extra = _HEADER.unpack(file.read(_HEADER.size))
    follows = bool(flags & _SIZES_FOLLOW)
    is_said = follows or (crc, packed, size) == (entry.CRC, entry.compress_size, entry.file_size)
    is_known = method == entry.compress_type and method in ((ZIP_DEFLATED,) if follows else (ZIP_DEFLATED, ZIP_STORED))
    if signature != _SIGNATURE or flags != entry.flag_bits or flags & _ENCRYPTED or not (is_said and is_known):
        return None
    if file.read(name) != _raw_name(entry) or not all(map(_is_harmless, (entry.extra, file.read(extra)))):
        return None
    return entry.header_offset + _HEADER.size + name + extra


def _is_harmless(extra: bytes) -> bool:
    at = 0
    while at < len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        if kind not in _HARMLESS:
            return False
        at += _EXTRA.size + length
    return at == len(extra)


def _contents_are_same(one: ZipFile, file: IO[bytes], other: ZipFile) -> bool:
    for entry in other.infolist():
        with one.open(entry.filename) as expected:
            for piece in _unpacked(file, entry):
                if piece is None or expected.read(len(piece)) != piece:
                    return False
            if expected.read(1):
                return False
    return True


def _unpacked(file: IO[bytes], entry: ZipInfo) -> Iterator[bytes | None]:
    """The content, piece by piece; None where it ends before, or behind, what is said to be packed."""
    file.seek(_begins(file, entry) or 0)
    left, inflate = entry.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        packed = file.read(min(left, _PIECE))
        left -= len(packed) or left
        if entry.compress_type == ZIP_STORED:
            yield packed
            continue
        while packed and not inflate.eof:
            yield inflate.decompress(packed, _PIECE)
            packed = inflate.unconsumed_tail
        if inflate.eof and left:
            yield None
            return
    if entry.compress_type == ZIP_DEFLATED:
        while not inflate.eof and (more := inflate.decompress(b"", _PIECE)):  # the last piece was full before its end
            yield more
        if not inflate.eof or inflate.unused_data:
            yield None
