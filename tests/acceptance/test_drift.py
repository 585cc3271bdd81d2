"""Somebody changes what runs by hand: `odmd drift` names it and nothing else, lets it be, or brings it back."""

from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import boto3

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
    reverted = bench.odmd("drift", "revert", "writer@main", "reader@main", "--yes")
    assert reverted.returncode == 0, reverted.stdout + reverted.stderr
    assert "looked again: all is as it was deployed" in reverted.stdout


def test_a_table_that_somebody_changed_is_named_accepted_named_again_and_brought_back(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    bench.commit("writer", {"": {**WRITER, "Resources": {**WRITER["Resources"], "Orders": TABLE}}})
    assert bench.apply().returncode == 0
    access = {"aws_access_key_id": target.account, "aws_secret_access_key": "any"}
    tables: Any = boto3.client("dynamodb", target.region, endpoint_url=emulator.endpoint, **access)
    parameters = emulator.sessions().ssm(target)
    with recorded(emulator):
        tables.update_table(TableName="orders", DeletionProtectionEnabled=False)
    assert drifted(bench, "writer@main") == {}, "the stack is as it was"
    told = bench.odmd("drift", "writer@main", "--resources").stdout
    assert f"changed by arn:aws:iam::{target.account}:user/" in told
    (seen,) = found(bench, "writer@main", "--resources")["writer/b..main"]["findings"]
    assert seen["changed"]["how"] == "UpdateTable"
    assert (seen["unit"], seen["sort"], seen["what"]) == ("writer--main", "resource", PROTECTION)
    accepted = bench.odmd("drift", "accept", "writer@main", seen["id"], "--message", "we move", "--for", "7d")
    assert accepted.returncode == 0, accepted.stderr
    one = found(bench, "writer@main", "--resources")["writer/b..main"]
    assert (one["findings"], one["accepted"][0]["accepted"]["why"]) == ([], "we move")

    parameters.put_parameter(Name="/writer/bus", Type="String", Value="stolen", Overwrite=True)
    one = found(bench, "writer@main", "--resources")["writer/b..main"]
    assert [each["what"] for each in one["findings"]] == [VALUE]
    assert one["findings"][0]["changed"]["unknown"] == "CloudTrail has no change of it, or not yet"
    assert "stolen" not in json.dumps(one), "it may be a secret"
    assert bench.odmd("drift", "accept", "writer@main", "--message", "a try").returncode == 0
    parameters.put_parameter(Name="/writer/bus", Type="String", Value="stolen anew", Overwrite=True)
    again = found(bench, "writer@main", "--resources")["writer/b..main"]
    assert [each["what"] for each in again["findings"]] == [VALUE], "it changed once more"

    reverted = bench.odmd("drift", "revert", "writer@main", "--yes", "--message", "it was a mistake")
    assert reverted.returncode == 0, reverted.stdout + reverted.stderr
    assert f"because: drifted: resource {VALUE} of writer--main" in reverted.stdout
    assert "looked again: all is as it was deployed" in reverted.stdout
    assert parameters.get_parameter(Name="/writer/bus")["Parameter"]["Value"] == "one"
    assert tables.describe_table(TableName="orders")["Table"]["DeletionProtectionEnabled"] is True
    assert "drift: it was a mistake" in bench.odmd("why", "writer@main").stdout
    history = bench.odmd("history", "writer@main").stdout
    assert f"drifted: resource {VALUE} of writer--main" in history
    assert "we move" in history


@contextmanager
def recorded(emulator: Emulator) -> Iterator[None]:
    """CloudTrail has what happens inside."""

    def say(said: str) -> None:
        body = json.dumps({"cloudtrail._recording_enabled": said}).encode()
        urlopen(Request(f"{emulator.endpoint}/_ministack/config", body, {"Content-Type": "application/json"})).close()

    say("true")
    try:
        yield
    finally:
        say("false")


@contextmanager
def serving(bench: Workbench, settings: str) -> Iterator[str]:
    bench.write("pyproject.toml", (bench.root / "pyproject.toml").read_text() + settings)
    process = bench.start("serve", "--port", "0")
    try:
        yield said(process, "serving").split()[-1]
    finally:
        process.kill()
        process.communicate()


def test_a_server_looks_by_itself_sees_what_others_see_and_plans_with_no_stack_that_is_gone(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    assert bench.apply().returncode == 0
    emulator.sessions().ssm(target).put_parameter(Name="/writer/bus", Type="String", Value="my", Overwrite=True)
    with serving(bench, '[tool.odmd.drift]\nevery = "1d"\nresources = true\n') as server:
        there = {"ODMD_SERVER": server}
        until(lambda: "drifted" in {one["state"] for one in bench.data("status", "--server", server)})
        (kept,) = found(bench, "writer@main", "--resources", **there).values()
        assert (kept["by"], [one["what"] for one in kept["findings"]]) == ("odmd", [VALUE])
        assert found(bench, "writer@main", "--resources") == {"writer/b..main": kept}, "whoever asks: that look stands"
        (anew,) = found(bench, "writer@main", "--resources", "--now").values()
        assert (anew["by"], anew["findings"]) == (getpass.getuser() + "@" + socket.gethostname(), kept["findings"])
        done = bench.odmd("drift", "accept", "writer@main", "--message", "ours", **there)
        assert done.returncode == 0, done.stderr
        assert anew["findings"][0]["id"] in done.stdout, "it is shown what is accepted"
        assert found(bench, "writer@main")["writer/b..main"]["accepted"][0]["accepted"]["why"] == "ours"

        delete(emulator, target, "reader--main")
        assert "because: drifted: stack of reader--main" in bench.odmd("plan", **there).stdout
        reverted = bench.odmd("drift", "revert", "reader@main", "--yes", **there)
        assert reverted.returncode == 0, reverted.stdout + reverted.stderr
        assert emulator.sessions().cloudformation(target).describe_stacks(StackName="reader--main")["Stacks"]
