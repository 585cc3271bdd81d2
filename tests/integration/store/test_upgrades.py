"""What an older and a newer release do to one database."""

import json
import zlib

import pytest
from alembic import command
from sqlalchemy import MetaData, create_engine, inspect, make_url, select, text
from store_samples import PRINT, append, enver, run, wave

from odmd.control.ports.log import Touched
from odmd.control.running.steps import DELIVER, PREPARE, carry_out, hand_over, propose
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.units import DeployedUnit
from odmd.model.targets import Target
from odmd.store.artifacts import digest_of
from odmd.store.codec import RUNS, WAVES
from odmd.store.database import Database
from odmd.store.migrations.upgrade import config
from odmd.store.schema import artifacts, documents, envers, runs, steps, waves
from odmd.store.sql import SqlStore
from odmd.store.versions import VERSIONS
from odmd.store.where import Postgres


@pytest.fixture
def place(where, postgres_server):
    """Without any table."""
    if isinstance(where, Postgres):
        with postgres_server.database() as made:
            yield made
    else:
        yield where.with_name("of-an-older-release.db")


def engine_of(place):
    """Past the store, as an older release left the tables."""
    is_server = isinstance(place, Postgres)
    return create_engine(
        make_url(place.url).set(drivername="postgresql+psycopg") if is_server else f"sqlite:///{place}"
    )


def shape(engine):
    """All that a database says of its tables, but for what columns have where nobody says anything."""
    found = inspect(engine)
    return {
        name: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (
                    one["name"],
                    tuple(one["column_names"]),
                    bool(one["unique"]),
                    sorted((option, str(said)) for option, said in one.get("dialect_options", {}).items()),
                )
                for one in found.get_indexes(name)
            ),
            sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(name)),
        )
        for name in found.get_table_names()
    }


def test_a_new_database_is_as_if_all_migrations_had_made_it(place):
    """It is made at once, as nobody waits for the past."""
    engine = engine_of(place)
    with engine.begin() as connection:
        command.upgrade(config(connection), "head")
    migrated = shape(engine)
    there = MetaData()
    there.reflect(engine)
    there.drop_all(engine)
    Database(place).close()
    assert shape(engine) == migrated
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [(VERSIONS[-1],)]
    engine.dispose()


def test_the_first_release_s_runs_and_waves_get_their_age(place):
    engine = engine_of(place)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0001")
        ended = run(1, status=RunStatus.FAILED)
        ended.finished_at = 7.5
        for one in (ended, run(2)):
            row = {"id": one.id, "enver": one.enver, "status": one.status.value, "body": RUNS.encode(one)}
            connection.execute(text("INSERT INTO runs VALUES (:id, :enver, :status, :body)"), row)
        connection.execute(text("INSERT INTO waves VALUES (1, 0, :body)"), {"body": WAVES.encode(wave(1))})
    engine.dispose()
    store = SqlStore(place)
    assert [one.id for one in store.runs()] == [2, 1]
    with store._database.reading() as connection:
        assert connection.execute(select(runs.c.at).order_by(runs.c.id)).scalars().all() == [7.5, 1.0]
        assert connection.execute(select(waves.c.at)).scalar() == 1.0
    store.close()


def test_stacks_of_envers_are_read_from_the_assembly_that_runs(place):
    engine = engine_of(place)
    content = json.dumps({"stacks": [{"name": "a--main"}, {"name": "a-data--main"}]}).encode()
    with engine.begin() as connection:
        command.upgrade(config(connection), "0005")
        artifact = {"digest": digest_of(content), "content": zlib.compress(content), "at": 1.0}
        connection.execute(artifacts.insert(), [artifact, {**artifact, "digest": "sha256:damaged", "content": b"?"}])
        where = {"account": "111122223333", "region": "eu-west-1"}
        for address, body in (
            ("a/b..main", {**where, "assembly": digest_of(content)}),
            ("b/b..main", {**where, "assembly": "sha256:damaged"}),
            ("c/b..main", {**where, "assembly": "sha256:gone"}),
            ("d/b..main", {}),
        ):
            row = {"address": address, "body": json.dumps({"address": address, **body})}
            connection.execute(envers.insert(), row)
    engine.dispose()
    store = SqlStore(place)
    there = {one.address: one.units.there for one in store.envers()}
    assert there.pop("a/b..main") == tuple(DeployedUnit(name, Target(**where)) for name in ("a--main", "a-data--main"))
    assert there == {"b/b..main": (), "c/b..main": (), "d/b..main": ()}
    store.close()


def test_a_run_that_an_older_release_began_goes_on_where_it_stopped(place):
    engine = engine_of(place)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0007")
        for name, result in (
            ("synth", '{"assembly": "sha256:1"}'),
            ("assets", '{"assets": []}'),
            ("change set a--main 2", "{}"),
            ("execute a--main", "{}"),
            ("bridge a/b..main/bus", "{}"),
        ):
            row = {"run": 1, "name": name, "attempt": 2, "result": result, "seconds": 0.5, "at": 1.0}
            connection.execute(steps.insert(), row)
    engine.dispose()
    store = SqlStore(place)
    assert [(one.name, one.result) for one in store.steps(1)] == [
        (PREPARE, '{"recipe": "sha256:1"}'),
        (DELIVER, '{"assets": []}'),
        (propose("a--main", 2), "{}"),
        (carry_out("a--main"), "{}"),
        (hand_over("a/b..main/bus"), "{}"),
    ]
    store.close()


