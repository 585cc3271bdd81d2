"""The chain of the log in the database: made with each commit, cut where the log is pruned, and read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from odmd.control.ports.ledger import ANY, GENESIS, ChainBeginning, Entry, Marks
from odmd.store.schema import chain, log

FIRST: Final = ChainBeginning(0, GENESIS, 0.0)
"""Of a log from which nothing was forgotten."""
_ENTRY: Final = (log.c.position, log.c.at, log.c.type, log.c.message, log.c.body, log.c.link)


def end_of_chain(connection: Connection) -> tuple[int, str]:
    """The last position, and its link: what the next entry is chained to."""
    newest = select(log.c.position, log.c.link).order_by(log.c.position.desc()).limit(1)
    if (last := connection.execute(newest).first()) is None:
        return 0, GENESIS
    return last.position, last.link or beginning(connection).link


def beginning(connection: Connection) -> ChainBeginning:
    """Where the chain begins."""
    found = connection.execute(select(chain.c.position, chain.c.link, chain.c.at)).first()
    return FIRST if found is None else ChainBeginning(*found)


def cut(connection: Connection, position: int) -> None:
    """The chain begins after this entry, which is about to be forgotten; before, if it does so already."""
    last = select(log.c.link).where(log.c.position == position)
    if (found := connection.execute(last).scalar()) is None:
        return  # it was never chained
    row = {"position": position, "link": found, "at": time.time()}
    if connection.execute(update(chain).values(**row)).rowcount == 0:
        connection.execute(chain.insert().values(id=1, **row))


def entries(
    connection: Connection, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
) -> Sequence[Entry]:
    """As `Ledger.entries`."""
    found = select(*_ENTRY).where(log.c.position > after, *_having(marks)).limit(limit)
    found = found.order_by(log.c.position) if before is None else found.order_by(log.c.position.desc())
    found = found if before is None else found.where(log.c.position < before)
    return [Entry(*row) for row in connection.execute(found).all()]


def _having(marks: Marks) -> Sequence[ColumnElement[bool]]:
    body = func.lower(log.c.body)
    found: list[ColumnElement[bool]] = [body.like(func.lower(_holding(text)), escape="/") for text in marks.texts]
    if marks.types:
        found.append(or_(*(or_(log.c.type == one, log.c.type.startswith(f"{one}@")) for one in marks.types)))
    if marks.since is not None:
        found.append(log.c.at >= marks.since)
    if marks.until is not None:
        found.append(log.c.at < marks.until)
    return found


def _holding(text: str) -> str:
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"
