"""A state that is restored from a backup is older than the world: it is made safe, looked at, and catches up."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.postgres import postgres_server
from support.soak import soak_only
from support.workbench import Workbench, bus


def done(bench: Workbench, *words: str) -> str:
    ended = bench.odmd(*words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def refused(bench: Workbench, code: str, *words: str) -> str:
    ended = bench.odmd(*words)
    assert ended.returncode == 1, ended.stdout
    assert code in ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def moved_on(bench: Workbench) -> None:
    """What happens between the backup and the loss of the state."""
    bench.commit("foundation", {"": bus("two")})
    done(bench, "apply", "--yes")


def open_to_others(*paths: Path) -> dict[str, str]:
    """What the group or others may do anything with, of files, folders and what is below them."""
    below = {one for path in paths for one in (path, *path.rglob("*")) if not one.is_symlink()}
    return {str(one): oct(one.stat().st_mode) for one in below if one.stat().st_mode & 0o077}


def catches_up(bench: Workbench, emulator: Emulator, target: Target) -> None:
    """Nothing moves until people say so; then everything is what the code says, with new numbers."""
    assert {enver["state"] for enver in bench.data("status")} == {"unknown"}
    held = done(bench, "apply", "--yes")
    assert "everything is paused" in held
    assert "run 4" not in held
    ssm = emulator.sessions().ssm(target)
    assert ssm.get_parameter(Name="/writer/bus")["Parameter"].get("Value") == "two", "nothing went back"
    done(bench, "resume", "--all")
    done(bench, "apply", "--yes")
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}
    assert "nothing to do" in done(bench, "apply", "--yes")
    assert ssm.get_parameter(Name="/writer/bus")["Parameter"].get("Value") == "two"
    values = [one["value"] for one in bench.data("values", "foundation@main/bus")]
    (current,) = [value for value in values if value["status"] == "current"]
    assert (current["text"], current["version"] >= 1000) == ("two", True)
    assert all(run["id"] <= 3 or run["id"] >= 1000 for run in bench.data("runs"))


def test_a_file(bench: Workbench, emulator: Emulator, target: Target) -> None:
    done(bench, "apply", "--yes")
    done(bench, "backup", "one.db")
    refused(bench, "ODMD321", "backup", "one.db")
    moved_on(bench)
    refused(bench, "ODMD106", "recover", "one.db")
    for none in ("pyproject.toml", "not-there"):
        refused(bench, "ODMD321", "recover", none, "--yes")
    assert len(bench.data("runs")) == 6, "nothing was lost by that"
    recovered = json.loads(done(bench, "recover", "one.db", "--yes", "--json"))
    assert (recovered["first"] % 1000, recovered["envers"], recovered["runs"]) == (0, 3, [])
    catches_up(bench, emulator, target)
    bench.commit("foundation", app="raise SystemExit('its run leaves its folder behind')")
    assert bench.odmd("apply", "--yes").returncode == 1
    assert list((bench.root / ".odmd" / "runs").rglob("app.py"))
    assert open_to_others(bench.root / ".odmd", bench.root / "one.db") == {}


def test_killed_in_the_middle_it_is_done_again(bench: Workbench, emulator: Emulator, target: Target) -> None:
    done(bench, "apply", "--yes")
    done(bench, "backup", "one.db")
    moved_on(bench)
    kill = "import odmd.control.leading.leader as l, os; l.Leader.ask = lambda *_: os.kill(os.getpid(), 9)"
    killed = bench.troubled(kill, "recover", "one.db", "--yes")
    assert killed.returncode == -signal.SIGKILL
    done(bench, "recover", "--yes")
    catches_up(bench, emulator, target)


def test_a_run_that_the_backup_had_under_way_is_ended(bench: Workbench) -> None:
    bench.commit("foundation", app="import time; time.sleep(600)")
    process = bench.start("apply", "--yes")
    assert process.stdout
    while "synth" not in process.stdout.readline():
        assert process.poll() is None
    done(bench, "backup", "one.db")
    assert "ODMD104" in refused(bench, "ODMD104", "recover", "one.db", "--yes"), "somebody works on it"
    process.kill()
    process.communicate()
    assert "ended: 1 run" in done(bench, "recover", "one.db", "--yes")
    (run,) = bench.data("runs")
    assert (run["status"], run["error"]) == ("failed", "the state was restored from a backup")


@soak_only
def test_a_database(bench: Workbench, emulator: Emulator, target: Target, tmp_path: Path) -> None:
    with postgres_server() as server, server.database() as where:
        bench.environment = {**bench.environment, "ODMD_DATABASE_URL": where.url}
        done(bench, "apply", "--yes")
        assert "pg_dump" in refused(bench, "ODMD321", "backup", "one.db")
        server.dump(where, tmp_path / "one.dump")
        moved_on(bench)
        server.restore(where, tmp_path / "one.dump")
        done(bench, "recover", "--yes")
        catches_up(bench, emulator, target)
