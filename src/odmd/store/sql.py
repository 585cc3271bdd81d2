"""The store in one SQLite file or one Postgres database: the same statements for both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, Select, Table, and_, bindparam, exists, func, or_, select, tuple_, update

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.ledger import ANY, ChainBeginning, Entry, Marks, link_of
from odmd.control.ports.log import Logged, PositionMoved, Received, Touched
from odmd.control.ports.reads import Told
from odmd.control.ports.subscribers import Subscription
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.effects import Effect
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import Message
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value, ValueRef
from odmd.errors import LeadershipLost
from odmd.store.append import KEEP, LIVE_VALUES, OPEN_RUNS, Keep, check_append
from odmd.store.codec import CLONES, ENVERS, EVENTS, LOOKS, MESSAGES, RUNS, STANDING, VALUES, WAVES, Body
from odmd.store.database import Database
from odmd.store.ledger import beginning, end_of_chain, entries
from odmd.store.project import STANDING_NAME, Row, insert_new, project, upsert
from odmd.store.prune import prune
from odmd.store.schema import (
    claims,
    clones,
    documents,
    envers,
    handed_in,
    inbox,
    last_looks,
    leadership,
    log,
    runs,
    steps,
    values,
    waves,
)
from odmd.store.subscriptions import subscriptions
from odmd.store.where import Where

T = TypeVar("T")

_IN_ONE_QUERY: Final = 500
_AFTER_SLASH: Final = "0"
"""What comes next: all that is below an address stands between both, and is found by the index."""
_AFTER_ALL_TEXT: Final = "~"
"""Sorts after every character of a message's id."""

Outbox = Callable[[Connection, int, Sequence[Effect]], None]
"""Writes the effects of a commit in its transaction; the number is the log's position after it."""


