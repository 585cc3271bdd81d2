"""Somebody changes what runs by hand: `odmd drift` names it, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import Workbench


def drifted(bench: Workbench, *words: str) -> dict[str, list[dict[str, str]]]:
    """Deviations by enver, of those that have any."""
    done = bench.odmd("drift", *words, "--json")
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)["envers"]
    assert not [one for one in found if one["unknown"]]
    return {one["enver"]: one["deviations"] for one in found if one["deviations"]}


def test_what_others_changed_is_named_and_nothing_else(bench: Workbench, emulator: Emulator, target: Target) -> None:
    assert bench.apply().returncode == 0
    assert drifted(bench) == {}
    assert bench.odmd("drift", "--exit-code").returncode == 0

    cloudformation: Any = emulator.sessions().cloudformation(target)
    template: dict[str, Any] = json.loads(
        json.dumps(cloudformation.get_template(StackName="writer--main")["TemplateBody"])
    )
    template["Resources"]["Target"]["Properties"]["Description"] = "by hand"
    cloudformation.update_stack(
        StackName="writer--main",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "OdmdInBus", "ParameterValue": "another"}],
        Tags=[
            *cloudformation.describe_stacks(StackName="writer--main")["Stacks"][0]["Tags"],
            {"Key": "who", "Value": "me"},
        ],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName="writer--main", WaiterConfig={"Delay": 1})
    cloudformation.delete_stack(StackName="reader--main")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="reader--main", WaiterConfig={"Delay": 1})

    found = drifted(bench)
    assert found["reader/b..main"] == [
        {
            "unit": "reader--main",
            "sort": "gone",
            "what": "stack",
            "expected": "is there",
            "found": "is not there any more",
        }
    ]
    assert [(one["sort"], one["what"], one["expected"], one["found"]) for one in found["writer/b..main"]] == [
        ("parameter", "OdmdInBus", "one", "another"),
        ("tag", "who", "", "me"),
        ("template", "Resources/Target/Properties/Description", "", "differs"),
    ]
    assert found.keys() == {"reader/b..main", "writer/b..main"}
    said = bench.odmd("drift", "writer@main", "reader@main", "--exit-code")
    assert (said.returncode, said.stderr) == (1, "")
    assert "2 drifted, 0 not compared, 0 as deployed" in said.stdout
    assert bench.odmd("drift", "nobody@main").returncode == 1


def test_a_resource_that_somebody_changed_is_named_by_its_property(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    assert bench.apply().returncode == 0
    emulator.sessions().ssm(target).put_parameter(Name="/writer/bus", Type="String", Value="stolen", Overwrite=True)
    assert drifted(bench) == {}, "the stack is as it was"
    (seen,) = drifted(bench, "writer@main", "--resources")["writer/b..main"]
    assert (seen["unit"], seen["sort"]) == ("writer--main", "resource")
    assert "Target (AWS::SSM::Parameter) /Value" in seen["what"]
    assert "stolen" not in json.dumps(seen), "a property may be a secret"
