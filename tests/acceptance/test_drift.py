"""Somebody changes what runs by hand: `odmd drift` names it and nothing else, lets it be, or brings it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.floor import said
from support.until import until
from support.workbench import WRITER, Workbench

TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Delete",
    "Properties": {
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    },
}
PROTECTION = "Orders (AWS::DynamoDB::Table) /DeletionProtectionEnabled"
VALUE = "Target (AWS::SSM::Parameter) /Value"


def found(bench: Workbench, *words: str, **environment: str) -> dict[str, dict[str, Any]]:
    """Envers by address, of those that have findings, open or accepted."""
    done = bench.odmd("drift", *words, "--json", **environment)
    assert done.returncode == 0, done.stdout
    envers = json.loads(done.stdout)["envers"]
    assert not [one for one in envers if one["unknown"]]
    return {one["enver"]: one for one in envers if one["findings"] or one["accepted"]}


def drifted(bench: Workbench, *words: str, **environment: str) -> dict[str, list[tuple[str, ...]]]:
    parts = ("unit", "sort", "what", "expected", "found")
    envers = found(bench, *words, **environment)
    return {
        enver: [tuple(seen[part] for part in parts) for seen in one["findings"]]
        for enver, one in envers.items()
        if one["findings"]
    }


def delete(emulator: Emulator, target: Target, stack: str) -> None:
    cloudformation: Any = emulator.sessions().cloudformation(target)
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


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
    delete(emulator, target, "reader--main")

    assert drifted(bench) == {
        "reader/b..main": [("reader--main", "gone", "stack", "is there", "is not there any more")],
        "writer/b..main": [
            ("writer--main", "parameter", "OdmdInBus", "one", "another"),
            ("writer--main", "tag", "who", "", "me"),
            ("writer--main", "template", "Resources/Target/Properties/Description", "", "differs"),
        ],
    }
    told = bench.odmd("drift", "writer@main", "reader@main", "--exit-code")
    assert (told.returncode, told.stderr) == (1, "")
    assert "2 drifted, 0 not compared, 0 as deployed" in told.stdout
    assert bench.odmd("drift", "nobody@main").returncode == 1
    reverted = bench.odmd("drift", "revert", "writer@main", "reader@main", "--yes")
    assert reverted.returncode == 0, reverted.stdout + reverted.stderr
    assert "looked again: all is as it was deployed" in reverted.stdout
    assert drifted(bench, "--resources") == {}


def test_a_table_that_somebody_changed_is_named_accepted_named_again_and_brought_back(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    bench.commit("writer", {"": {**WRITER, "Resources": {**WRITER["Resources"], "Orders": TABLE}}})
    assert bench.apply().returncode == 0
    access = {"aws_access_key_id": target.account, "aws_secret_access_key": "any"}
    tables: Any = boto3.client("dynamodb", target.region, endpoint_url=emulator.endpoint, **access)
    parameters = emulator.sessions().ssm(target)
    tables.update_table(TableName="orders", DeletionProtectionEnabled=False)
    assert drifted(bench, "writer@main") == {}, "the stack is as it was"
    (seen,) = found(bench, "writer@main", "--resources")["writer/b..main"]["findings"]
    assert (seen["unit"], seen["sort"], seen["what"]) == ("writer--main", "resource", PROTECTION)
    assert "drifted" in bench.odmd("status").stdout

    refused = bench.odmd("drift", "accept", "writer@main", seen["id"])
    assert (refused.returncode, "ODMD137" in refused.stderr) == (1, True)
    assert "ODMD296" in bench.odmd("drift", "accept", "writer@main", "00000000", "--reason", "why").stderr
    accepted = bench.odmd("drift", "accept", "writer@main", seen["id"], "--reason", "we move", "--for", "7d")
    assert accepted.returncode == 0, accepted.stderr
    one = found(bench, "writer@main", "--resources")["writer/b..main"]
    assert (one["findings"], one["accepted"][0]["accepted"]["why"]) == ([], "we move")
    assert "nothing to do" in bench.odmd("plan").stdout

    parameters.put_parameter(Name="/writer/bus", Type="String", Value="stolen", Overwrite=True)
    seen_now = drifted(bench, "writer@main", "--resources")["writer/b..main"]
    assert [what for _, _, what, _, _ in seen_now] == [VALUE]
    assert "stolen" not in bench.odmd("drift", "writer@main", "--resources", "--json").stdout, "it may be a secret"
    ids = [each["id"] for each in found(bench, "writer@main", "--resources")["writer/b..main"]["findings"]]
    assert bench.odmd("drift", "accept", "writer@main", *ids, "--reason", "a try").returncode == 0
    parameters.put_parameter(Name="/writer/bus", Type="String", Value="stolen anew", Overwrite=True)
    assert drifted(bench, "writer@main", "--resources")["writer/b..main"] == seen_now, "it changed once more"

    reverted = bench.odmd("drift", "revert", "writer@main", "--yes", "--message", "it was a mistake")
    assert reverted.returncode == 0, reverted.stdout + reverted.stderr
    assert f"because: drifted: resource {VALUE} of writer--main" in reverted.stdout
    assert "looked again: all is as it was deployed" in reverted.stdout
    assert parameters.get_parameter(Name="/writer/bus")["Parameter"]["Value"] == "one"
    assert tables.describe_table(TableName="orders")["Table"]["DeletionProtectionEnabled"] is True
    assert found(bench, "--resources") == {}
    assert "drift: it was a mistake" in bench.odmd("why", "writer@main").stdout
    history = bench.odmd("history", "writer@main").stdout
    assert f"drifted: resource {VALUE} of writer--main" in history
    assert "we move" in history
    assert "nothing drifted" in bench.odmd("drift", "revert", "writer@main", "--yes").stdout


@contextmanager
def serving(bench: Workbench, settings: str) -> Iterator[str]:
    """A server of what is deployed."""
    assert bench.apply().returncode == 0
    bench.write("pyproject.toml", (bench.root / "pyproject.toml").read_text() + settings)
    process = bench.start("serve", "--port", "0")
    try:
        yield said(process, "serving").split()[-1]
    finally:
        process.kill()
        process.communicate()


def test_both_planes_see_the_same_and_a_server_plans_with_no_stack_that_is_gone(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    with serving(bench, '[tool.odmd.drift]\nevery = "1d"\n') as server:
        there = {"ODMD_SERVER": server}
        emulator.sessions().ssm(target).put_parameter(Name="/writer/bus", Type="String", Value="my", Overwrite=True)
        here = found(bench, "writer@main", "--resources", "--now")
        assert list(here) == ["writer/b..main"]
        assert found(bench, "writer@main", "--resources", "--now", **there).keys() == here.keys()
        both = [found(bench, "writer@main", "--resources", **one)["writer/b..main"] for one in ({}, there)]
        assert both[0] == both[1], "the last look stands, whoever made it"
        done = bench.odmd("drift", "accept", "writer@main", "--reason", "ours", **there)
        assert done.returncode == 0, done.stderr
        assert found(bench, "writer@main")["writer/b..main"]["accepted"][0]["accepted"]["why"] == "ours"

        delete(emulator, target, "reader--main")
        plan = bench.odmd("plan", **there).stdout
        assert "because: drifted: stack of reader--main" in plan
        reverted = bench.odmd("drift", "revert", "reader@main", "--yes", **there)
        assert reverted.returncode == 0, reverted.stdout + reverted.stderr
        assert emulator.sessions().cloudformation(target).describe_stacks(StackName="reader--main")["Stacks"]
        assert "nothing to do" in bench.odmd("plan", **there).stdout


def test_a_server_looks_by_itself(bench: Workbench, emulator: Emulator, target: Target) -> None:
    with serving(bench, '[tool.odmd.drift]\nevery = "1s"\nresources = true\n') as server:
        emulator.sessions().ssm(target).put_parameter(Name="/writer/bus", Type="String", Value="my", Overwrite=True)

        def state() -> str:
            (one,) = [one for one in bench.data("status", "--server", server) if one["enver"] == "writer/b..main"]
            return one["state"]

        until(lambda: state() == "drifted")


@pytest.mark.parametrize("wrong", ['every = "soon"', "every = 3", 'each = "6h"', "resources = 1"])
def test_settings_that_say_nothing_are_refused(bench: Workbench, wrong: str) -> None:
    bench.write("pyproject.toml", (bench.root / "pyproject.toml").read_text() + f"[tool.odmd.drift]\n{wrong}\n")
    done = bench.odmd("check")
    assert done.returncode == 1
    assert "[tool.odmd.drift]" in done.stderr
