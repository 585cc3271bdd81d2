"""One process of many machines decides at a time: elected in the database for a term that it has to renew."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy import Double, cast, extract, func, select, update
from sqlalchemy.dialects.postgresql import insert

from odmd.errors import FailedForNow, OdmdError, StateInUse
from odmd.store.database import Database
from odmd.store.schema import leadership
from odmd.store.where import Postgres

TERM_SECONDS: Final = 6.0
"""How long a leader that is dead or stopped stays in the way."""
_RENEWALS: Final = 3
"""In one term, so that one that fails changes nothing."""
_LOOK_SECONDS: Final = 0.5
_PARTING_SECONDS: Final = 2.0

_NOW: Final = cast(extract("epoch", func.clock_timestamp()), Double)
"""One clock for all: the server's."""


class PostgresLeadership:
    """The leadership over one database.

    Args:
        term: seconds after which others may lead, if it was not renewed.
    """

    def __init__(self, where: Postgres, *, term: float = TERM_SECONDS) -> None:
        self._where, self._term = where, term

    @contextmanager
    def lead(self, stop_waiting: threading.Event | None = None, epoch: int = 0) -> Generator[ElectedTerm]:
        """Holds the leadership while inside; with `stop_waiting`, waits for it until that is set. The epoch of the
        term is no lower than the one that is given.

        Raises:
            StateInUse: another process holds it; says which.
            DatabaseUnreachable, DatabaseRefused, StateUnreadable
        """
        term = self._win(stop_waiting, epoch)
        try:
            yield term
        finally:
            term.end()

    def is_led(self) -> bool:
        """Whether anybody leads now.

        Raises:
            DatabaseUnreachable, DatabaseRefused, StateUnreadable
        """
        return self.leader() is not None

    def leader(self) -> str | None:
        """Who leads now, as `process PID on HOST (COMMAND)`; None: nobody.

        Raises:
            DatabaseUnreachable, DatabaseRefused, StateUnreadable
        """
        database = Database(self._where)
        try:
            return _leader(database)
        finally:
            database.close()

    def _win(self, stop_waiting: threading.Event | None, epoch: int) -> ElectedTerm:
        while True:
            holder = None
            try:
                if isinstance(won := self._stand(epoch), ElectedTerm):
                    return won
                holder = won
            except FailedForNow:  # who waits can wait for the database too
                if stop_waiting is None:
                    raise
            if stop_waiting is None or stop_waiting.wait(_LOOK_SECONDS):
                raise StateInUse(
                    f"{holder or 'another process'} works on {self._where}",
                    next_step="wait until it is done, or stop it",
                )

    def _stand(self, epoch: int) -> ElectedTerm | str | None:
        """A term, or who else leads."""
        database, won = Database(self._where), None
        try:
            if (holder := _leader(database)) is None:
                won = _elect(database, self._term, epoch)
        finally:
            if won is None:
                database.close()
        return holder if won is None else ElectedTerm(database, self._term, *won)


class ElectedTerm:
    """Renewed by one thread, and watched by another one, which needs no database to see that it is over.

    Args:
        database: to be closed at the end of the term, which began at `began` or later.
    """

    def __init__(self, database: Database, seconds: float, epoch: int, began: float) -> None:
        self.epoch: Final = epoch
        self._database, self._seconds, self._until = database, seconds, began + seconds
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._ended = False
        self._to_tell: list[Callable[[], None]] = []
        self._renewing = threading.Thread(target=self._renew, name="term", daemon=True)
        self._renewing.start()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Calls `tell` once, in a thread of its own, if the term ends before its holder ends it; at once if it has."""
        with self._changed:
            self._to_tell.append(tell)
            self._changed.notify_all()

    def end(self) -> None:
        """Lets the next one lead at once; if the database does not answer, when the term is over."""
        with self._changed:
            self._ended = True
            self._over.set()
            self._changed.notify_all()
        self._renewing.join(_PARTING_SECONDS)
        self._database.close()

    def _renew(self) -> None:
        while not self._over.wait(self._seconds / _RENEWALS):
            asked = time.monotonic()
            with suppress(OdmdError):  # how long that may go on is what the other thread watches
                held = _hold(self._database, self.epoch, self._seconds)
                with self._changed:
                    self._until = asked + self._seconds if held else asked
                    self._changed.notify_all()
        with suppress(OdmdError):
            _hold(self._database, self.epoch, 0.0)

    def _watch(self) -> None:
        with self._changed:
            while not self._ended and (left := self._until - time.monotonic()) > 0:
                self._changed.wait(left)
            self._over.set()
        while (tell := self._next_to_tell()) is not None:
            tell()

    def _next_to_tell(self) -> Callable[[], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._to_tell)
            return None if self._ended else self._to_tell.pop()


def _leader(database: Database) -> str | None:
    with database.reading() as connection:
        return connection.execute(select(leadership.c.holder).where(leadership.c.until > _NOW)).scalar()


def _elect(database: Database, seconds: float, least: int) -> tuple[int, float] | None:
    """(the new epoch, when it began at the earliest), or None: somebody was faster.

    Appends, so that no commit of the term before comes after it."""
    row = insert(leadership).values(id=1, epoch=max(1, least), holder=_myself(), until=_NOW + seconds)
    instead = {
        "epoch": func.greatest(leadership.c.epoch + 1, least),
        "holder": row.excluded.holder,
        "until": row.excluded.until,
    }
    elect = row.on_conflict_do_update(index_elements=["id"], set_=instead, where=leadership.c.until <= _NOW)
    with database.appending() as connection:
        began = time.monotonic()
        epoch = connection.execute(elect.returning(leadership.c.epoch)).scalar()
    return None if epoch is None else (epoch, began)


def _hold(database: Database, epoch: int, seconds: float) -> bool:
    """Moves the end of the term; False when another one has begun."""
    renew = update(leadership).where(leadership.c.epoch == epoch).values(until=_NOW + seconds)
    with database.writing() as connection:
        return connection.execute(renew).rowcount == 1


def _myself() -> str:
    return f"process {os.getpid()} on {socket.gethostname()} ({' '.join(sys.argv)})"
