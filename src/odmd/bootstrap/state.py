"""Where the settings keep what is recorded, and who may decide about it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.control.ports.leadership import Leadership
from odmd.errors import StateUnreadable
from odmd.store.where import Where

if TYPE_CHECKING:
    from odmd.store.sql import SqlStore


def database(settings: Settings) -> Where:
    """Where the control plane keeps everything but artifacts."""
    return settings.database or settings.state / "state.db"


def has_state(settings: Settings) -> bool:
    """Whether there is a state: a file, or tables in a database, which is asked.

    Raises:
        DatabaseUnreachable, DatabaseRefused
    """
    where = database(settings)
    if isinstance(where, Path):
        return where.exists()
    from odmd.store.database import holds_state

    return holds_state(where)


def new_state(settings: Settings) -> str:
    """That there is no state yet where one is about to be made; empty where there is."""
    return (
        "" if has_state(settings) else f"a new state is made in {database(settings)}: nothing is known to be deployed"
    )


def leadership(settings: Settings) -> Leadership:
    """Who may decide about what is in the database: a lock for a file, an election for Postgres."""
    if settings.database is None:
        from odmd.store.leadership import FileLeadership

        return FileLeadership(settings.state)
    from odmd.store.election import PostgresLeadership

    return PostgresLeadership(settings.database)


@contextmanager
def stored(settings: Settings) -> Generator[SqlStore | None]:
    """What is recorded; None where there is nothing yet.

    Raises:
        StateUnreadable
    """
    from odmd.store.sql import SqlStore

    if not has_state(settings):
        _refuse_what_is_no_folder(settings.state)
        yield None
        return
    store = SqlStore(database(settings))
    try:
        yield store
    finally:
        store.close()


def _refuse_what_is_no_folder(state: Path) -> None:
    there = next(folder for folder in (state, *state.parents) if os.path.lexists(folder))
    if not there.is_dir():
        raise StateUnreadable(
            f"{state} cannot be used as the state folder: {there} is no folder", next_step="give --state a folder"
        )
