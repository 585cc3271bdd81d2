"""States in SQLite for the tests, copies of one that was made once; how one is made anew has tests of its own."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from odmd.private import private_file
from odmd.store.sql import SqlStore


def state_file(folder: Path) -> Path:
    """`state.db` of a folder, with the tables of this release, so that nobody waits for all migrations once more."""
    made = folder / "state.db"
    if not made.exists():
        private_file(made)
        made.write_bytes(_nothing_yet())
    return made


@cache
def _nothing_yet() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "state.db")
        SqlStore(made).close()
        return made.read_bytes()
