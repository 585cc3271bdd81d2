"""What `status`, `runs` and `why` say of deployments that really failed or were really killed."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack

from support.floor import Floor, said
from support.until import TOO_LONG
from support.workbench import Workbench


def kill_when(bench: Workbench, words: str) -> None:
    process = bench.start("apply", "--yes")
    assert process.stdout
    while words not in process.stdout.readline():
        assert process.poll() is None
    assert {one["state"] for one in bench.data("status")} == {"deploying", "waiting"}
    process.kill()
    process.communicate()


def test_a_killed_apply_is_interrupted_until_the_next_one(bench: Workbench) -> None:
    bench.commit("foundation", app="import time; time.sleep(30)")
    kill_when(bench, ": synth")
    states = {one["enver"]: one["state"] for one in bench.data("status")}
    assert states == {"foundation/b..main": "interrupted", "reader/b..main": "waiting", "writer/b..main": "waiting"}
    assert bench.data("runs")[0]["status"] == "interrupted"
    said = bench.odmd("why", "foundation@main").stdout
    assert "foundation@main: run 1 was interrupted, and nobody works on it\n    → `odmd apply`" in said


def test_who_waits_for_a_failed_run_names_it(bench: Workbench) -> None:
    bench.commit("reader", app="raise SystemExit('no beans')")
    assert bench.apply().returncode == 1
    (waits, stuck, *_) = bench.data("why", "writer@main")
    assert waits["text"].startswith("writer@main: waits for reader@main, in wave 1 ")
    assert stuck["text"].startswith("reader@main: run 2 failed: ODMD204 ")
    assert "\n" not in stuck["text"]


def test_deployed_is_what_status_says_however_far_the_heads_went(deployed: Workbench) -> None:
    deployed.commit("writer")
    assert {one["state"] for one in deployed.data("status")} == {"deployed"}


def test_what_changes_is_watched_in_the_folder_and_at_a_server(bench: Workbench) -> None:
    assert bench.apply().returncode == 0
    with ExitStack() as stack:
        floor = Floor(bench, stack)
        url, _ = floor.server()
        watches = [floor.start("status", "--watch", *more) for more in ((), ("--server", url))]
        data = floor.start("status", "--watch", "--json")
        for watch in watches:
            said(watch, "writer@main")
        first = [json.loads(said(data, "{")) for _ in range(3)]
        assert {enver["state"] for enver in first} == {"deployed"}
        bench.commit("reader", app="raise SystemExit('boom')")
        floor.apply(url)
        for watch in watches:
            assert "reader@main" in said(watch, "deploying")
            assert "reader@main" in said(watch, "failed")
            watch.send_signal(signal.SIGINT)
            assert watch.wait(TOO_LONG) == 0
        assert [json.loads(said(data, "{"))["state"] for _ in range(2)] == ["deploying", "failed"]
