"""People hold things up, and let them go: pauses, rollbacks, cancelled runs."""

from __future__ import annotations

from support.workbench import WRITER, Workbench, bus


def states(bench: Workbench) -> dict[str, str]:
    return {enver["enver"].partition("/")[0]: enver["state"] for enver in bench.data("status")}


def test_a_paused_enver_waits_and_says_so_and_goes_on_when_resumed(bench: Workbench) -> None:
    bench.apply()
    done = bench.odmd("pause", "writer@main", "--until", "2h", "-m", "inventory")
    assert done.returncode == 0, done.stderr
    assert "writer@main is paused until" in done.stdout
    bench.commit("foundation", {"": bus("two")})
    assert bench.apply().returncode == 0
    assert states(bench) == {"foundation": "deployed", "reader": "deployed", "writer": "waiting"}
    why = bench.odmd("why", "writer@main").stdout
    assert ": paused by " in why
    assert "inventory" in why
    assert "odmd resume" in bench.odmd("status").stdout
    done = bench.odmd("resume", "writer@main")
    assert done.returncode == 0, done.stderr
    assert states(bench)["writer"] == "deployed"


def test_a_rollback_holds_until_it_is_released(bench: Workbench) -> None:
    bench.apply()
    more = {**WRITER["Resources"], "Dead": {"Type": "AWS::SNS::Topic"}}
    bench.commit("writer", {"": {**WRITER, "Resources": more}})
    first = bench.data("runs", "writer@main")[0]
    assert bench.apply().returncode == 0
    assert bench.data("runs", "writer@main")[0]["status"] == "succeeded"
    done = bench.odmd("rollback", "writer@main", "--yes", "-m", "it drops letters")
    assert done.returncode == 0, done.stdout + done.stderr
    now = bench.data("runs", "writer@main")[0]
    assert (now["mode"], now["status"]) == ("values only", "succeeded")
    assert now["fingerprint"] == first["fingerprint"]
    assert states(bench)["writer"] == "held"
    assert "it drops letters" in bench.odmd("why", "writer@main").stdout
    assert bench.apply().returncode == 0
    assert bench.data("runs", "writer@main")[0]["id"] == now["id"], "held"
    fixed = bench.commit("writer", {"": WRITER})
    assert bench.odmd("release", "writer@main").returncode == 0
    assert bench.data("runs", "writer@main")[0]["id"] > now["id"]
    assert bench.data("runs", "writer@main")[0]["fingerprint"]["commit"] == fixed, "on with the newest"
    assert states(bench)["writer"] == "deployed"


def test_a_rollback_to_what_was_retired_is_refused(bench: Workbench) -> None:
    bench.apply()
    bench.commit("foundation", {"": bus("two")})
    bench.apply()
    done = bench.odmd("rollback", "writer@main", "--yes")
    assert done.returncode == 1
    assert "ODMD112" in done.stderr
    assert "foundation@main/bus #1" in done.stderr
    assert "(what runs now)" in done.stderr


def test_what_is_not_asked_under_way_or_held_is_refused(bench: Workbench) -> None:
    assert "ODMD107" in bench.odmd("pause", "--all").stderr
    bench.apply()
    assert "ODMD113" in bench.odmd("approve", "writer@main").stderr
    assert "ODMD101" in bench.odmd("cancel", "99").stderr
    assert "ODMD112" in bench.odmd("release", "writer@main").stderr
    assert bench.odmd("pause").returncode == 2
    assert bench.odmd("pause", "--all", "--until", "soon").returncode == 2
    assert "it is so already" in bench.odmd("resume", "--all").stdout
