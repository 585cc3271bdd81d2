"""kill -9 in the middle of `apply`: the next command resumes and finishes, and nothing is lost or done twice."""

from __future__ import annotations

import random
import signal
import sqlite3

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.soak import rounds
from support.until import TOO_LONG
from support.workbench import Workbench, bus, without

SEEDS = range(rounds(1, 20))


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_a_random_moment_the_next_apply_finishes(
    bench: Workbench, emulator: Emulator, target: Target, seed: int
) -> None:
    chance = random.Random(seed)
    if chance.random() < 0.7:  # kill a change of everything that runs, or else the first deployment
        assert bench.apply().returncode == 0
        bench.commit("foundation", {"": bus("two")})
    kill_after_lines(bench, chance.randint(1, 30))
    kill_after_lines(bench, chance.randint(1, 15))

    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}
    assert "nothing to do" in bench.apply().stdout

    deployed = bench.data("values", "foundation@main/bus")[-1]["value"]["text"]
    assert emulator.sessions().ssm(target).get_parameter(Name="/writer/bus")["Parameter"].get("Value") == deployed
    buses = {found.get("Name") for found in emulator.sessions().events(target).list_event_buses()["EventBuses"]}
    assert buses == {"default", deployed}
    current = [one["value"] for one in bench.data("values") if one["value"]["status"] == "current"]
    assert len({value["product"] for value in current}) == len(current), "one current value a product"
    assert_every_run_ended_once(bench)


def kill_after_lines(bench: Workbench, lines: int) -> None:
    """Starts `apply` and kills it when it printed so many lines, if it gets that far."""
    process = bench.start("apply", "--yes")
    assert process.stdout
    for _ in range(lines):
        if not process.stdout.readline():
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def assert_every_run_ended_once(bench: Workbench) -> None:
    database = sqlite3.connect(bench.root / ".odmd" / "state.db")
    try:
        is_end = "type like 'RunSucceeded%' or type like 'RunFailed%'"
        ended = database.execute(f"select body from log where {is_end}").fetchall()
    finally:
        database.close()
    runs = bench.data("runs")
    assert len(ended) == len(runs)
    assert {run["status"] for run in runs} == {"succeeded"}


def test_two_applies_at_once_on_one_state(bench: Workbench) -> None:
    first = bench.start("apply", "--yes")
    assert first.stdout
    while "run 1" not in first.stdout.readline():
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)  # it is not done before the second one looks, however slow the machine is
    second = bench.apply()
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "ODMD104" in second.stderr
    assert str(first.pid) in second.stderr
    first.communicate()
    assert first.returncode == 0


def test_interrupted_by_its_user_it_leaves_at_once_and_goes_on_later(bench: Workbench) -> None:
    bench.commit("foundation", app="import time; time.sleep(600)")
    process = bench.start("apply", "--yes")
    assert process.stdout
    while "synth" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=TOO_LONG)
    assert process.returncode == 130
    assert "nothing is lost" in said
    assert "Traceback" not in said


def test_a_run_whose_enver_left_the_contracts_ends(bench: Workbench) -> None:
    kill_after_lines(bench, 15)
    text = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", without(text, "reader", "writer"))
    done = bench.apply()
    assert "foundation@main" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert all(run["status"] in ("succeeded", "failed") for run in bench.data("runs"))
