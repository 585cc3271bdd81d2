"""Forgets what is older than anybody wants to look back, from the old end on and in short transactions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, select

from odmd.store.append import OPEN_RUNS, Keep
from odmd.store.database import Database
from odmd.store.ledger import cut
from odmd.store.prune_sealed import prune_sealed
from odmd.store.schema import (
    artifacts,
    claims,
    documents,
    handed_in,
    inbox,
    log,
    run_log,
    runs,
    steps,
    subscribers,
    tokens,
    waves,
)

_AT_ONCE: Final = 1000


def prune(database: Database, before: float, keep: Keep) -> int:
    """How many rows were removed; `EventLog.prune` says which."""
    before = _until_seen(database, before, keep)
    older = runs.alias("older")
    newer = select(older.c.id).where(older.c.enver == runs.c.enver, older.c.id > runs.c.id)
    is_heard = _is_open(run_log)
    return sum(
        (
            prune_sealed(database, before),  # first: what goes below refers to them until the next time
            _forget_all(database, documents, documents.c.name, documents.c.at < before),
            _forget_all(database, artifacts, artifacts.c.digest, (artifacts.c.report == 1) & (artifacts.c.at < before)),
            _forget_all(database, handed_in, handed_in.c.seq, _is_of_what_is_gone(before)),
            _forget_all(database, tokens, tokens.c.id, _is_old_right(before)),
            _forget(database, inbox, inbox.c.seq, before, lambda _: inbox.c.handled == 1),
            _forget(database, log, log.c.position, before, _all_but_the_last),
            *(_forget(database, one, one.c.seq, before, _ended(one)) for one in (steps, claims)),
            _forget(
                database,
                run_log,
                run_log.c.seq,
                before,
                lambda c: ~is_heard & (run_log.c.seq < _highest(c, run_log.c.seq)),  # so that numbers go on
            ),
            _forget(
                database,
                runs,
                runs.c.id,
                before,
                lambda _: runs.c.status.not_in(OPEN_RUNS) & exists(newer.offset(keep.runs - 1)),
            ),
            _forget(
                database,
                waves,
                waves.c.id,
                before,
                lambda c: (waves.c.open == 0) & (waves.c.id <= _highest(c, waves.c.id) - keep.waves),
            ),
        )
    )


def _until_seen(database: Database, before: float, keep: Keep) -> float:
    """The time before which nothing is needed: that of the first event that a subscriber has not handled, unless it is
    older than anybody is waited for. Who was not heard of for so long is forgotten."""
    last = before - keep.unseen
    with database.writing() as connection:
        connection.execute(delete(subscribers).where(subscribers.c.alive < last))
        handled = select(func.min(subscribers.c.position)).scalar_subquery()
        first = select(log.c.at).where(log.c.position > handled).order_by(log.c.position).limit(1)
        unseen = connection.execute(first).scalar()
    return before if unseen is None else max(min(before, unseen), last)


def _is_open(table: Table) -> ColumnElement[bool]:
    return exists(select(runs.c.id).where(runs.c.id == table.c.run, runs.c.status.in_(OPEN_RUNS)))


def _ended(table: Table) -> Callable[[Connection], ColumnElement[bool]]:
    return lambda _: ~_is_open(table)


def _forget(
    database: Database,
    table: Table,
    number: ColumnElement[int],
    before: float,
    may_go: Callable[[Connection], ColumnElement[bool]],
) -> int:
    """Walks a table from its oldest row to the first that is young enough, a thousand rows a transaction."""
    removed, last = 0, 0
    while True:
        with database.reading() as connection:
            oldest = select(number, table.c.at).where(number > last).order_by(number).limit(_AT_ONCE)
            rows = connection.execute(oldest).all()
        old = [found for found, _ in takewhile(lambda row: row[1] < before, rows)]
        if old:
            last = old[-1]
            with database.writing() as connection:
                goes = number.in_(old) & may_go(connection)
                if table is log:
                    _cut_chain(connection, goes)
                gone = delete(table).where(goes)
                removed += connection.execute(gone).rowcount
        if len(old) < _AT_ONCE:
            return removed


def _forget_all(
    database: Database, table: Table, key: ColumnElement[str] | ColumnElement[int], old: ColumnElement[bool]
) -> int:
    removed, some = 0, select(key).where(old).limit(_AT_ONCE)
    while True:
        with database.writing() as connection:
            gone = connection.execute(delete(table).where(key.in_(some))).rowcount
        removed += gone
        if gone < _AT_ONCE:
            return removed


def _is_of_what_is_gone(before: float) -> ColumnElement[bool]:
    """Handed in by a run that ended, and not stored any more; who made what is stored is always known."""
    is_stored = exists(select(artifacts.c.digest).where(artifacts.c.digest == handed_in.c.digest))
    return (handed_in.c.at < before) & ~_is_open(handed_in) & ~is_stored


def _is_old_right(before: float) -> ColumnElement[bool]:
    """Of a job to a run: there are as many as runs."""
    return tokens.c.run.is_not(None) & tokens.c.holder.is_not(None) & (tokens.c.expires < before)


def _all_but_the_last(connection: Connection) -> ColumnElement[bool]:
    return log.c.position < _highest(connection, log.c.position)


def _cut_chain(connection: Connection, goes: ColumnElement[bool]) -> None:
    if last := connection.execute(select(func.max(log.c.position)).where(goes)).scalar():
        cut(connection, last)


def _highest(connection: Connection, number: ColumnElement[int]) -> int:
    return connection.execute(select(func.coalesce(func.max(number), 0))).scalar_one()
