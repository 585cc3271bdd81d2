"""What others packed is the same only where nobody can read it in another way."""

from __future__ import annotations

import io
import stat
import zipfile
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
    files: Mapping[str, bytes], *, level: int = 6, piped: bool = False, modes: Mapping[str, int] | None = None
) -> io.BytesIO:
    into = io.BytesIO()
    with zipfile.ZipFile(Pipe(into) if piped else into, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:  # type: ignore[arg-type]
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980 + level, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
            entry.create_system = 3
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
