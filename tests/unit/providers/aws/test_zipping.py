"""The same content is the same zip, byte for byte."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.aws.zipping import write_zip

names = st.text("abcxyz_", min_size=1, max_size=8)
paths = st.builds(lambda folder, name: f"{folder}_d/{name}" if folder else name, st.one_of(st.just(""), names), names)
trees = st.dictionaries(paths, st.binary(max_size=200), max_size=6)


def zipped(folder: Path) -> bytes:
    into = io.BytesIO()
    write_zip(into, folder)
    return into.getvalue()


def write(folder: Path, tree: Mapping[str, bytes], *, at: int) -> Path:
    for name, content in tree.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_bytes(content)
        os.utime(file, (at, at))
    return folder


@given(trees)
def test_neither_dates_nor_the_order_of_writing_matter(tree: dict[str, bytes]) -> None:
    shuffled = dict(reversed(tree.items()))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = write(Path(one), tree, at=10**9), write(Path(other), shuffled, at=1)

        assert zipped(first) == zipped(second)


@given(trees)
def test_everything_is_in_it(tree: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = zipped(write(Path(folder), tree, at=10**9))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == tree


def test_what_can_be_executed_stays_so(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/bin/sh")
    (tmp_path / "run").chmod(0o700)
    (tmp_path / "data").write_text("")
    (tmp_path / "data").chmod(0o600)

    with zipfile.ZipFile(io.BytesIO(zipped(tmp_path))) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}

    assert modes == {"run": 0o755, "data": 0o644}
