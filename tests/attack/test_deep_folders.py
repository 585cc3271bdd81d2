"""Folders within folders, more than Python follows and longer than a name may be: the attacker wants whoever clears
up after him, or reads what he wrote, to stumble."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.control.running.place import Workplace
from odmd.errors import AssetUnfit
from odmd.providers.aws.ready_assembly import take_assembly
from odmd.providers.aws.zipping import write_zip
from odmd.trees import files_below, remove_tree
from support import ordinary

DEEP = 1_500


def dig(folder: Path, levels: int = DEEP, *, rights: int = 0o755) -> None:
    """Makes folders within each other, with a file in the last one."""
    folder.mkdir(parents=True, exist_ok=True)
    at = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("folder", dir_fd=at)
        within = os.open("folder", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = within
    with os.fdopen(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at), "w") as file:
        file.write("x")
    os.fchmod(at, rights)
    os.close(at)


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    dig(tmp_path / "deep")
    yield tmp_path / "deep"
    remove_tree(tmp_path / "deep")  # pytest would not


def test_they_are_removed_and_what_links_lead_to_stays(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    dig(tmp_path / "deep" / "a", rights=0)
    dig(tmp_path / "deep" / ".removed-0" / "b", 2)
    (tmp_path / "deep" / "link").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    remove_tree(tmp_path / "deep")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "nothing")
    remove_tree(outside / "kept")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "outside"]
    assert [one.name for one in outside.iterdir()] == ["kept"]


def test_an_ordinary_user_removes_what_takes_its_own_rights_away(tmp_path: Path) -> None:
    home = ordinary.let_through(tmp_path) / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    program = f"""
os.umask(0o777)
os.mkdir({str(home / "a")!r}); os.chmod({str(home / "a")!r}, 0o700)
os.mkdir({str(home / "a" / "b")!r}); os.chmod({str(home / "a" / "b")!r}, 0o700)
open({str(home / "a" / "b" / "c")!r}, "w").close()
os.chmod({str(home / "a" / "b")!r}, 0); os.chmod({str(home / "a")!r}, 0)
remove_tree(Path({str(home / "a")!r}))
print(os.listdir({str(home)!r}))
"""
    assert ordinary.run("from pathlib import Path\nfrom odmd.trees import remove_tree", program) == "[]\n"


def test_what_is_in_them_is_read_without_an_end_of_python(tmp_path: Path) -> None:
    dig(tmp_path / "deep", 500)
    assert [one.name for one in files_below(tmp_path / "deep")] == ["file"]
    remove_tree(tmp_path / "deep")


def test_an_asset_of_them_is_packed_or_refused(tmp_path: Path, deep: Path) -> None:
    with (tmp_path / "zip").open("wb") as into, pytest.raises(AssetUnfit):
        write_zip(into, deep)


def test_an_assembly_of_them_is_refused(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "run")
    dig(place.source / "cdk.out")
    (place.source / "cdk.out" / "manifest.json").write_text("{}")
    with pytest.raises(AssetUnfit):
        take_assembly("cdk.out", place.source, place)
    remove_tree(tmp_path / "run")
    assert not (tmp_path / "run").exists()