class SqlStore:
    """Any number of processes read; who commits is fenced by the log's position and by the epoch of its term.

    Args:
        before_effects: makes the outbox ready, before a transaction that needs it begins.

    Raises:
        StateUnreadable: it is no database, cannot be opened, or belongs to a newer release.
        DatabaseUnreachable, DatabaseRefused: of Postgres.
    """

    def __init__(
        self, where: Where, outbox: Outbox | None = None, before_effects: Callable[[], None] = lambda: None
    ) -> None:
        self._database = Database(where)
        self._outbox, self._before_effects = outbox, before_effects

    @property
    def database(self) -> Database:
        """For what is kept beside the log."""
        return self._database

    def receive(self, id: str, message: Message, at: float) -> bool:
        type_, body = MESSAGES.encode(message)
        row = {"id": id, "type": type_, "body": body, "at": at}
        with self._database.writing() as connection:
            self._database.notify(connection, "odmd_inbox")
            return insert_new(connection, inbox, row)

    def pending(self, limit: int) -> Sequence[Received]:
        waiting = select(inbox.c.id, inbox.c.type, inbox.c.body, inbox.c.at).where(inbox.c.handled == 0)
        with self._database.reading() as connection:
            rows = connection.execute(waiting.order_by(inbox.c.seq).limit(limit)).all()
        return [Received(id, MESSAGES.decode(type_, body), at) for id, type_, body, at in rows]

    def inbox(self) -> tuple[int, float | None]:
        """How many messages wait to be decided, and since when the first of them does."""
        waiting = select(func.count(), func.min(inbox.c.at)).where(inbox.c.handled == 0)
        with self._database.reading() as connection:
            count, since = connection.execute(waiting).one()
        return count, since

    def forget_messages(self) -> int:
        with self._database.appending() as connection:
            return connection.execute(update(inbox).where(inbox.c.handled == 0).values(handled=1)).rowcount

    def load(self) -> State:
        with self._database.reading() as connection:
            return State.restore(
                _end_of_log(connection),
                next_run=_highest(connection, runs) + 1,
                next_wave=_highest(connection, waves) + 1,
                versions=_versions(connection),
                envers=_bodies(connection, ENVERS, select(envers.c.body).order_by(envers.c.address)),
                runs=_bodies(
                    connection, RUNS, select(runs.c.body).where(runs.c.status.in_(OPEN_RUNS)).order_by(runs.c.id)
                ),
                values=_bodies(connection, VALUES, select(values.c.body).where(values.c.status.in_(LIVE_VALUES))),
                waves=_bodies(connection, WAVES, select(waves.c.body).where(waves.c.open > 0).order_by(waves.c.id)),
                standing=_standing(connection),
                clones=_bodies(connection, CLONES, select(clones.c.body)),
            )

    def commit(
        self,
        expected: int,
        handled: Sequence[str],
        events: Sequence[Logged],
        touched: Touched,
        effects: Sequence[Effect],
        epoch: int = 0,
    ) -> None:
        check_append(expected, events, effects)
        if effects:
            self._before_effects()
        with self._database.appending() as connection:
            if epoch:
                _check_term(connection, epoch)
            found, link_before = end_of_chain(connection)
            if found != expected:
                raise PositionMoved(f"the log ends at {found}, not at {expected}")
            _append(connection, events, link_before)
            _mark_handled(connection, handled)
            project(connection, touched, expected + len(events))
            self._database.notify(connection, "odmd_log")
            if effects:
                self._send(connection, events[-1].position, effects)

    def _send(self, connection: Connection, position: int, effects: Sequence[Effect]) -> None:
        if self._outbox is None:
            raise RuntimeError("a store opened without an outbox cannot commit effects")
        self._outbox(connection, position, effects)

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        found = select(log.c.position, log.c.type, log.c.body, log.c.message).where(log.c.position > after)
        with self._database.reading() as connection:
            return _logged(connection, found.order_by(log.c.position).limit(limit))

    def prune(self, before: float, keep: Keep = KEEP) -> int:
        return prune(self._database, before, keep)

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        found = select(runs.c.body).order_by(runs.c.id.desc()).limit(limit)
        found = found if before is None else found.where(runs.c.id < before)
        return self._all(RUNS, found if enver is None else found.where(runs.c.enver == enver))

    def run(self, id: int) -> Run | None:
        return next(iter(self._all(RUNS, select(runs.c.body).where(runs.c.id == id))), None)

    def runs_of(self, ids: Sequence[int]) -> Sequence[Run]:
        return [run for part in _parts(ids) for run in self._all(RUNS, select(runs.c.body).where(runs.c.id.in_(part)))]

    def ended_at(self, ids: Sequence[int]) -> Mapping[int, float]:
        ended = runs.c.status.not_in(OPEN_RUNS)
        with self._database.reading() as connection:
            found = (
                connection.execute(select(runs.c.id, runs.c.at).where(runs.c.id.in_(part), ended)).all()
                for part in _parts(ids)
            )
            return {id: at for part in found for id, at in part if at}

    def values_of(self, refs: Sequence[ValueRef]) -> Sequence[Value]:
        key = tuple_(values.c.product, values.c.version)
        found = [select(values.c.body).where(key.in_([(r.product, r.version) for r in part])) for part in _parts(refs)]
        return [value for one in found for value in self._all(VALUES, one)]

    def waves_of(self, ids: Sequence[int]) -> Sequence[Wave]:
        found = [select(waves.c.body).where(waves.c.id.in_(part)) for part in _parts(ids)]
        return [wave for one in found for wave in self._all(WAVES, one)]

    def values(self, product: str | None = None) -> Sequence[Value]:
        found = select(values.c.body).order_by(values.c.product, values.c.version)
        return self._all(VALUES, found if product is None else found.where(values.c.product == product))

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        found = select(waves.c.body).order_by(waves.c.id.desc()).limit(limit)
        return self._all(WAVES, found if before is None else found.where(waves.c.id < before))

    def wave(self, id: int) -> Wave | None:
        return next(iter(self._all(WAVES, select(waves.c.body).where(waves.c.id == id))), None)

    def ended_waves(self, after: int, until: int) -> Sequence[tuple[Wave, int]]:
        found = select(waves.c.body, waves.c.ended).where(waves.c.ended > after, waves.c.ended <= until)
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(waves.c.ended, waves.c.id)).all()
        return [(WAVES.decode(body), ended) for body, ended in rows]

    def record(self, run: int, attempt: AttemptNumber, step: DoneStep) -> None:
        row = {"run": run, "attempt": attempt, "name": step.name, "result": step.result}
        with self._database.writing() as connection:
            insert_new(connection, steps, {**row, "seconds": step.seconds, "at": step.at})

    def steps(self, run: int) -> Sequence[DoneStep]:
        token = func.coalesce(claims.c.token, "")
        found = select(steps.c.name, steps.c.result, steps.c.seconds, steps.c.at, token).where(steps.c.run == run)
        claimed = (claims.c.run == steps.c.run) & (claims.c.attempt == steps.c.attempt)
        found = found.select_from(steps.outerjoin(claims, claimed)).order_by(steps.c.seq)
        with self._database.reading() as connection:
            return [DoneStep(*row) for row in connection.execute(found).all()]

    def came_in(self, artifact: str) -> bool:
        found = select(handed_in.c.run).where(handed_in.c.digest == artifact).limit(1)
        with self._database.reading() as connection:
            return connection.execute(found).first() is not None

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        with self._database.writing() as connection:
            upsert(connection, documents, [{"name": name, "body": text, "at": None if lasts else time.time()}])

    def put_first(self, name: str, text: str) -> str:
        with self._database.writing() as connection:
            insert_new(connection, documents, {"name": name, "body": text})
            return connection.execute(select(documents.c.body).where(documents.c.name == name)).scalar_one()

    def get(self, name: str) -> str | None:
        with self._database.reading() as connection:
            return connection.execute(select(documents.c.body).where(documents.c.name == name)).scalar()

    def clones(self) -> Sequence[KeptClones]:
        return sorted(self._all(CLONES, select(clones.c.body)), key=lambda one: (one.at, one.address))

    def close(self) -> None:
        """Lets go of the database; what was committed is there for the next one."""
        self._database.close()

    def position(self) -> int:
        with self._database.reading() as connection:
            return _end_of_log(connection)

    def enver(self, address: str) -> Enver | None:
        return next(iter(self.envers_of([address])), None)

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        found = select(envers.c.body).where(envers.c.address > after)
        return self._all(ENVERS, found.order_by(envers.c.address).limit(limit))

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        wanted = (select(envers.c.body).where(envers.c.address.in_(part)) for part in _parts(addresses))
        found = (self._all(ENVERS, one) for one in wanted)
        return [enver for part in found for enver in part]

    def addresses(self, limit: int) -> Sequence[str]:
        with self._database.reading() as connection:
            return connection.execute(select(envers.c.address).order_by(envers.c.address).limit(limit)).scalars().all()

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        wanted, found = sorted(set(products)), dict[str, int]()
        highest = select(values.c.product, func.max(values.c.version).label("version")).group_by(values.c.product)
        with self._database.reading() as connection:
            for at in range(0, len(wanted), _IN_ONE_QUERY):
                part = highest.where(values.c.product.in_(wanted[at : at + _IN_ONE_QUERY]))
                found.update((row.product, row.version) for row in connection.execute(part))
        return found

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        newer = and_(values.c.product == after.product, values.c.version > after.version)
        found = select(values.c.body).where(or_(values.c.product > after.product, newer))
        if address:
            below = func.substr(values.c.product, 1, len(address) + 1) == f"{address}/"
            found = found.where(or_(values.c.product == address, below))
            found = found.where(values.c.product >= address, values.c.product < f"{address}{_AFTER_SLASH}")
        return self._all(VALUES, found.order_by(values.c.product, values.c.version).limit(limit))

    def standing(self) -> Standing:
        with self._database.reading() as connection:
            return _standing(connection)

    def waiting(self) -> bool:
        with self._database.reading() as connection:
            waiting = exists().where(runs.c.status == RunStatus.STARTED.value)
            return bool(connection.execute(select(waiting)).scalar())

    def told(self, prefix: str) -> Told | None:
        of_id = inbox.c.id.between(prefix, f"{prefix}{_AFTER_ALL_TEXT}")
        with self._database.reading() as connection:
            first = select(inbox.c.id, inbox.c.handled).where(of_id).order_by(inbox.c.seq).limit(1)
            if (row := connection.execute(first).first()) is None:
                return None
            events = select(log.c.position, log.c.type, log.c.body).where(log.c.message == row.id)
            rows = connection.execute(events.order_by(log.c.position)).all()
        answer = [Logged(position, EVENTS.decode(type_, body), row.id) for position, type_, body in rows]
        return Told(row.id, bool(row.handled), answer)

    def beginning(self) -> ChainBeginning:
        with self._database.reading() as connection:
            return beginning(connection)

    def entries(
        self, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
    ) -> Sequence[Entry]:
        with self._database.reading() as connection:
            return entries(connection, after, limit, marks, before)

    def looks_of(self, addresses: Sequence[str]) -> Mapping[str, LastLook]:
        wanted = (select(last_looks.c.body).where(last_looks.c.enver.in_(part)) for part in _parts(addresses))
        return {one.enver: one for part in wanted for one in self._all(LOOKS, part)}

    def keep_looks(self, looks: Sequence[LastLook]) -> None:
        if looks:
            with self._database.writing() as connection:
                upsert(connection, last_looks, [{"enver": one.enver, "body": LOOKS.encode(one)} for one in looks])

    def subscriptions(self) -> Sequence[Subscription]:
        with self._database.reading() as connection:
            return subscriptions(connection)

    def _all(self, type_: Body[T], found: Select[str]) -> list[T]:
        with self._database.reading() as connection:
            return _bodies(connection, type_, found)


