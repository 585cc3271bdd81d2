"""Servers and workers in processes of their own, on one database: killed, stopped, started again."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.floor import Floor, said
from support.postgres import Server, postgres_server
from support.soak import soak_only
from support.until import until
from support.workbench import APP, Workbench, bus

SLOW = "import time; time.sleep(4)\n" + APP


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def floor(request: pytest.FixtureRequest, bench: Workbench) -> Iterator[Floor]:
    """On SQLite, or on Postgres if a test says so."""
    with ExitStack() as stack:
        if getattr(request, "param", "sqlite") == "postgres":
            where = stack.enter_context(request.getfixturevalue("postgres").database())
            bench.environment = {**bench.environment, "ODMD_DATABASE_URL": where.url}
        yield Floor(bench, stack)


def test_workers_carry_out_what_a_server_without_one_decides(floor: Floor) -> None:
    server, process = floor.server("--no-worker")
    workers = [floor.worker("--places", "1") for _ in range(2)]
    done = floor.apply(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "writer@main: synth" in done.stdout, "what runs say is heard wherever they are carried out"
    assert all(run["worker"].startswith("worker-") for run in floor.runs())
    for one in (*workers, process):
        one.send_signal(signal.SIGTERM)
        one.communicate(timeout=30)
        assert one.returncode == 0


@pytest.mark.parametrize("floor", ["postgres"], indirect=True)
def test_a_stopped_worker_ends_its_run_and_takes_no_other(floor: Floor) -> None:
    floor.bench.commit("foundation", app=SLOW)
    server, _ = floor.server("--no-worker")
    worker = floor.worker()
    following = floor.start("apply", "--yes", "--server", server)
    said(following, "foundation@main: synth")
    worker.send_signal(signal.SIGTERM)
    assert "stopping" in worker.communicate(timeout=30)[0]
    assert worker.returncode == 0
    assert [run["status"] for run in floor.runs()] == ["started", "succeeded"]
    floor.worker()
    said_by_apply, _ = following.communicate(timeout=60)
    assert following.returncode == 0, said_by_apply


@pytest.mark.parametrize(
    ("floor", "how"),
    [
        pytest.param("sqlite", signal.SIGKILL, id="killed"),
        pytest.param("postgres", signal.SIGSTOP, id="stopped", marks=soak_only),
    ],
    indirect=["floor"],
)
def test_the_run_of_a_worker_that_is_not_heard_of_is_taken_over(floor: Floor, how: signal.Signals) -> None:
    floor.bench.commit("foundation", app=SLOW)
    server, _ = floor.server("--no-worker")
    first = floor.worker()
    following = floor.start("apply", "--yes", "--server", server)
    said(following, "foundation@main: synth")
    first.send_signal(how)
    if how is signal.SIGKILL:
        first.wait()
    floor.worker()
    said_by_apply, _ = following.communicate(timeout=60)
    assert following.returncode == 0, said_by_apply
    assert ("is gone" if how is signal.SIGKILL else "was not heard of for 2 s") in said_by_apply
    first.send_signal(signal.SIGCONT)
    runs = {run["enver"]: run for run in floor.runs()}
    assert [run["status"] for run in runs.values()] == ["succeeded"] * 3
    assert runs["foundation/b..main"]["attempt"] == 2
    assert {enver["state"] for enver in floor.bench.data("status")} == {"deployed"}
    assert "nothing to do" in floor.apply(server).stdout


class TestTwoServers:
    @pytest.fixture
    def floor(self, bench: Workbench, postgres: Server) -> Iterator[Floor]:
        with ExitStack() as stack:
            where = stack.enter_context(postgres.database())
            bench.environment = {**bench.environment, "ODMD_DATABASE_URL": where.url}
            yield Floor(bench, stack)

    def test_the_second_waits_and_takes_over(self, floor: Floor) -> None:
        first, leader = floor.server()
        second, other = floor.server()
        said(other, f"waits, as process {leader.pid}")
        refused = floor.bench.odmd("status", "--server", second)
        assert (refused.returncode, "ODMD318" in refused.stderr) == (1, True), refused.stderr
        assert floor.apply(first).returncode == 0
        floor.bench.commit("foundation", {"": bus("two")}, app=SLOW)
        following = floor.start("apply", "--yes", "--server", first)
        said(following, "foundation@main: synth")
        leader.kill()
        said(other, "leads acme")
        until(lambda: floor.bench.odmd("status", "--server", second).returncode == 0)
        until(lambda: all(run["finished_at"] for run in floor.runs()))
        assert {run["status"] for run in floor.runs()} == {"succeeded"}
        assert "nothing to do" in floor.apply(second).stdout
        envers = json.loads(floor.bench.odmd("status", "--json", "--server", second).stdout)
        assert {enver["state"] for enver in envers} == {"deployed"}
