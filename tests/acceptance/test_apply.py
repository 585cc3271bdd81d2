"""From contracts to stacks that run, through the command line only."""

from __future__ import annotations

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import APP, Workbench, bus


def test_the_whole_way(bench: Workbench, emulator: Emulator, target: Target) -> None:
    assert "3 envers" in bench.odmd("check").stdout
    plan = bench.data("plan")
    stages = [[step["enver"] for step in stage["steps"]] for stage in plan["plan"]["stages"]]
    assert stages == [["foundation/b..main"], ["reader/b..main"], ["writer/b..main"]]

    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}

    mirror = emulator.sessions().ssm(target)
    assert mirror.get_parameter(Name="/odmd-share/foundation/b..main/bus")["Parameter"].get("Value") == "one"
    assert mirror.get_parameter(Name="/writer/bus")["Parameter"].get("Value") == "one"

    again = bench.apply()
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert len(bench.data("runs")) == 3


def test_a_commit_that_publishes_nothing_new_deploys_nobody_else(bench: Workbench) -> None:
    bench.apply()
    template = bus("one")
    template["Resources"]["More"] = {"Type": "AWS::SQS::Queue"}
    bench.commit("foundation", {"": template})
    assert bench.apply().returncode == 0
    assert bench.data("runs")[0]["enver"] == "foundation/b..main"
    assert len(bench.data("runs")) == 4
    assert "its inputs are what it runs with: bus #1" in bench.odmd("why", "writer@main").stdout


def test_a_renamed_bus_is_handed_over(bench: Workbench, emulator: Emulator, target: Target) -> None:
    bench.apply()
    bench.commit("foundation", {"": bus("two")})
    assert bench.apply().returncode == 0
    runs = bench.data("runs")
    assert [(run["enver"], run["mode"]) for run in runs[:3]] == [
        ("writer/b..main", "values only"),
        ("reader/b..main", "values only"),
        ("foundation/b..main", "full"),
    ]
    assert "bus moved from #1 to #2" in bench.odmd("why", "writer@main").stdout
    buses = {found.get("Name") for found in emulator.sessions().events(target).list_event_buses()["EventBuses"]}
    assert buses == {"default", "two"}, "the old bus and the bridge are gone"
    stacks = emulator.sessions().cloudformation(target).describe_stacks()["Stacks"]
    assert sorted(stack["StackName"] for stack in stacks) == ["foundation--main", "reader--main", "writer--main"]


def test_apply_of_a_plan_refuses_when_something_moved(bench: Workbench) -> None:
    digest = bench.data("plan")["digest"]
    bench.commit("writer", {"": {**bus("x")}})
    done = bench.odmd("apply", digest)
    assert done.returncode == 1
    assert "ODMD103" in done.stderr
    assert "odmd plan" in done.stderr
    assert not bench.data("status")


def test_apply_without_a_terminal_and_without_yes_changes_nothing(bench: Workbench) -> None:
    done = bench.odmd("apply")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert not bench.data("status")


@pytest.mark.parametrize("command", ["values", "runs"])
def test_reading_before_anything_was_deployed_says_so(bench: Workbench, command: str) -> None:
    done = bench.odmd(command)
    assert done.returncode == 1
    assert "odmd apply" in done.stderr


def test_a_service_with_older_contracts_deploys_and_says_so(bench: Workbench) -> None:
    older = """
pathlib.Path(os.environ["ODMD_RUN"]).with_suffix(".seen.json").write_text(
    json.dumps({"contracts": "acme 0.9", "inputs": ["bus", "gone"], "hubs": [], "products": []})
)
"""
    bench.commit("reader", app=APP + older)
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "built against acme 0.9" in done.stdout
    assert "does not know product queue" in done.stdout
    assert "knows an input gone that is no more" in done.stdout
