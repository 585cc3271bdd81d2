"""`odmd serve`, and every command against it: as a user runs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from odmd.trust import nobody
from support.forked import Forked
from support.until import TOO_LONG, until
from support.workbench import APP, WRITER, Workbench, bus, without

SECRET = "a secret that both of them know"


@contextmanager
def served(bench: Workbench, *words: str) -> Iterator[tuple[str, Forked]]:
    process = bench.start("serve", "--port", "0", *words)
    try:
        assert process.stdout
        said = list[str]()
        while not (found := re.search(r"serving \S+ on (http://\S+)", line := process.stdout.readline())):
            said.append(line)
            assert line, "".join(said)  # it ended
        yield found[1], process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def server(bench: Workbench) -> Iterator[str]:
    with served(bench) as (url, _):
        yield url


def at(bench: Workbench, server: str, *words: str) -> str:
    done = bench.odmd(*words, ODMD_SERVER=server)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def data(bench: Workbench, server: str, *words: str) -> Any:
    return json.loads(at(bench, server, *words, "--json"))


def test_the_commands_do_at_a_server_what_they_do_on_a_folder(bench: Workbench, server: str) -> None:
    digest = data(bench, server, "plan")["digest"]
    said = at(bench, server, "apply", digest.removeprefix("sha256:")[:12], "-m", "first")
    for words in ("run 1, full: its first deployment", "writer@main: synth", "published foundation@main/bus #1 = one"):
        assert words in said
    assert {one["state"] for one in data(bench, server, "status")} == {"deployed"}
    for words in (["status"], ["values"], ["values", "foundation@main"], ["runs"], ["runs", "reader@main"]):
        assert data(bench, server, *words) == bench.data(*words)
    assert "by " in at(bench, server, "why", "writer@main")
    assert data(bench, server, "why", "writer@main") == bench.data("why", "writer@main")
    assert "nothing to do" in at(bench, server, "apply", "--yes")
    assert "foundation@main" in at(bench, server, "graph", "--view", "versions")
    refused = bench.odmd("status", "--server", "http://127.0.0.1:1")
    assert (refused.returncode, "ODMD301" in refused.stderr) == (1, True)


def test_a_change_flows_and_a_failure_ends_with_1(bench: Workbench, server: str) -> None:
    at(bench, server, "apply", "--yes")
    bench.commit("foundation", {"": bus("two")})
    said = at(bench, server, "apply", "--yes")
    assert "retired foundation@main/bus #1" in said
    bench.commit("reader", app="raise SystemExit('no beans')")
    done = bench.odmd("apply", "--yes", "--server", server)
    assert done.returncode == 1
    assert "reader@main: ODMD204" in done.stdout
    assert data(bench, server, "status")[1]["state"] == "failed"


def test_people_hold_things_up_and_let_them_go_at_a_server(bench: Workbench, server: str) -> None:
    at(bench, server, "apply", "--yes")
    assert "writer@main is paused until" in at(
        bench, server, "pause", "writer@main", "--until", "2h", "-m", "inventory"
    )
    bench.commit("writer")
    assert "inventory" in at(bench, server, "apply", "--yes")
    assert ": paused by " in at(bench, server, "why", "writer@main")
    at(bench, server, "resume", "writer@main")
    run_ended(bench, server, 4)
    more = {"Dead": {"Type": "AWS::SNS::Topic"}}
    bench.commit("writer", {"": {**WRITER, "Resources": {**WRITER["Resources"], **more}}})
    at(bench, server, "apply", "--yes")
    assert "back to run 4" in at(bench, server, "rollback", "writer@main", "--yes", "-m", "it drops letters")
    run_ended(bench, server, 6)
    assert data(bench, server, "status")[2]["state"] == "held"
    assert "it drops letters" in at(bench, server, "why", "writer@main")
    assert "follows its inputs" in at(bench, server, "release", "writer@main")
    run_ended(bench, server, 7)
    for words, code in ((["approve", "writer@main"], "ODMD113"), (["cancel", "99"], "ODMD101")):
        refused = bench.odmd(*words, "--server", server)
        assert (refused.returncode, code in refused.stderr) == (1, True), refused.stderr


def run_ended(bench: Workbench, server: str, run: int) -> None:
    """Waits on the event stream."""
    with bench.http(server) as http, http.stream("GET", "/events", params={"after": 0}) as live:
        next(line for line in live.iter_lines() if '"type":"RunSucceeded"' in line and f'"run":{run},' in line)


def test_a_stopped_server_drains_and_streams_end(bench: Workbench) -> None:
    bench.commit("foundation", app="import time; time.sleep(1)\n" + APP)
    with ExitStack() as stack, served(bench) as (server, process):
        digest = data(bench, server, "plan")["digest"]
        http = stack.enter_context(bench.http(server))
        made = http.post("/changes", json={"plan": digest}).raise_for_status().json()
        asked = {"after": 0, "change": made["wave"]}
        with http.stream("GET", "/events", params=asked) as live:
            lines = live.iter_lines()
            next(line for line in lines if '"type":"RunClaimed"' in line)
            process.send_signal(signal.SIGTERM)
            list(lines)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    runs = bench.data("runs")
    assert [run["status"] for run in runs if run["enver"] == "foundation/b..main"] == ["succeeded"]


def test_told_twice_to_stop_it_leaves_at_once_and_nothing_is_lost(bench: Workbench) -> None:
    bench.commit("foundation", app="import time; time.sleep(600)")
    with served(bench) as (server, process):
        digest = data(bench, server, "plan")["digest"]
        with bench.http(server) as http:
            http.post("/changes", json={"plan": digest}).raise_for_status()
        process.send_signal(signal.SIGTERM)
        assert process.stdout
        while "stopping" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TOO_LONG)
        assert process.returncode == 130
    assert bench.data("runs")[0]["status"] == "interrupted"


def test_other_contracts_come_into_force_without_a_restart(bench: Workbench) -> None:
    text = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", without(text, "writer"))
    with served(bench) as (server, process):
        at(bench, server, "apply", "--yes")
        bench.write("contracts.py", text + "\nnonsense")
        with bench.http(server) as http:
            wrong = http.post("/contracts:reload")
        assert (wrong.status_code, wrong.json()["code"]) == (409, "ODMD001")
        bench.write("contracts.py", text)
        bench.write("policies/main.cedar", "\npermit (principal, action, ressource);")
        process.send_signal(signal.SIGHUP)
        assert process.stdout
        while "the contracts stay as they were" not in (line := process.stdout.readline()):
            assert process.poll() is None
        assert "policies/main.cedar:2: ODMD120" in line
        (bench.root / "policies" / "main.cedar").unlink()
        process.send_signal(signal.SIGHUP)
        while "are in force" not in process.stdout.readline():
            assert process.poll() is None
        assert "create writer@main" in at(bench, server, "apply", "--yes")
        assert len(data(bench, server, "status")) == 3


def test_with_tokens_only_who_has_one_is_let_in(bench: Workbench) -> None:
    none = bench.odmd("serve", "--host", "0.0.0.0", "--port", "0")
    assert (none.returncode, "ODMD309" in none.stderr) == (1, True)
    made = bench.odmd("token", "create", "--name", "grace", "--scope", "write", "--expires", "1h")
    token = made.stdout.strip()
    with served(bench, "--tokens") as (server, _):
        nobody = bench.odmd("status", "--server", server)
        assert (nobody.returncode, "ODMD302" in nobody.stderr) == (1, True)
        done = bench.odmd("apply", "--yes", ODMD_SERVER=server, ODMD_TOKEN=token)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "by grace" in bench.odmd("why", "writer@main", ODMD_SERVER=server, ODMD_TOKEN=token).stdout
        listed = bench.data("token", "list")[0]
        assert (listed["name"], listed["scope"]) == ("grace", "write")
        assert bench.odmd("token", "revoke", listed["id"]).returncode == 0
        assert "ODMD302" in bench.odmd("status", ODMD_SERVER=server, ODMD_TOKEN=token).stderr


def test_a_plan_that_only_removes_is_followed_to_its_end(bench: Workbench, server: str) -> None:
    at(bench, server, "apply", "--yes")
    bench.write("contracts.py", without((bench.root / "contracts.py").read_text(), "reader"))
    with bench.http(server) as http:
        http.post("/contracts:reload").raise_for_status()
    said = at(bench, server, "apply", "--yes")
    assert "reader@main left the contracts" in said
    assert "reader@main is removed" in said
    assert "nothing to do" in at(bench, server, "apply", "--yes")


def test_what_branches_get_is_deployed_by_itself(bench: Workbench) -> None:
    text = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", text.replace('"us-west-1")', '"us-west-1", continuous=True)'))
    bench.environment = {**bench.environment, "ODMD_WEBHOOK_SECRET": SECRET}
    with served(bench) as (server, _):
        until(lambda: {one["state"] for one in data(bench, server, "status")} == {"deployed"})
        bench.commit("foundation", {"": bus("two")})
        assert webhook(server, "acme/foundation") == 202
        until(lambda: "two" in at(bench, server, "values"))
        until(lambda: {one["state"] for one in data(bench, server, "status")} == {"deployed"})
        why = at(bench, server, "why", "foundation@main")
    assert "acme/foundation main is at " in why
    assert "by odmd" in why


def webhook(server: str, repo: str) -> int:
    body = json.dumps({"repository": {"full_name": repo}, "ref": "refs/heads/main"}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return httpx.post(f"{server}/webhooks/github", content=body, headers=headers, verify=nobody()).status_code
