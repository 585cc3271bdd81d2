"""The state in a Postgres database: everything is as with a file, and several machines share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odmd.store.database import holds_state
from support.postgres import Server, postgres_server
from support.workbench import Workbench


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as running:
        yield running


def test_a_first_deployment_the_reading_of_it_and_another_one(bench: Workbench, server: Server) -> None:
    with server.database() as where:
        here = {"ODMD_DATABASE_URL": where.url}
        before = bench.odmd("status", **here)
        assert before.returncode == 1
        assert "there is no state in postgresql://" in before.stderr
        assert bench.odmd("plan", **here).returncode == 0
        assert not holds_state(where), "a plan makes nothing"
        assert bench.odmd("apply", "--yes", **here).returncode == 0
        assert not (bench.root / ".odmd" / "state.db").exists()
        assert "nothing to do" in bench.odmd("apply", "--yes", **here).stdout
        assert bench.odmd("pause", "--all", "-m", "a freeze", **here).returncode == 0
        assert "everything is paused" in bench.odmd("status", **here).stdout


def test_a_server_that_is_away_is_told_without_the_password(bench: Workbench) -> None:
    away = {"ODMD_DATABASE_URL": "postgresql://ada:s3cret@127.0.0.1:1/odmd"}
    for command in (["apply", "--yes"], ["status"], ["plan"], ["pause", "--all", "-m", "a freeze"]):
        done = bench.odmd(*command, **away)
        assert (done.returncode, "ODMD315" in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr
        assert "s3cret" not in done.stderr + done.stdout
