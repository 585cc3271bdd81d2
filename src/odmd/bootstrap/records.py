"""What is recorded, read from where the settings say that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from odmd.bootstrap.state import database, leadership
from odmd.control.reading.records import Records, Users
from odmd.errors import NothingDeployed, OdmdError, StateUnreadable
from odmd.store.where import Postgres, Where

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.ports.reads import Reads
    from odmd.control.ports.run_log import Lines
    from odmd.control.reading.verified import Reports
    from odmd.control.scheduler.values import ValueRef
    from odmd.plan.wiring import Wiring


def open_records(settings: Settings) -> Records:
    """Reads of the state; who closes its store closes them.

    Raises:
        NothingDeployed: nothing was ever deployed from here.
        StateUnreadable, DatabaseUnreachable, DatabaseRefused, ToolMissing
    """
    from odmd.store.reads import open_reads

    where = database(settings)
    refuse_what_is_not_there(where)
    return records(settings, open_reads(where))


def records(settings: Settings, store: Reads) -> Records:
    """The reads of a state."""
    is_led, declared = leadership(settings).is_led, lambda: _declared(settings)
    return Records(store, is_led, declared, _users(store), _run_log(store), _kept_reports(store))


def _run_log(store: Reads) -> Lines:
    from odmd.store.reads import SqliteReads

    if isinstance(store, SqliteReads):
        return store
    from odmd.store.run_log import SqlRunLog
    from odmd.store.sql import SqlStore

    if not isinstance(store, SqlStore):
        raise TypeError(f"{type(store).__name__} keeps no lines of runs")
    return SqlRunLog(store.database)


def _kept_reports(store: Reads) -> Reports:
    from odmd.store.reads import SqliteReads

    if isinstance(store, SqliteReads):
        return store.report
    from odmd.store.artifacts import SqlArtifacts
    from odmd.store.sql import SqlStore

    if not isinstance(store, SqlStore):
        raise TypeError(f"{type(store).__name__} keeps no reports of checks")
    return SqlArtifacts(store.database).report


def _users(store: Reads) -> Users:
    """Who runs with a value, from the whole state, which is read when it is first asked for."""
    leased: Mapping[ValueRef, set[str]] | None = None

    def users(refs: Sequence[ValueRef]) -> Mapping[ValueRef, Sequence[str]]:
        nonlocal leased
        leased = store.load().leased if leased is None else leased
        return {ref: tuple(leased.get(ref, ())) for ref in refs}

    return users


def _declared(settings: Settings) -> Wiring | None:
    """The graph as the contracts say now, with the clones that there are, if they can be read; the state holds no
    wires."""
    from odmd.bootstrap.contracts import load_edition
    from odmd.plan.wiring import Wiring

    try:
        return Wiring(load_edition(settings).graph)
    except OdmdError:
        return None


def refuse_what_is_not_there(path: Where) -> None:
    """Raises:
    NothingDeployed, StateUnreadable
    """
    if isinstance(path, Postgres):
        from odmd.store.database import holds_state

        if not holds_state(path):
            raise NothingDeployed(f"there is no state in {path}", next_step="run `odmd apply` first")
        return
    try:
        path.stat()
    except FileNotFoundError:
        raise NothingDeployed(
            f"there is no state in {path.parent}", next_step="run `odmd apply` first, or give --state FOLDER"
        ) from None
    except OSError as wrong:
        raise StateUnreadable(
            f"{path.parent} cannot be used as the state folder: {wrong.strerror}",
            next_step="give --state a folder that you may write to",
        ) from wrong
