"""`odmd agent run`: one run, one right, over HTTP; what runs say, read with `odmd logs`."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from support.floor import Floor, said
from support.soak import soak_only
from support.until import until
from support.workbench import APP, Workbench, bus


@pytest.fixture
def floor(bench: Workbench) -> Iterator[Floor]:
    with ExitStack() as stack:
        yield Floor(bench, stack)


def right(floor: Floor, run: int) -> str:
    """A token for one run."""
    made = floor.bench.odmd("token", "create", "--name", "job", "--run", str(run), "--expires", "1h")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def serving(floor: Floor) -> tuple[str, str]:
    """A server that wants tokens and has no worker of its own; its URL, and a token for a person."""
    made = floor.bench.odmd("token", "create", "--name", "ada", "--scope", "admin")
    url, _ = floor.server("--no-worker", "--tokens")
    return url, made.stdout.strip()


def waiting(floor: Floor, status: str = "started") -> list[int]:
    return [run["id"] for run in floor.runs() if run["status"] == status]


def test_agents_carry_out_runs_from_anywhere(floor: Floor) -> None:
    url, ada = serving(floor)
    floor.bench.environment = {**floor.bench.environment, "ODMD_TOKEN": ada}
    apply = floor.start("apply", "--yes", "--server", url)
    for _ in range(3):
        until(lambda: (floor.bench.root / ".odmd" / "state.db").exists() and waiting(floor))
        (run,) = waiting(floor)
        token = right(floor, run)
        done = floor.bench.odmd("agent", "run", str(run), "--server", url, ODMD_TOKEN=token)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"run {run} succeeded" in done.stdout
        again = floor.bench.odmd("agent", "run", str(run), "--server", url, ODMD_TOKEN=token)
        assert (again.returncode, "ODMD302" in again.stderr) == (1, True), again.stderr
        assert token not in done.stdout + done.stderr + again.stderr
    told, _ = apply.communicate(timeout=60)
    assert apply.returncode == 0, told
    assert "writer@main: synth" in told
    assert all(run["worker"].startswith("agent-") for run in floor.runs())
    heard = floor.bench.odmd("logs", "writer@main").stdout
    assert re.search(r"\d\d:\d\d:\d\d synth", heard), heard
    assert floor.bench.odmd("logs", "writer@main", "--server", url).stdout == heard
    lines = [json.loads(line) for line in floor.bench.odmd("logs", "3", "--json").stdout.splitlines()]
    assert "synth" in [line["line"] for line in lines]
    # a value-only run takes the stored assembly from the server
    floor.bench.commit("foundation", {"": bus("two")})
    apply = floor.start("apply", "--yes", "--server", url)
    for _ in range(3):
        until(lambda: waiting(floor))
        (run,) = waiting(floor)
        assert floor.bench.odmd("agent", "run", str(run), "--server", url).returncode == 0
    assert apply.wait(60) == 0
    assert ", with new values" in floor.bench.odmd("logs", "writer@main").stdout


def test_a_right_is_good_for_its_run_only(floor: Floor) -> None:
    url, ada = serving(floor)
    floor.bench.environment = {**floor.bench.environment, "ODMD_TOKEN": ada}
    floor.start("apply", "--yes", "--server", url)
    until(lambda: waiting(floor))
    token = right(floor, 1)
    headers = {"Authorization": f"Bearer {token}", "X-Odmd-Claim": "s" * 43}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers) as job:
        claim = {"worker": "agent-x-1", "release": "0", "contracts": "sha256:" + "0" * 64, "secret": "s" * 43}
        for path in ("/runs/2/claims", "/runs/99/claims"):
            answer = job.post(path, json=claim)
            assert (answer.status_code, answer.json()["code"]) == (403, "ODMD303"), "what is there is not told"
        for path in ("/envers", "/runs/1", "/runs/1/log", "/log", "/tokens", "/runs"):
            assert job.get(path).status_code == 403
        assert job.post("/plans", json={}).status_code == 403
        assert job.post("/runs/1/claims", json=claim).json()["code"] == "ODMD319"
        assert job.post("/runs/1/attempts/1/beat").json()["code"] == "ODMD330"
        claim["contracts"] = httpx.get(f"{url}/api/v1/contracts", headers={"Authorization": f"Bearer {ada}"}).json()[
            "digest"
        ]
        first = job.post("/runs/1/claims", json=claim)
        assert first.status_code == 201
        assert job.post("/runs/1/claims", json=claim).json() == first.json(), "its answer may have been lost"
        thief = job.post("/runs/1/claims", json={**claim, "worker": "agent-thief-1"})
        assert (thief.status_code, thief.json()["code"]) == (409, "ODMD320")
        foreign = {"product": "reader/b..main/queue", "text": "x", "kind": "aws:events:Bus"}
        for bad in (
            {"assembly": "sha256:" + "0" * 64, "publications": [foreign]},
            {"assembly": "no digest"},
            {"error": "x" * 200_000},
            {"error": "x", "lookups": [["zones", '1, "another key": 2']]},
        ):
            assert job.post("/runs/1/attempts/1/end", json=bad).status_code == 422
        assert job.put("/runs/1/attempts/1/artifacts/sha256:" + "0" * 64, content=b"no").status_code == 422
        assert (
            job.post(
                "/runs/1/attempts/1/end", json={"error": "Bearer abcdefghijk0123456789ABCDEFGHIJK is no bean"}
            ).status_code
            == 204
        )
        assert job.post("/runs/1/attempts/1/end", json={"error": "again"}).status_code == 204
        assert job.post("/runs/1/attempts/2/end", json={"error": "another"}).status_code == 403
        assert (
            job.post("/runs/1/attempts/1/steps", json={"name": "late", "result": "", "seconds": 1, "at": 1}).status_code
            == 401
        )
    (run,) = (run for run in floor.runs() if run["id"] == 1)
    assert (run["status"], run["error"]) == ("failed", "Bearer *** is no bean")


@soak_only
def test_an_agent_that_is_killed_loses_its_run_to_another_one(floor: Floor) -> None:
    url, ada = serving(floor)
    floor.bench.environment = {**floor.bench.environment, "ODMD_TOKEN": ada}
    floor.bench.commit("foundation", app="import time; time.sleep(3)\n" + APP)
    apply = floor.start("apply", "--yes", "--server", url)
    until(lambda: waiting(floor))
    first = floor.start("agent", "run", "1", "--server", url)
    said(first, "synth")
    first.send_signal(signal.SIGSTOP)
    said(apply, "was not heard of")
    second = floor.bench.odmd("agent", "run", "1", "--server", url)
    assert second.returncode == 0, second.stdout + second.stderr
    first.send_signal(signal.SIGCONT)
    told, _ = first.communicate(timeout=60)
    assert first.returncode == 1
    assert "ODMD320" in told
    (run,) = (run for run in floor.runs() if run["id"] == 1)
    assert (run["status"], run["attempt"]) == ("succeeded", 2)
