"""Opens the recorded history for commands that only read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from odmd.control.ports import Store
from odmd.errors import NothingDeployed


@contextmanager
def history(state: Path | None) -> Generator[Store]:
    """The store of the state folder, for reading.

    Raises:
        NothingDeployed: nothing was ever deployed from here.
        StateUnreadable
    """
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings
    from odmd.store.sql import SqlStore

    path = database(read_settings(state=state))
    if not path.exists():
        raise NothingDeployed(
            f"there is no state in {path.parent}", next_step="run `odmd apply` first, or give --state FOLDER"
        )
    store = SqlStore(path)
    try:
        yield store
    finally:
        store.close()
