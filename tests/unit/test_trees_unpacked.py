"""Archives that others packed: nothing of them leads out of the folder that they are unpacked into."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from odmd.trees import remove_tree, unpack

Packed = tuple[tarfile.TarInfo, bytes]


def entry(name: str, content: bytes = b"", *, link: str = "", kind: bytes | None = None, mode: int = 0o644) -> Packed:
    made = tarfile.TarInfo(name)
    made.type = kind or (tarfile.SYMTYPE if link else tarfile.REGTYPE)
    made.linkname, made.size, made.mode = link, len(content), mode
    return made, content


def unpacked(into: Path, *entries: Packed) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for made, content in entries:
            archive.addfile(made, io.BytesIO(content))
    packed.seek(0)
    with tarfile.open(fileobj=packed, mode="r:") as archive:
        unpack(archive, into)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    return folder


def test_files_folders_and_links_within_it_are_unpacked(into: Path) -> None:
    unpacked(
        into,
        entry("a", kind=tarfile.DIRTYPE, mode=0o755),
        entry("a/b/run", b"#!", mode=0o755),
        entry("a/b/text", b"said"),
        entry("a/up", link="../a/b"),
        entry("same", link="a/b/text"),
    )
    assert (into / "same").read_bytes() == (into / "a" / "up" / "text").read_bytes() == b"said"
    assert os.access(into / "a" / "b" / "run", os.X_OK)
    assert not os.access(into / "a" / "b" / "text", os.X_OK)


@pytest.mark.parametrize(
    "entries",
    {
        "a path that leads up": [entry("../outside/x", b"x")],
        "one in the middle": [entry("a/../../outside/x", b"x")],
        "a path from the root": [entry("/outside/x", b"x")],
        "a link that leads up": [entry("a", link="../outside")],
        "a link from the root": [entry("a", link="/etc/passwd")],
        "a link that leads down and up": [entry("d/e/f", link="../.."), entry("g", link="d/e/f/../outside")],
        "a file in a link": [entry("a", link="b"), entry("b", kind=tarfile.DIRTYPE), entry("a/x", b"x")],
        "a hard link": [entry("a", link="../outside/x", kind=tarfile.LNKTYPE)],
        "a device": [entry("a", kind=tarfile.CHRTYPE)],
        "a pipe": [entry("a", kind=tarfile.FIFOTYPE)],
        "the same twice": [entry("a", b"one"), entry("a", b"two")],
        "a file where a link is": [entry("a", link="b"), entry("a", b"x")],
    }.items(),
    ids=lambda one: one[0],
)  # fmt: skip
def test_what_means_harm_is_refused(into: Path, entries: tuple[str, list[Packed]]) -> None:
    with pytest.raises((ValueError, OSError)):
        unpacked(into, *entries[1])
    assert list((into.parent / "outside").iterdir()) == []


def test_names_that_are_too_long_to_be_resolved_lead_nowhere(into: Path) -> None:
    """CVE-2025-4517: some releases of Python lose count there."""
    entries, long, steps, path = list[Packed](), "d" * 247, "abcdefghijklmnop", ""
    for step in steps:
        entries += [entry(os.path.join(path, long), kind=tarfile.DIRTYPE, mode=0o755)]  # noqa: PTH118
        entries += [entry(os.path.join(path, step), link=long)]  # noqa: PTH118
        path = os.path.join(path, long)  # noqa: PTH118
    last = os.path.join("/".join(steps), "l" * 254)  # noqa: PTH118
    entries += [entry(last, link="../" * len(steps)), entry("escape", link=f"{last}/../outside")]
    with pytest.raises((ValueError, OSError)):
        unpacked(into, *entries, entry("escape/pwned", b"x"))
    assert list((into.parent / "outside").iterdir()) == []
    remove_tree(into)