def test_waves_that_ended_in_an_older_release_are_told_to_nobody(place):
    engine = engine_of(place)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0008")
        connection.execute(text("INSERT INTO waves VALUES (1, 0, :body, 1.0)"), {"body": WAVES.encode(wave(1))})
    engine.dispose()
    store = SqlStore(place)
    append(store, touched=Touched(waves=[wave(2)]))
    assert [one.id for one, _ in store.ended_waves(0, 9)] == [2]
    assert store.subscriptions() == []
    store.close()


def then(said: Run) -> str:
    """As it was written before slices had that name."""
    return RUNS.encode(said).replace('"slice"', '"contracts"')


def test_envers_of_older_releases_know_the_run_and_the_contracts_of_their_inputs(place):
    engine = engine_of(place)
    there = {"account": "111122223333", "region": "eu-west-1", "recipe": "sha256:1"}
    runs_with = {"commit": "c", "contracts": "sha256:then", "values": []}
    said = {
        "drifted@main": {**there, "deployed": None, "unknown": True},
        "moved@main": {**there, "region": "eu-west-2", "deployed": runs_with},
        "never@main": {},
        "noted@main": {**there, "deployed_by": 9, "consumed_under": "sha256:noted", "stage": "noted"},
        "pruned@main": {**there, "deployed": runs_with},
        "removed@main": {"removed": True},
    }
    node = {"account": "111122223333", "region": "eu-west-1", "stage": "dev"}
    newest, before = "contracts/sha256:newest", "contracts/sha256:before"
    declared = {address: {**node, "address": address} for address in said}
    editions = {
        newest: json.dumps({"envers": {"pruned@main": {**declared["pruned@main"], "stage": "test"}}}),
        before: json.dumps({"envers": declared}),
        "contracts/newest": newest,
    }
    with engine.begin() as connection:
        command.upgrade(config(connection), "0010")
        for name, body in editions.items():
            connection.execute(documents.insert(), {"name": name, "body": body})
        for address, fields in said.items():
            body = json.dumps({"address": address, **fields})
            connection.execute(envers.insert(), {"address": address, "body": body})
        for id, enver_, status in (
            (1, "drifted@main", RunStatus.SUCCEEDED),
            (2, "drifted@main", RunStatus.SUCCEEDED),
            (3, "drifted@main", RunStatus.FAILED),
            (4, "removed@main", RunStatus.SUCCEEDED),
        ):
            row = {"id": id, "enver": enver_, "status": status.value, "body": then(run(id, enver_, status))}
            connection.execute(runs.insert(), {**row, "at": 1.0})
    engine.dispose()
    store = SqlStore(place)
    assert {one.address: (one.deployed_by, one.consumed_under, one.stage) for one in store.envers()} == {
        "drifted@main": (2, PRINT.slice, "dev"),
        "moved@main": (0, "sha256:then", ""),
        "never@main": (0, "", ""),
        "noted@main": (9, "sha256:noted", "noted"),
        "pruned@main": (0, "sha256:then", "test"),
        "removed@main": (0, "", ""),
    }
    store.close()


def test_what_a_newer_worker_wrote_survives_an_older_one(where):
    store = SqlStore(where)
    append(store, touched=Touched(envers=[enver("a@main"), enver("b@main")], runs=[run(1)]))
    database = Database(where)
    for table, of in ((envers, envers.c.address == "a@main"), (runs, runs.c.id == 1)):
        with database.writing() as connection:
            body = json.loads(connection.execute(select(table.c.body).where(of)).scalar_one())
            connection.execute(table.update().where(of).values(body=json.dumps({**body, "colour": "blue"})))
    touched = Touched(envers=[enver("a@main", commit="c"), enver("b@main", commit="c")], runs=[run(1), run(2)])
    append(store, touched=touched)
    assert store.load().envers == {one.address: one for one in touched.envers}
    with database.reading() as connection:
        of_envers = connection.execute(select(envers.c.body).order_by(envers.c.address)).scalars().all()
        of_runs = connection.execute(select(runs.c.body).order_by(runs.c.id)).scalars().all()
    assert [json.loads(body).get("colour") for body in (*of_envers, *of_runs)] == ["blue", None, "blue", None]
    database.close()
    store.close()


def test_plans_of_older_releases_go_with_their_age_from_then_on(place):
    engine = engine_of(place)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0015")
        for name in ("plan/sha256:1", "plans/1", "contracts/newest"):
            connection.execute(text("INSERT INTO documents VALUES (:name, 'text')"), {"name": name})
    engine.dispose()
    store = SqlStore(place)
    with store._database.reading() as connection:
        aged = select(documents.c.name).where(documents.c.at > 0).order_by(documents.c.name)
        assert connection.execute(aged).scalars().all() == ["plan/sha256:1", "plans/1"]
    store.close()
