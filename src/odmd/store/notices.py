"""Hears of commits, those of other processes too: Postgres tells, and SQLite is asked, which costs next to nothing."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from odmd.store.backends import CONNECT_SECONDS, Channel
from odmd.store.where import Postgres, Where

if TYPE_CHECKING:
    import psycopg

LOGGER: Final = logging.getLogger("odmd.store")
_ASK_SECONDS: Final = 0.05
_WAIT_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 1.0


@contextmanager
def heard(where: Where, channel: Channel, ring: Callable[[], None]) -> Generator[None]:
    """Rings for commits while inside, in a thread of its own; now and then for nothing, and once too often after an
    outage, but never once too little."""
    stopping = threading.Event()
    listen = _on_postgres if isinstance(where, Postgres) else _on_sqlite
    thread = threading.Thread(target=_keep_on, args=(listen, where, channel, ring, stopping), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(2 * _WAIT_SECONDS)


Listen = Callable[[Where, Channel, Callable[[], None], threading.Event], None]


def _keep_on(
    listen: Listen, where: Where, channel: Channel, ring: Callable[[], None], stopping: threading.Event
) -> None:
    while not stopping.is_set():
        try:
            listen(where, channel, ring, stopping)
        except Exception:  # whatever it is: who waits looks now and then by himself, and here it is tried again
            LOGGER.debug("hears nothing from the database", exc_info=True)
            stopping.wait(_AGAIN_SECONDS)


def _on_sqlite(where: Where, _channel: Channel, ring: Callable[[], None], stopping: threading.Event) -> None:
    """`data_version` changes with every commit of another connection: a look at shared memory."""
    file = f"{cast('Path', where).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as connection:
        seen = None
        while not stopping.wait(_ASK_SECONDS):
            now = connection.execute("PRAGMA data_version").fetchone()
            if now != seen:
                seen = now
                ring()


def _on_postgres(where: Where, channel: Channel, ring: Callable[[], None], stopping: threading.Event) -> None:
    with _connected(cast("Postgres", where)) as connection:
        connection.execute(f"LISTEN {channel}")
        ring()  # for what was committed before
        while not stopping.is_set():
            for _ in connection.notifies(timeout=_WAIT_SECONDS, stop_after=1):
                ring()


@contextmanager
def _connected(where: Postgres) -> Generator[psycopg.Connection[tuple[object, ...]]]:
    import psycopg

    connection = psycopg.connect(
        where.url, autocommit=True, connect_timeout=CONNECT_SECONDS, keepalives_idle=CONNECT_SECONDS
    )
    try:
        yield connection
    finally:
        with suppress(psycopg.Error):
            connection.close()
