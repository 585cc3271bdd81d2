"""An engine that is made when there is something to carry out: DBOS takes most of a second to import and to launch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, orm, text

from odmd.control.scheduler.effects import Effect
from odmd.store.database import Database
from odmd.store.where import Where

_WHOLE: Final = orm.__name__
"""Imported before threads begin: DBOS does it in one of them, and what others inspect would meet half of it."""

if TYPE_CHECKING:
    from odmd.engine.dbos_engine import DbosEngine

_LEFT: Final = text(
    "SELECT min(CASE status WHEN 'DELAYED' THEN delay_until_epoch_ms ELSE 0 END) FROM workflow_status "
    "WHERE name = 'odmd.carry_out' AND status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
)


class LazyEngine:
    """Starts at once where an earlier process left effects, and when the first of its timers is due."""

    def __init__(self, where: Where, make: Callable[[], DbosEngine]) -> None:
        self._where, self._make = where, make
        self._made: DbosEngine | None = None
        self._perform: Callable[[Effect], None] | None = None
        self._stopped = False
        self._timer: threading.Timer | None = None
        self._one_at_a_time = threading.Lock()

    def outbox(self, connection: Connection, position: int, effects: Sequence[Effect]) -> None:
        """Enqueues the effects of a commit in its transaction; to be made `ready` before that begins."""
        if self._made is None:
            raise RuntimeError("an engine that is not ready cannot take effects")
        self._made.outbox(connection, position, effects)

    def ready(self) -> None:
        """Makes the engine, unless it is; before the start it takes effects, and does not carry them out."""
        with self._one_at_a_time:
            if self._made is None and not self._stopped:
                made = self._make()
                if self._perform is not None:
                    made.start(self._perform)
                self._made = made

    def soon(self) -> None:
        """Gets ready beside whoever says so, as there will be effects."""
        threading.Thread(target=self._ready_if_it_can, name="engine", daemon=True).start()

    def start(self, perform: Callable[[Effect], None]) -> None:
        """Begins to carry out effects, when there are any."""
        with self._one_at_a_time:
            self._perform = perform
            if self._made is not None:
                self._made.start(perform)
                return
            due = self._first_due()
        if due is None:
            return
        if (left := due - time.time()) <= 0:
            self.ready()
            return
        self._timer = threading.Timer(min(left, threading.TIMEOUT_MAX), self._ready_if_it_can)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Ends; what is under way may be done again at the next start."""
        with self._one_at_a_time:
            self._perform, self._stopped = None, True
            if self._timer is not None:
                self._timer.cancel()
            if self._made is not None:
                self._made.stop()

    def _ready_if_it_can(self) -> None:
        with suppress(Exception):  # whoever needs it then is told why it cannot
            self.ready()

    def _first_due(self) -> float | None:
        """When the first effect of an earlier process is to be carried out; None where it left none."""
        database = Database(self._where)
        try:
            with database.reading() as connection:
                schema = "dbos" if connection.dialect.name == "postgresql" else None
                if not inspect(connection).has_table("workflow_status", schema):
                    return None
                if schema:
                    connection.execute(text("SET LOCAL search_path TO dbos"))
                found = connection.execute(_LEFT).scalar()
        finally:
            database.close()
        return None if found is None else float(found) / 1000
