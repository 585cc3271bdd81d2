"""Forgets the texts of private settings that nothing refers to any more.

A text is a reference's as long as its identity stands in what is recorded of an enver or a run, or in a message that
was not handled. Whoever is about to refer to one keeps it first, which makes it young (`SqlSealed.keep`), and the young
stay: so none goes between the look and the first word of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import ColumnElement, delete, select, true, update

from odmd.store.database import Database
from odmd.store.schema import envers, inbox, runs, sealed

YOUNG_SECONDS: Final = 86_400.0
"""However little is to be kept, this much is."""
FRESH_SECONDS: Final = YOUNG_SECONDS / 2
"""Who keeps a text that is older than this makes it young again."""
_AT_ONCE: Final = 500


def prune_sealed(database: Database, before: float) -> int:
    """Removes those that were not kept again since, and that nothing refers to; returns how many that were. The others
    are young again, so that they are looked for once in a while."""
    before, removed = min(before, time.time() - YOUNG_SECONDS), 0
    while old := _older(database, before):
        removed += _settle(database, old, _referred_to(database, old), before)
    return removed


def _older(database: Database, before: float) -> frozenset[str]:
    with database.reading() as connection:
        found = select(sealed.c.identity).where(sealed.c.at < before).limit(_AT_ONCE)
        return frozenset(connection.execute(found).scalars())


def _settle(database: Database, old: frozenset[str], used: frozenset[str], before: float) -> int:
    with database.writing() as connection:
        connection.execute(update(sealed).where(sealed.c.identity.in_(used)).values(at=time.time()))
        unused = sealed.c.identity.in_(old - used) & (sealed.c.at < before)
        return connection.execute(delete(sealed).where(unused)).rowcount


def _referred_to(database: Database, identities: Collection[str]) -> frozenset[str]:
    """Those that stand anywhere in a text that may have them: more than refer to them at most."""
    longest_first = sorted(identities, key=len, reverse=True)
    any_of_them = re.compile("|".join(map(re.escape, longest_first)))
    found = set[str]()
    for body in _bodies(database):
        found.update(any_of_them.findall(body))
        if len(found) == len(identities):
            break
    return frozenset(found)


def _bodies(database: Database) -> Iterator[str]:
    """A page at a time, in the order in which a reference travels: what moves on meanwhile is met later."""
    everything: tuple[tuple[ColumnElement[object], ColumnElement[str], ColumnElement[bool]], ...] = (
        (inbox.c.seq, inbox.c.body, inbox.c.handled == 0),
        (envers.c.address, envers.c.body, true()),
        (runs.c.id, runs.c.body, true()),
    )
    for key, body, wanted in everything:
        page = select(key, body).where(wanted).order_by(key).limit(_AT_ONCE)
        with database.reading() as connection:
            rows = connection.execute(page).all()
        while rows:
            yield from (text for _, text in rows)
            with database.reading() as connection:
                rows = connection.execute(page.where(key > rows[-1][0])).all()
