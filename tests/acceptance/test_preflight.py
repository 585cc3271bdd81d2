"""What is missing is said at once, before anything moves, with the commands that mend it; then it deploys."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Sessions
from odmd.providers.aws.emulator import Emulator
from support.workbench import READER, WRITER, Workbench

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "preflight.md").read_text()
LIMIT, KEY = "/shop/limit", "orders-key"


def lacking() -> dict[str, Any]:
    """The stack of writer, which reads a parameter and a secret that nobody made."""
    made: dict[str, Any] = json.loads(json.dumps(WRITER))
    made["Parameters"]["Limit"] = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": LIMIT}
    text = f"{{{{resolve:secretsmanager:{KEY}:SecretString}}}}"
    made["Resources"]["Key"] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "keys", "Tags": [{"Key": "k", "Value": text}]},
    }
    return made


def as_printed(sessions: Sessions, target: Target, command: str) -> None:
    """Does what a printed command of the AWS command line does, and nothing that it does not say."""
    program, service, does, *options = shlex.split(command)
    assert program == "aws"
    words = iter(options)
    said = {name.removeprefix("--"): next(words) for name in words}
    api: Any = sessions.reader(service, Target(target.account, said["region"]))
    match does:
        case "put-parameter":
            api.put_parameter(Name=said["name"], Type=said["type"], Value="3")
        case "create-secret":
            api.create_secret(Name=said["name"], SecretString="tell nobody")  # in an emulator
        case _:
            pytest.fail(f"nobody knows {command}")


def test_two_things_that_are_missing_are_said_at_once_and_mended_by_the_commands_that_are_printed(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    assert bench.apply().returncode == 0
    bench.commit("writer", {"": lacking()})

    failed = bench.apply()
    assert failed.returncode == 1
    assert "ODMD050 2 things that writer@main needs are missing; nothing was changed:" in failed.stdout
    for what in (f"reads {LIMIT} from the parameter store", f"there is no secret {KEY}"):
        assert failed.stdout.count(what) == 1
    (enver,) = (one for one in bench.data("status") if one["enver"] == "writer/b..main")
    assert not [
        step
        for step in bench.data("runs", str(enver["last_run"]))["steps"]
        if "propose" in step["step"] and step["done"]
    ]
    queues: Any = emulator.sessions().reader("sqs", target)
    assert not [url for url in queues.list_queues().get("QueueUrls", ()) if url.endswith("/keys")]

    looked = bench.odmd("preflight", "--json")
    assert looked.returncode == 1
    missing = [one for one in json.loads(looked.stdout)["proofs"] if one["verdict"] == "missing"]
    assert {(one["sort"], one["code"], one["what"]) for one in missing} == {
        ("reference", "ODMD051", f"SSM {LIMIT}"),
        ("secret", "ODMD051", KEY),
    }
    planned = bench.odmd("plan", "--check")
    assert planned.returncode == 1
    assert "2 missing" in planned.stdout

    for one in missing:
        assert one["next_step"] in planned.stdout
        assert one["next_step"] in GUIDE, "as the guide shows it"
        as_printed(emulator.sessions(), target, one["next_step"])
    looked = bench.odmd("preflight", "writer@main")
    assert (looked.returncode, looked.stderr) == (0, "")
    assert "missing" not in looked.stdout
    assert "tell nobody" not in looked.stdout
    assert bench.apply().returncode == 0
    assert bench.data("preflight")["proofs"] == []


def test_a_name_of_anothers_is_found_before_the_stacks_beside_it_move(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    ssm = emulator.sessions().ssm(target)
    ssm.put_parameter(Name="/reader/limit", Type="String", Value="3")
    own = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/reader/limit", "Type": "String", "Value": "4"}}
    bench.commit("reader", {"": READER, "limits": {"Resources": {"Limit": own}}})
    failed = bench.apply()
    assert failed.returncode == 1
    assert "ODMD053 stack reader-limits--main would make AWS::SSM::Parameter /reader/limit" in failed.stdout
    stacks = emulator.sessions().cloudformation(target).describe_stacks()["Stacks"]
    assert not [one for one in stacks if one["StackName"].startswith("reader")], "not even the first one"
    ssm.delete_parameter(Name="/reader/limit")
    assert bench.apply().returncode == 0


def test_who_says_which_envers_and_all_is_wrong(bench: Workbench) -> None:
    assert bench.odmd("preflight", "writer@main", "--all").returncode == 2
    unknown = bench.odmd("preflight", "nobody@main")
    assert (unknown.returncode, "nobody@main is not in the contracts" in unknown.stderr) == (1, True)
    assert bench.odmd("plan", "--check", "--format", "html").returncode == 2
    assert not (bench.root / ".odmd" / "state.db").exists(), "it makes nothing"
