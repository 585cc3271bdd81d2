"""A Postgres by declaration alone: no repository, no app of one's own, and real SQL in a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.soak import soak_only
from support.workbench import Workbench

HERE = Target("111122223333", "us-west-1")
CONTRACTS = """
from odmd.model import *
from odmd.services.postgres import PgSchema, PostgresEnver

team = Team("platform")
dev = Stage("dev", Account("dev", "111122223333"), "us-west-1")

class SharedDb(PostgresEnver, build=Build("shared-db", source=Installed("odmd.services.postgres", team))):
    \"\"\"One database for all.\"\"\"

class Orders(CommandEnver, build=Build("orders", Repo("acme/orders", team))):
    db: Requests[PgSchema] = requested(PgSchema(schema="SCHEMA"))

shared = SharedDb(on=AsInstalled(), at=dev)
orders = Orders(on=Branch("main"), at=dev, db=shared.schemas, commands=("./show",))
acme = Organisation("acme", central=dev.account, envers=[shared, orders])
"""
SHOW = "#!/bin/sh\nenv | grep ODMD_IN_ | sort\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with Emulator(tmp_path / "emulator", services=True).start(HERE) as running:
        made = Workbench(tmp_path / "work", running.environment(HERE))
        yield made


def asked(bench: Workbench, sql: str) -> set[str]:
    """The first column of what the cluster itself answers."""
    said = bench.environment
    access = {"aws_access_key_id": HERE.account, "aws_secret_access_key": "-", "region_name": HERE.region}
    rds, api = (boto3.client(name, endpoint_url=said["AWS_ENDPOINT_URL"], **access) for name in ("rds", "rds-data"))
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    where = {"resourceArn": cluster["DBClusterArn"], "secretArn": cluster["MasterUserSecret"]["SecretArn"]}
    found = api.execute_statement(**where, database="main", sql=sql)
    return {row[0]["stringValue"] for row in found["records"]}


def test_a_schema_is_made_for_who_asks(bench: Workbench) -> None:
    deploy_first(bench)
    assert "orders_main" in asked(bench, "SELECT nspname::text FROM pg_namespace")


@soak_only
def test_a_schema_stays_where_it_is_renamed(bench: Workbench) -> None:
    deploy_first(bench)
    bench.write("contracts.py", CONTRACTS.replace("SCHEMA", "bills"))
    done = bench.apply()
    assert "odmd approve shared-db@s..dev data" in done.stdout, "what is new begins empty"
    done = bench.odmd("approve", "shared-db@s..dev", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ODMD_IN_DB_APP=bills_main_app" in bench.odmd("logs", "orders@main").stdout
    mine = "SELECT rolname::text FROM pg_roles WHERE rolname ~ '_app$' AND rolcanlogin"
    assert asked(bench, mine) == {"orders_main_app", "bills_main_app"}, "what runs with the old one goes on"
    assert {"orders_main", "bills_main"} <= asked(bench, "SELECT nspname::text FROM pg_namespace")


def deploy_first(bench: Workbench) -> None:
    bench.write("contracts.py", CONTRACTS.replace("SCHEMA", "orders"))
    bench.commit_programs("orders", {"show": SHOW})
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    said = bench.odmd("logs", "orders@main").stdout
    assert "ODMD_IN_DB_APP=orders_main_app" in said, said
    assert "ODMD_IN_DB_MIGRATE=orders_main_migrate" in said, said
