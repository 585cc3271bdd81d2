"""The log is chained wherever it is kept, stays so when it is pruned, and what changes afterwards is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, make_url, text
from store_samples import append, claimed, read_beside

from odmd.control.ports.ledger import GENESIS, ChainBeginning, Ledger, Marks
from odmd.control.ports.log import Logged, Touched
from odmd.control.ports.store import Store
from odmd.control.reading.proven import LogProof, all_entries, prove
from odmd.control.scheduler.events import Resumed
from odmd.store.memory import MemoryStore
from odmd.store.migrations.upgrade import config
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres, Where
from support.actors import somebody
from support.postgres import Server
from support.state_files import state_file


@pytest.fixture(params=["memory", "sqlite", "read by the driver alone", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        made: Store = MemoryStore()
    elif request.param == "read by the driver alone":
        made = read_beside(state_file(tmp_path))
    else:
        made = SqlStore(request.getfixturevalue("postgres") if request.param == "postgres" else state_file(tmp_path))
    with closing(made):
        yield made


def proof(ledger: Ledger) -> LogProof:
    return prove(ledger.beginning(), all_entries(ledger), "a state")


def test_every_commit_goes_on_with_the_chain(store: Store) -> None:
    assert proof(store) == LogProof(0, 0, GENESIS, 0, 0, 0, 0, 0, None)
    append(store, 2)
    before = proof(store)
    append(store, 1)
    now = proof(store)
    assert (before.entries, now.entries, now.ends, now.broken) == (2, 3, 3, None)
    assert now.head != before.head


def test_a_log_that_was_pruned_is_proven_from_there(store: Store) -> None:
    append(store, 6)
    whole = proof(store)
    store.prune(4.0)
    rest = proof(store)
    assert (rest.begins, rest.entries, rest.head, rest.broken) == (3, 3, whole.head, None)
    store.prune(100.0)
    append(store, 1)
    assert (proof(store).begins, proof(store).entries, proof(store).broken) == (5, 2, None)
    assert store.beginning().at > 0


def test_what_is_looked_for_is_found_alike(store: Store) -> None:
    events = [
        Logged(1, Resumed("*", somebody("Ada \u00c4 100%"), 1.0), "m"),
        claimed(2, 7),
        Logged(3, Resumed("team:baristas", somebody("grace"), 3.0), "m"),
    ]
    store.commit(0, [], events, Touched(), [])

    def found(marks: Marks, **where: int) -> list[int]:
        return [one.position for one in store.entries(marks=marks, **where)]

    assert found(Marks(types=("Resumed",))) == [1, 3]
    assert found(Marks(types=("Resumed", "RunClaimed")), before=3) == [2, 1]
    assert found(Marks(types=("Res",))) == []
    assert found(Marks(texts=("ada \u00c4", "100%"))) == [1]
    assert found(Marks(texts=("1_0%",))) == []
    assert found(Marks(texts=("BARISTAS",))) == [3]
    assert found(Marks(since=2.0, until=3.0)) == [2]
    assert found(Marks(), after=1, limit=1) == [2]
    assert found(Marks(), before=3, limit=1) == [2]


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, 'worker', 'Worker')",
        "at = at + 0.000001",
        "type = 'RunLost'",
        "message = 'n'",
        "link = replace(link, substr(link, 1, 1), 'x')",
        "link = NULL",
        "position = 33",
    ],
)
def test_a_row_that_was_changed_is_found(where: Where, change: str) -> None:
    with closing(SqlStore(where)) as store:
        append(store, 5)
        with store.database.writing() as connection:
            connection.execute(text(f"UPDATE log SET {change} WHERE position = 3"))
        found = proof(store).broken
        assert found is not None
        assert found.position == 3


@pytest.mark.parametrize("gone", [1, 3])
def test_a_row_that_is_gone_is_found(where: Where, gone: int) -> None:
    with closing(SqlStore(where)) as store:
        append(store, 5)
        with store.database.writing() as connection:
            connection.execute(text(f"DELETE FROM log WHERE position = {gone}"))
        found = proof(store).broken
        assert found is not None
        assert found.position == gone
        assert "it is missing" in found.why


def test_the_chain_of_an_older_state_begins_behind_what_it_has(
    where: Where, tmp_path: Path, postgres_server: Server
) -> None:
    if not isinstance(where, Postgres):
        _begins_behind(tmp_path / "older.db", f"sqlite:///{tmp_path / 'older.db'}")
        return
    with postgres_server.database() as made:
        _begins_behind(made, make_url(made.url).set(drivername="postgresql+psycopg"))


def _begins_behind(place: Where, url: object) -> None:
    engine = create_engine(url)  # type: ignore[arg-type]
    with engine.begin() as connection:
        command.upgrade(config(connection), "0014")
        for n in (4, 5):
            row = {"position": n, "body": '{"run":1,"attempt":1,"worker":"w","at":1.0}'}
            insert = (
                "INSERT INTO log (position, type, body, message, at) VALUES (:position, 'RunClaimed', :body, 'm', 1.0)"
            )
            connection.execute(text(insert), row)
    engine.dispose()
    with closing(SqlStore(place)) as store:
        begins = store.beginning()
        assert begins == ChainBeginning(5, GENESIS, begins.at)
        append(store, 2)
        found = proof(store)
        assert (found.begins, found.unchained, found.entries, found.broken) == (5, 2, 2, None)
        store.prune(5.0)
        assert (proof(store).begins, proof(store).unchained, proof(store).broken) == (5, 0, None)