def _parts(wanted: Sequence[T]) -> Sequence[Sequence[T]]:
    return [wanted[at : at + _IN_ONE_QUERY] for at in range(0, len(wanted), _IN_ONE_QUERY)]


def _check_term(connection: Connection, epoch: int) -> None:
    """Holds until the transaction ends, since elections append too."""
    elected = connection.execute(select(leadership.c.epoch, leadership.c.holder)).first()
    if elected is not None and elected.epoch != epoch:
        raise LeadershipLost(
            f"{elected.holder or 'another process'} was elected after this one",
            next_step="nothing is lost: it carries on from what was committed",
        )


def _logged(connection: Connection, found: Select[int, str, str, str]) -> list[Logged]:
    rows = connection.execute(found).all()
    return [Logged(position, EVENTS.decode(type_, body), message) for position, type_, body, message in rows]


def _end_of_log(connection: Connection) -> int:
    return connection.execute(select(func.coalesce(func.max(log.c.position), 0))).scalar_one()


def _highest(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()


def _versions(connection: Connection) -> dict[str, int]:
    highest = select(values.c.product, func.max(values.c.version).label("version")).group_by(values.c.product)
    return {row.product: row.version for row in connection.execute(highest)}


def _bodies(connection: Connection, type_: Body[T], found: Select[str]) -> list[T]:
    return [type_.decode(body) for body in connection.execute(found).scalars()]


def _standing(connection: Connection) -> Standing:
    found = _bodies(connection, STANDING, select(documents.c.body).where(documents.c.name == STANDING_NAME))
    return found[0] if found else Standing()


def _append(connection: Connection, events: Sequence[Logged], link: str) -> None:
    """Each chained to the one before, the first to the given link."""
    rows: list[Row] = []
    for logged in events:
        type_, body = EVENTS.encode(logged.event)
        entry = Entry(logged.position, logged.event.at, type_, logged.message, body, None)
        link = link_of(link, entry)
        row = {"position": entry.position, "type": type_, "body": body, "message": entry.message}
        rows.append({**row, "at": entry.at, "link": link})
    if rows:
        connection.execute(log.insert(), rows)


def _mark_handled(connection: Connection, handled: Sequence[str]) -> None:
    if handled:
        mark = update(inbox).where(inbox.c.id == bindparam("message")).values(handled=1)
        connection.execute(mark, [{"message": id} for id in handled])
