"""Backup and restore of a state file, and the state after a restore."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from odmd.bootstrap.embedded import durable_engine
from odmd.bootstrap.keys import NeededKey, needed_keys, sealed_by
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, leadership
from odmd.control.leading.recovery import Recovery, make_safe
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.limits import Limits
from odmd.control.scheduler.setup import Setup
from odmd.errors import BackupUnusable, StateUnreadable
from odmd.graph import Compiled
from odmd.private import private_file
from odmd.store.database import holds_state
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres


class BackedUp(NamedTuple):
    """A copy of a state."""

    bytes: int
    sealed_by: Sequence[str]
    """The master keys without which nobody reads the private settings in it."""


class Restored(NamedTuple):
    """A state that is safe to work with, and how the keys of its private settings stand."""

    recovery: Recovery
    keys: Sequence[NeededKey]


def back_up(settings: Settings, file: Path) -> BackedUp:
    """Writes a copy of the state as it is at one moment, beside whoever works on it.

    Raises:
        BackupUnusable: the file is there already, or cannot be written; or the state is in Postgres.
        StateUnreadable
    """
    where = database(settings)
    if isinstance(where, Postgres):
        raise BackupUnusable(
            f"the state is in {where}", next_step=f"pg_dump --format=custom --file={file} makes a backup of it"
        )
    if file.exists():
        raise BackupUnusable(f"{file} is there already", next_step="give a file that is not")
    store = SqlStore(where)  # says what is wrong with it, if anything
    keys = sealed_by(settings, store)
    store.close()
    try:
        with closing(sqlite3.connect(f"{where.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(private_file(file)),))
        return BackedUp(file.stat().st_size, keys)
    except (sqlite3.Error, OSError) as wrong:
        file.unlink(missing_ok=True)
        raise BackupUnusable(f"{file} cannot be written: {wrong}", next_step="is there room, and may you?") from wrong


def recover(settings: Settings, compiled: Compiled, by: Actor, backup: Path | None = None) -> Restored:
    """Puts a backup in place, if one is given, and makes the state safe to work with.

    Raises:
        BackupUnusable: it is no state, or the state is in Postgres.
        StateInUse: another process works on the state.
        StateUnreadable, DatabaseUnreachable, DatabaseRefused, ToolMissing
    """
    where = database(settings)
    with leadership(settings).lead(epoch=int(time.time())) as term:
        if backup is not None:
            _put_in_place(backup, where)
        engine = durable_engine(settings, term.epoch, in_a_hurry=False)
        store = SqlStore(where, engine.outbox)
        try:
            setup = Setup(compiled.graph, Limits(), settings.retire_after)
            return Restored(make_safe(store, engine, setup, term, by), needed_keys(settings, store))
        finally:
            store.close()
            engine.stop()


def _put_in_place(backup: Path, where: Path | Postgres) -> None:
    if isinstance(where, Postgres):
        raise BackupUnusable(
            f"the state is in {where}", next_step="restore it with pg_restore, then run `odmd recover` without a file"
        )
    new = where.with_name(f"{where.name}.restored")
    try:
        shutil.copyfile(backup, private_file(new))
        if not holds_state(new):
            raise BackupUnusable(f"{backup} holds no state", next_step="give a file that `odmd backup` wrote")
        SqlStore(new).close()  # brings it up to date, and refuses what is of a newer release
        for left in ("-wal", "-shm"):  # of the state before, which would be taken for this one's
            where.with_name(f"{where.name}{left}").unlink(missing_ok=True)
        new.replace(where)
    except StateUnreadable as wrong:
        raise BackupUnusable(f"{backup} is no backup of a state: {wrong.fact}", next_step=wrong.next_step) from wrong
    except OSError as wrong:
        raise BackupUnusable(f"{backup}: {wrong.strerror}", next_step="give a file that `odmd backup` wrote") from wrong
    finally:
        for left in ("", "-wal", "-shm"):
            where.with_name(f"{new.name}{left}").unlink(missing_ok=True)
