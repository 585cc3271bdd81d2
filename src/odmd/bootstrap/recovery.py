"""Backup, and what has to be done after a restore: the recorded state is older than the world then."""

from __future__ import annotations

import math
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.bootstrap.embedded import durable_engine
from odmd.bootstrap.planning import database, leadership
from odmd.bootstrap.settings import Settings
from odmd.control.leading.leader import Leader
from odmd.control.reading.troubles import forget_troubles
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.events import Recovered, RunFailed
from odmd.control.scheduler.limits import Limits
from odmd.control.scheduler.messages import Recover
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.errors import BackupUnusable, LeadershipLost, StateUnreadable
from odmd.graph import Compiled
from odmd.private import private_file
from odmd.store.database import holds_state
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres

_WHY: Final = "the state was restored from a backup"
_RUNS_A_SECOND: Final = 100
"""More than any control plane starts."""
_ROUND: Final = 1000


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done to a restored state."""

    first: int
    """Numbers of runs, waves and versions go on from here."""
    envers: int
    """Those of which nobody knows any more what runs."""
    runs: tuple[int, ...]
    """Those that were under way in the backup."""
    effects: int
    """What the backup still wanted done, and is not done."""
    messages: int
    """What the backup had not decided yet, and is not decided."""


def back_up(settings: Settings, file: Path) -> int:
    """Writes a copy of the state as it is at one moment, beside whoever works on it; returns its bytes.

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
    SqlStore(where).close()  # says what is wrong with it, if anything
    try:
        with closing(sqlite3.connect(f"{where.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(private_file(file)),))
        return file.stat().st_size
    except (sqlite3.Error, OSError) as wrong:
        file.unlink(missing_ok=True)
        raise BackupUnusable(f"{file} cannot be written: {wrong}", next_step="is there room, and may you?") from wrong


def recover(settings: Settings, compiled: Compiled, by: Actor, backup: Path | None = None) -> Recovery:
    """Puts a backup in place, if one is given, and makes the state safe to work with: under a fence epoch that is above
    any used, what it wanted done is forgotten, its runs are ended, nobody knows what runs, and everything is paused.

    Does no more when it is done again, and can be: numbers go on from somewhat higher.

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
            effects, messages = engine.forget(), store.forget_messages()
            forget_troubles(store)
            leader = Leader(store, Setup(compiled.graph, Limits(), settings.retire_after), (), term.epoch)
            term.when_lost(lambda: leader.give_up(LeadershipLost("this process could not renew its leadership")))
            first = _first(leader.state, store)
            leader.start()
            try:
                events = leader.ask(Recover(first, by, _WHY))
                unknown = leader.look(lambda state: sum(enver.unknown for enver in state.envers.values()))
            finally:
                leader.stop()
        finally:
            store.close()
            engine.stop()
    ended = tuple(event.run for event in events if isinstance(event, RunFailed))
    return Recovery(
        next(event.first for event in events if isinstance(event, Recovered)), unknown, ended, effects, messages
    )


def _first(state: State, store: SqlStore) -> int:
    """A number that nothing had that was made since the backup."""
    highest = max(state.next_run, state.next_wave, *state.versions.values(), 1)
    last = store.read(state.position - 1, 1)
    since = max(0.0, time.time() - last[0].event.at) if last else 0.0
    return math.ceil((highest + 1 + since * _RUNS_A_SECOND) / _ROUND) * _ROUND


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
