"""Writes the projections of a commit, and what else is inserted or replaced: one way for both dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection, Table, delete, select, tuple_

from odmd.control.ports.log import Touched
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Wave
from odmd.store.append import moved_at
from odmd.store.codec import CLONES, ENVERS, RUNS, STANDING, VALUES, WAVES, Body
from odmd.store.schema import clones, documents, envers, runs, values, waves
from odmd.store.unknown import keep_unknown

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = Mapping[str, object]
Key = tuple[object, ...]

STANDING_NAME: Final = "standing"
"""The document that what is in force stands in."""
_AT_ONCE: Final = 200
"""Keys in one query: databases limit its parameters."""


def project(connection: Connection, touched: Touched, position: int) -> None:
    """Writes the entities as they are at a position of the log; keeps what a newer release put into the rows that are
    there."""
    _rewrite(connection, ENVERS, envers, {(e.address,): (e, {}) for e in touched.envers})
    _rewrite(connection, RUNS, runs, {(r.id,): (r, _of_run(r)) for r in touched.runs})
    _rewrite(
        connection, VALUES, values, {(v.product, v.version): (v, {"status": v.status.value}) for v in touched.values}
    )
    _rewrite(connection, WAVES, waves, {(w.id,): (w, _of_wave(w, position)) for w in touched.waves})
    _rewrite(connection, CLONES, clones, {(a,): (one, {}) for a, one in touched.clones.items() if one is not None})
    if gone := [address for address, one in touched.clones.items() if one is None]:
        connection.execute(delete(clones).where(clones.c.address.in_(gone)))
    if touched.standing is not None:
        _rewrite(connection, STANDING, documents, {(STANDING_NAME,): (touched.standing, {})})


def _of_run(run: Run) -> Row:
    return {"enver": run.enver, "status": run.status.value, "at": moved_at(run)}


def _of_wave(wave: Wave, position: int) -> Row:
    return {"open": wave.open, "at": wave.at, "ended": None if wave.open else position}


def _rewrite(connection: Connection, type_: Body[T], table: Table, entities: Mapping[Key, tuple[T, Row]]) -> None:
    """Writes bodies by their keys, each with its other columns."""
    if not entities:
        return
    key = list(table.primary_key)
    before = _before(connection, table, list(entities))
    rows: list[Row] = []
    for values_, (entity, columns) in entities.items():
        body, old = type_.encode(entity), before.get(values_)
        named = {column.name: value for column, value in zip(key, values_, strict=True)}
        rows.append({**named, **columns, "body": body if old is None else keep_unknown(type_, old, body)})
    upsert(connection, table, rows)


def _before(connection: Connection, table: Table, keys: Sequence[Key]) -> dict[Key, str]:
    """The bodies that are there, by key."""
    found: dict[Key, str] = {}
    columns = list(table.primary_key)
    for start in range(0, len(keys), _AT_ONCE):
        these = tuple_(*columns).in_(keys[start : start + _AT_ONCE])
        for *key, body in connection.execute(select(*columns, table.c.body).where(these)):
            found[tuple(key)] = body
    return found


def insert_new(connection: Connection, table: Table, row: Row) -> bool:
    """Inserts; False where a row with one of its unique columns is there."""
    new = _insert_into(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(new.returning(*table.primary_key)).first() is not None


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Inserts, or replaces every column but the key."""
    new = _insert_into(connection, table)
    key = [column.name for column in table.primary_key]
    rest = {name: new.excluded[name] for name in rows[0] if name not in key}
    connection.execute(new.on_conflict_do_update(index_elements=key, set_=rest), rows)


def _insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """What both dialects have under one name, each with a class of its own; importing one takes a while."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
