"""What is ours is nobody else's to read, whatever the umask is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.private import open_private, private_file, private_folder
from odmd.store.sql import SqlStore


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> set[str]:
    return {f"{'folder' if path.is_dir() else 'file'} {path.stat().st_mode & 0o777:o}" for path in folder.rglob("*")}


@pytest.mark.usefixtures("umask")
def test_files_and_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "state" / "runs" / "1")
    with open_private(folder / "run.log", "a") as log:
        log.write("said")
    SqlStore(folder / "state.db")  # open, so that what lies beside it is there
    assert modes(tmp_path) == {"folder 700", "file 600"}


def test_what_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("kept")
    (tmp_path / "old").chmod(0o644)
    assert private_file(tmp_path / "old").read_text() == "kept"
    assert modes(tmp_path) == {"file 600"}
