"""Reads a SQLite state with the driver alone: importing SQLAlchemy takes longer than all that a read command does."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.ledger import ANY, GENESIS, ChainBeginning, Entry, Marks
from odmd.control.ports.log import Logged
from odmd.control.ports.reads import Reads, Told
from odmd.control.ports.run_log import Line
from odmd.control.ports.subscribers import Subscription
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value, ValueRef
from odmd.errors import StateUnreadable
from odmd.store.append import LIVE_VALUES, OPEN_RUNS
from odmd.store.codec import CLONES, ENVERS, EVENTS, LOOKS, RUNS, STANDING, VALUES, WAVES, Body
from odmd.store.versions import VERSIONS
from odmd.store.where import Where

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 30.0
_IN_ONE_QUERY: Final = 500
_ENDLESS: Final = 2**63 - 1
_VERSIONS: Final = 'SELECT product, max(version) FROM "values"'


def open_reads(where: Where) -> Reads:
    """Whoever reads there: the driver alone for a file that this release wrote, else the store, which brings an older
    one up to date and says what is wrong with others.

    Raises:
        StateUnreadable, DatabaseUnreachable, DatabaseRefused, ToolMissing
    """
    if isinstance(where, Path) and _is_of_this_release(where):
        return SqliteReads(where)
    from odmd.store.sql import SqlStore

    return SqlStore(where)


def _is_of_this_release(file: Path) -> bool:
    try:
        with closing(_connect(file)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(VERSIONS[-1],)]
    except (sqlite3.Error, OSError):
        return False


def _connect(file: Path) -> sqlite3.Connection:
    made = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", timeout=_PATIENCE_SECONDS, uri=True)
    made.isolation_level = None
    return made


class SqliteReads:
    """The reading half of `SqlStore`, for files; passes the same tests."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection = _connect(file)

    def close(self) -> None:
        self._connection.close()

    def get(self, name: str) -> str | None:
        found = self._rows("SELECT body FROM documents WHERE name = ?", (name,))
        return next((text for (text,) in found), None)

    def load(self) -> State:
        with self._snapshot():
            return State.restore(
                self.position(),
                next_run=self._number("SELECT coalesce(max(id), 0) FROM runs") + 1,
                next_wave=self._number("SELECT coalesce(max(id), 0) FROM waves") + 1,
                versions=dict(self._rows(f"{_VERSIONS} GROUP BY product")),
                envers=self._all(ENVERS, "SELECT body FROM envers ORDER BY address"),
                runs=self._all(
                    RUNS, f"SELECT body FROM runs WHERE status IN {_marks(OPEN_RUNS)} ORDER BY id", OPEN_RUNS
                ),
                values=self._all(
                    VALUES, f'SELECT body FROM "values" WHERE status IN {_marks(LIVE_VALUES)}', LIVE_VALUES
                ),
                waves=self._all(WAVES, "SELECT body FROM waves WHERE open > 0 ORDER BY id"),
                standing=self.standing(),
                clones=self.clones(),
            )

    def clones(self) -> Sequence[KeptClones]:
        return sorted(self._all(CLONES, "SELECT body FROM clones"), key=lambda one: (one.at, one.address))

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        found = "SELECT position, type, body, message FROM log WHERE position > ? ORDER BY position LIMIT ?"
        return [_logged(*row) for row in self._rows(found, (after, limit))]

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        of_enver, name = ("", ()) if enver is None else (" AND enver = ?", (enver,))
        found = f"SELECT body FROM runs WHERE id < ?{of_enver} ORDER BY id DESC LIMIT ?"
        return self._all(RUNS, found, (_ENDLESS if before is None else before, *name, limit))

    def run(self, id: int) -> Run | None:
        return next(iter(self._all(RUNS, "SELECT body FROM runs WHERE id = ?", (id,))), None)

    def runs_of(self, ids: Sequence[int]) -> Sequence[Run]:
        found = "SELECT body FROM runs WHERE id IN"
        return [run for part in _parts(ids) for run in self._all(RUNS, f"{found} {_marks(part)}", part)]

    def ended_at(self, ids: Sequence[int]) -> Mapping[int, float]:
        ended = f"status NOT IN {_marks(OPEN_RUNS)}"
        found = (
            self._rows(f"SELECT id, at FROM runs WHERE id IN {_marks(part)} AND {ended}", (*part, *OPEN_RUNS))
            for part in _parts(ids)
        )
        return {id: at for part in found for id, at in part if at}

    def values_of(self, refs: Sequence[ValueRef]) -> Sequence[Value]:
        found = 'SELECT body FROM "values" WHERE (product, version) IN (VALUES'
        return [
            value
            for part in _parts(refs)
            for value in self._all(
                VALUES,
                f"{found} {', '.join(['(?, ?)'] * len(part))})",
                [one for ref in part for one in (ref.product, ref.version)],
            )
        ]

    def waves_of(self, ids: Sequence[int]) -> Sequence[Wave]:
        found = "SELECT body FROM waves WHERE id IN"
        return [wave for part in _parts(ids) for wave in self._all(WAVES, f"{found} {_marks(part)}", part)]

    def values(self, product: str | None = None) -> Sequence[Value]:
        of_product, name = ("", ()) if product is None else (" WHERE product = ?", (product,))
        return self._all(VALUES, f'SELECT body FROM "values"{of_product} ORDER BY product, version', name)

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        found = "SELECT body FROM waves WHERE id < ? ORDER BY id DESC LIMIT ?"
        return self._all(WAVES, found, (_ENDLESS if before is None else before, limit))

    def wave(self, id: int) -> Wave | None:
        return next(iter(self._all(WAVES, "SELECT body FROM waves WHERE id = ?", (id,))), None)

    def ended_waves(self, after: int, until: int) -> Sequence[tuple[Wave, int]]:
        found = "SELECT body, ended FROM waves WHERE ended > ? AND ended <= ? ORDER BY ended, id"
        return [(WAVES.decode(body), ended) for body, ended in self._rows(found, (after, until))]

    def position(self) -> int:
        return self._number("SELECT coalesce(max(position), 0) FROM log")

    def enver(self, address: str) -> Enver | None:
        return next(iter(self.envers_of([address])), None)

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        found = "SELECT body FROM envers WHERE address > ? ORDER BY address LIMIT ?"
        return self._all(ENVERS, found, (after, limit))

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        found = "SELECT body FROM envers WHERE address IN"
        return [one for part in _parts(addresses) for one in self._all(ENVERS, f"{found} {_marks(part)}", part)]

    def addresses(self, limit: int) -> Sequence[str]:
        return [address for (address,) in self._rows("SELECT address FROM envers ORDER BY address LIMIT ?", (limit,))]

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        with self._snapshot():
            parts = _parts(sorted(set(products)))
            found = (
                self._rows(f"{_VERSIONS} WHERE product IN {_marks(part)} GROUP BY product", part) for part in parts
            )
            return {product: version for part in found for product, version in part}

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        below, names = "", tuple[object, ...]()
        if address:
            below = " AND product >= ? AND product < ? AND (product = ? OR substr(product, 1, ?) = ?)"
            names = (address, f"{address}0", address, len(address) + 1, f"{address}/")
        found = f'SELECT body FROM "values" WHERE (product, version) > (?, ?){below} ORDER BY product, version LIMIT ?'
        return self._all(VALUES, found, (after.product, after.version, *names, limit))

    def steps(self, run: int) -> Sequence[DoneStep]:
        found = (
            "SELECT steps.name, result, seconds, steps.at, coalesce(token, '') FROM steps"
            " LEFT JOIN claims ON claims.run = steps.run AND claims.attempt = steps.attempt"
            " WHERE steps.run = ? ORDER BY steps.seq"
        )
        return [DoneStep(*row) for row in self._rows(found, (run,))]

    def standing(self) -> Standing:
        found = self._all(STANDING, "SELECT body FROM documents WHERE name = 'standing'")
        return found[0] if found else Standing()

    def waiting(self) -> bool:
        return bool(self._rows("SELECT 1 FROM runs WHERE status = ? LIMIT 1", (RunStatus.STARTED.value,)))

    def told(self, prefix: str) -> Told | None:
        first = "SELECT id, handled FROM inbox WHERE id BETWEEN ? AND ? ORDER BY seq LIMIT 1"
        with self._snapshot():
            for id, handled in self._rows(first, (prefix, f"{prefix}~")):
                found = "SELECT position, type, body, message FROM log WHERE message = ? ORDER BY position"
                return Told(id, bool(handled), [_logged(*row) for row in self._rows(found, (id,))])
        return None

    def looks_of(self, addresses: Sequence[str]) -> Mapping[str, LastLook]:
        found = "SELECT body FROM last_looks WHERE enver IN"
        kept = (self._all(LOOKS, f"{found} {_marks(part)}", part) for part in _parts(addresses))
        return {one.enver: one for part in kept for one in part}

    def subscriptions(self) -> Sequence[Subscription]:
        found = "SELECT name, position, alive, error, since, missed FROM subscribers ORDER BY name"
        return [Subscription(*row) for row in self._rows(found)]

    def beginning(self) -> ChainBeginning:
        found = self._rows("SELECT position, link, at FROM chain")
        return ChainBeginning(*found[0]) if found else ChainBeginning(0, GENESIS, 0.0)

    def entries(
        self, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
    ) -> Sequence[Entry]:
        having, given = _having(marks)
        order = "ASC" if before is None else "DESC"
        found = (
            f"SELECT position, at, type, message, body, link FROM log WHERE position > ? AND position < ?{having}"
            f" ORDER BY position {order} LIMIT ?"
        )
        rows = self._rows(found, (after, _ENDLESS if before is None else before, *given, limit))
        return [Entry(*row) for row in rows]

    def report(self, digest: str) -> bytes | None:
        """What a check left; as `SqlArtifacts.report`."""
        found = self._rows("SELECT content FROM artifacts WHERE digest = ? AND report = 1", (digest,))
        try:
            content = next((zlib.decompress(compressed) for (compressed,) in found), None)
        except zlib.error:
            content = b""
        if content is not None and digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
            raise StateUnreadable(f"the reports {digest} are damaged", next_step="make the checks again")
        return content

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        of_run, number = ("", ()) if run is None else (" AND run = ?", (run,))
        order = "DESC" if after is None else "ASC"
        found = f"SELECT seq, run, at, line, lasting FROM run_log WHERE seq > ?{of_run} ORDER BY seq {order} LIMIT ?"
        rows = self._rows(found, (after or 0, *number, limit))
        lines = [Line(*rest, lasting=bool(lasting)) for *rest, lasting in rows]
        return lines[::-1] if after is None else lines

    @contextmanager
    def _snapshot(self) -> Generator[None]:
        self._rows("BEGIN")
        try:
            yield
        finally:
            self._rows("COMMIT")

    def _all(self, type_: Body[T], query: str, given: Sequence[object] = ()) -> list[T]:
        return [type_.decode(body) for (body,) in self._rows(query, given)]

    def _number(self, query: str) -> int:
        ((number,),) = self._rows(query)
        return number

    def _rows(self, query: str, given: Sequence[object] = ()) -> list[Any]:
        try:
            return self._connection.execute(query, tuple(given)).fetchall()
        except sqlite3.Error as wrong:
            raise StateUnreadable(
                f"{self._file} cannot be used as the state: {wrong}",
                next_step="check the folder's permissions and its disk, or restore it from a backup",
            ) from wrong


def _having(marks: Marks) -> tuple[str, Sequence[object]]:
    """The condition, and what stands for its question marks."""
    found, given = "", list[object]()
    for text in marks.texts:
        found, given = f"{found} AND instr(lower(body), lower(?)) > 0", [*given, text]
    if marks.types:
        one = "type = ? OR substr(type, 1, ?) = ?"
        found = f"{found} AND ({' OR '.join([one] * len(marks.types))})"
        given += [part for name in marks.types for part in (name, len(name) + 1, f"{name}@")]
    for time, comparison in ((marks.since, ">="), (marks.until, "<")):
        if time is not None:
            found, given = f"{found} AND at {comparison} ?", [*given, time]
    return found, given


def _logged(position: int, type_: str, body: str, message: str) -> Logged:
    return Logged(position, EVENTS.decode(type_, body), message)


def _marks(given: Sequence[object]) -> str:
    return f"({', '.join('?' * len(given))})"


def _parts(wanted: Sequence[T]) -> Sequence[Sequence[T]]:
    return [wanted[at : at + _IN_ONE_QUERY] for at in range(0, len(wanted), _IN_ONE_QUERY)]
