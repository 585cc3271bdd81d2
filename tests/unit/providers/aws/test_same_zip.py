"""What others packed is the same only where nobody can read it in another way."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.providers.aws.same_zip import unpack_alike
from support.soak import examples

FILES = {"index.py": b"def handler(event, context): ...\n" * 40, "lib/ä.txt": b"", "run.sh": b"#!/bin/sh\n"}


class Pipe(io.RawIOBase):
    """Where nobody can go back to write a size before its content, as where CDK's own packer writes."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into = into

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        return self._into.write(piece)  # type: ignore[arg-type]


def packed(
    files: Mapping[str, bytes],
    *,
    level: int = 6,
    piped: bool = False,
    modes: Mapping[str, int] | None = None,
    extras: Mapping[str, bytes] | None = None,
) -> io.BytesIO:
    into = io.BytesIO()
    with zipfile.ZipFile(Pipe(into) if piped else into, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:  # type: ignore[arg-type]
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980 + level, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
            entry.create_system = 3
            entry.extra = (extras or {}).get(name, b"")
            entry.external_attr = (stat.S_IFREG | (modes or {}).get(name, 0o644)) << 16
            with archive.open(entry, "w") as file:
                file.write(content)
    return into


@settings(max_examples=examples(30))
@given(
    files=st.dictionaries(st.text("abß/.", min_size=1, max_size=6), st.binary(max_size=3000), max_size=4),
    level=st.sampled_from([1, 9]),
    piped=st.booleans(),
)
def test_whoever_packed_the_same_files_it_is_the_same(files: dict[str, bytes], level: int, piped: bool) -> None:
    others = packed(dict(reversed(files.items())), level=level, piped=piped)
    assert unpack_alike(packed(files), others)
    for name, content in files.items():
        assert not unpack_alike(packed({**files, name: content + b"!"}), others)
        assert not unpack_alike(packed({one: files[one] for one in files if one != name}), others)


def in_front(zip: bytes) -> bytes:
    return b"#!/bin/sh\n" + zip


def behind(zip: bytes) -> bytes:
    return zip + zip


def another_name_before_the_content(zip: bytes) -> bytes:
    return zip.replace(b"index.py", b"other.py", 1)


def another_content_before_the_directory(zip: bytes) -> bytes:
    hidden, begins = packed({"index.py": b"evil"}).getvalue(), zip.index(b"PK\x01\x02")
    local = hidden[: hidden.index(b"PK\x01\x02")]
    at = zip.rindex(b"PK\x05\x06") + 16
    moved = (begins + len(local)).to_bytes(4, "little")
    return zip[:begins] + local + zip[begins:at] + moved + zip[at + 4 :]


def a_comment_that_could_be_an_end(zip: bytes) -> bytes:
    return zip[:-2] + (22).to_bytes(2, "little") + zip[-22:]


def cut_off(zip: bytes) -> bytes:
    return zip[:-30]


@pytest.mark.parametrize(
    "change",
    [
        in_front,
        behind,
        another_name_before_the_content,
        another_content_before_the_directory,
        a_comment_that_could_be_an_end,
        cut_off,
    ],
)
def test_what_can_be_read_in_two_ways_is_not_the_same(change: Callable[[bytes], bytes]) -> None:
    good = packed(FILES).getvalue()
    assert unpack_alike(packed(FILES), io.BytesIO(good))
    assert not unpack_alike(packed(FILES), io.BytesIO(change(good)))


def test_what_may_be_executed_counts_and_links_are_no_files() -> None:
    assert not unpack_alike(packed(FILES), packed(FILES, modes={"run.sh": 0o755}))
    linked = packed(FILES, modes={"run.sh": stat.S_IFLNK ^ stat.S_IFREG | 0o644})
    assert not unpack_alike(packed(FILES), linked)


def test_a_name_twice_is_not_the_same() -> None:
    twice = packed(FILES)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("index.py", FILES["index.py"])
    assert not unpack_alike(packed(FILES), twice)


def extra(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def another_name(name: str, other: str) -> bytes:
    """As Info-ZIP has a name in Unicode beside the one in the header."""
    return extra(0x7075, struct.pack("<BL", 1, zlib.crc32(name.encode())) + other.encode())


def test_a_second_name_is_not_the_same() -> None:
    files = {"a.js": b"a", "b.js": b"b"}
    swapped = {"a.js": another_name("a.js", "b.js"), "b.js": another_name("b.js", "a.js")}
    assert not unpack_alike(packed(files), packed(files, extras=swapped))
    assert not unpack_alike(packed(files), packed(files, extras={"a.js": another_name("a.js", "c.js")}))


def test_a_second_name_only_before_the_content_is_not_the_same() -> None:
    files = {"a.js": b"a"}
    zip = packed(files, extras={"a.js": extra(0x5455, b"\0" * 9)}).getvalue()
    (length,) = struct.unpack_from("<H", zip, 28)
    second = another_name("a.js", "c.js")
    assert length == len(second)
    assert not unpack_alike(packed(files), io.BytesIO(zip.replace(extra(0x5455, b"\0" * 9), second, 1)))


def test_times_and_owners_are_no_difference() -> None:
    theirs = packed({"a.js": b"a"}, extras={"a.js": extra(0x5455, b"\1" + b"\0" * 4) + extra(0x7875, b"\1\0\0")})
    assert unpack_alike(packed({"a.js": b"a"}), theirs)


@pytest.mark.parametrize("kind", [0x0001, 0x7075, 0x1234])
def test_nobody_knows_what_else_is_said_beside_an_entry(kind: int) -> None:
    assert not unpack_alike(packed({"a.js": b"a"}), packed({"a.js": b"a"}, extras={"a.js": extra(kind, b"\0" * 16)}))


@pytest.mark.parametrize("level", [1, 9])
@pytest.mark.parametrize("length", [1_000_000, 1_000_001, 1_000_008, 1_000_015, 2_000_001])
def test_what_ends_just_behind_a_piece_is_the_same(length: int, level: int) -> None:
    files = {"zeros": bytes(length)}
    assert unpack_alike(packed(files), packed(files, level=level))
    assert not unpack_alike(packed({"zeros": bytes(length - 1)}), packed(files, level=level))
