"""What is gated waits for an answer, and what is promoted follows what was deployed before it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import WRITER, Workbench, bus

OWN_BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": {"Ref": "AWS::StackName"}}}
PROMOTED = """
prod = Stage("prod", Account("dev", "{account}"), "us-west-1")
foundation_prod = Foundation(on=Promoted(foundation), at=prod)
writer_prod = Writer(on=Promoted(writer, by=team), at=prod, bus=foundation_prod.bus)
acme = Organisation(
    "acme", central=dev.account, envers=[foundation, reader, writer, foundation_prod, writer_prod], stages=[dev, prod]
)
"""


def states(bench: Workbench) -> dict[str, str]:
    return {enver["enver"]: enver["state"] for enver in bench.data("status")}


def commit_of(bench: Workbench, enver: str) -> str:
    return next(one["commit"] for one in bench.data("status") if one["enver"] == enver)


def last(bench: Workbench, enver: str) -> Any:
    return bench.data("runs", enver)[0]


@pytest.fixture
def gated(bench: Workbench) -> Workbench:
    """The writer takes a new bus only when the team says so."""
    contracts = (bench.root / "contracts.py").read_text()
    bench.write(
        "contracts.py",
        contracts.replace("at=dev, bus=foundation.bus)\nacme", "at=dev, bus=foundation.bus.gated(by=team))\nacme"),
    )
    return bench


@pytest.fixture
def promoted(bench: Workbench, target: Target) -> Workbench:
    """A second stage, whose writer takes a new commit only when the team says so."""
    contracts = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", contracts.partition("acme = Organ")[0] + PROMOTED.format(account=target.account))
    # Two stages in one account: no name that both would have.
    bench.commit("foundation", {"": {**bus("one"), "Resources": {"Bus": OWN_BUS}}})
    bench.commit("writer", {"": {**WRITER, "Resources": {"Target": parameter()}}})
    return bench


def parameter(**more: str) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "OdmdInBus"}, **more}}


def test_a_gated_value_waits_for_its_approval_and_the_old_one_stays_until_then(gated: Workbench) -> None:
    done = gated.apply()
    assert done.returncode == 0, done.stderr
    assert states(gated) == {
        "foundation/b..main": "deployed",
        "reader/b..main": "deployed",
        "writer/b..main": "asks",
    }
    assert "odmd approve writer@main" in gated.odmd("status").stdout
    plan = gated.odmd("plan").stdout
    assert "nothing to do" in plan
    assert "bus waits for an approval by team platform" in plan
    assert gated.odmd("approve", "writer@main", "-m", "seen").returncode == 0
    assert states(gated)["writer/b..main"] == "deployed"

    gated.commit("foundation", {"": bus("two")})
    assert gated.apply().returncode == 0
    statuses = {
        value["value"]["version"]: value["value"]["status"] for value in gated.data("values", "foundation@main/bus")
    }
    assert statuses == {1: "superseded", 2: "current"}, "the writer still runs with the first"
    assert "odmd approve writer@main" in gated.odmd("why", "writer@main").stdout
    assert gated.odmd("approve", "writer@main").returncode == 0
    assert last(gated, "writer@main")["mode"] == "values only"
    statuses = {
        value["value"]["version"]: value["value"]["status"] for value in gated.data("values", "foundation@main/bus")
    }
    assert statuses == {1: "retired", 2: "current"}


def test_a_rejected_value_stays_out_until_there_is_another_one(gated: Workbench) -> None:
    gated.apply()
    gated.odmd("approve", "writer@main")
    gated.commit("foundation", {"": bus("two")})
    gated.apply()
    assert gated.odmd("reject", "writer@main", "-m", "not on a Friday").returncode == 0
    before = last(gated, "writer@main")["id"]
    assert gated.apply().returncode == 0
    assert last(gated, "writer@main")["id"] == before
    assert states(gated)["writer/b..main"] == "deployed"
    gated.commit("foundation", {"": bus("three")})
    gated.apply()
    assert states(gated)["writer/b..main"] == "asks"


def test_what_is_promoted_follows_and_what_needs_an_approver_asks(promoted: Workbench) -> None:
    plan = promoted.odmd("plan").stdout
    assert "foundation@s..prod" in plan
    assert "by approval" in plan
    done = promoted.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert states(promoted) == {
        "foundation/b..main": "deployed",
        "foundation/s..prod": "deployed",
        "reader/b..main": "deployed",
        "writer/b..main": "deployed",
        "writer/s..prod": "asks",
    }
    assert promoted.odmd("approve", "writer@prod").returncode == 0
    first = commit_of(promoted, "writer/b..main")
    assert commit_of(promoted, "writer/s..prod") == first

    second = promoted.commit("writer", {"": {**WRITER, "Resources": {"Target": parameter(Description="new")}}})
    assert promoted.apply().returncode == 0
    assert commit_of(promoted, "writer/b..main") == second
    assert commit_of(promoted, "writer/s..prod") == first
    assert second[:7] in promoted.odmd("why", "writer@prod").stdout
    assert (
        f"writer@s..prod: its new commit waits for an approval by team platform: {second[:7]}"
        in promoted.odmd("plan").stdout
    )
    assert promoted.odmd("approve", "writer@prod", "commit").returncode == 0
    assert commit_of(promoted, "writer/s..prod") == second


def test_an_automatic_promotion_waits_for_its_origin_and_runs_once(promoted: Workbench) -> None:
    promoted.apply()
    runs = len(promoted.data("runs", "foundation@prod"))
    changed = {**bus("one"), "Resources": {"Bus": OWN_BUS, "Dead": {"Type": "AWS::SQS::Queue"}}}
    head = promoted.commit("foundation", {"": changed})
    assert promoted.apply().returncode == 0
    assert len(promoted.data("runs", "foundation@prod")) == runs + 1
    origin, follower = last(promoted, "foundation@main"), last(promoted, "foundation@prod")
    assert (origin["fingerprint"]["commit"], follower["fingerprint"]["commit"]) == (head, head)
    assert follower["started_at"] >= origin["finished_at"]


def test_a_stack_that_no_enver_made_is_adopted_only_when_somebody_says_so(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    formation = emulator.sessions().cloudformation(target)
    template = {"Resources": {"Bus": bus("one")["Resources"]["Bus"]}}
    formation.create_stack(StackName="foundation--main", TemplateBody=json.dumps(template))
    assert "+ create foundation@main" in bench.odmd("plan").stdout

    done = bench.apply()
    assert done.returncode == 1
    assert "ODMD213 stack foundation--main is in" in done.stdout
    assert "`odmd approve foundation@main data` adopts it" in done.stdout
    assert not formation.describe_stacks(StackName="foundation--main")["Stacks"][0].get("Tags")
    assert {step["action"] for stage in bench.data("plan")["plan"]["stages"] for step in stage["steps"]} == {
        "adopt",
        "create",
    }

    assert bench.odmd("approve", "foundation@main", "data").returncode == 0
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}
    tags = formation.describe_stacks(StackName="foundation--main")["Stacks"][0].get("Tags", [])
    assert {"Key": "odmd:enver", "Value": "foundation/b..main"} in tags


def test_a_stage_may_have_all_that_would_change_approved_as_it_is(bench: Workbench) -> None:
    said = (bench.root / "contracts.py").read_text()
    of_team = said.replace('team, dev = Team("platform"), Stage(', 'team = Team("platform")\ndev = Stage(')
    bench.write(
        "contracts.py", of_team.replace('"us-west-1")', '"us-west-1", approval=Approval(team, changes=True))', 1)
    )
    plan = bench.odmd("plan")
    assert "what it would change waits for an approval by team platform" in plan.stdout, plan.stderr
    first = bench.odmd("apply", "--yes")
    assert "ODMD135 foundation--main: Add Bus (AWS::Events::EventBus)" in first.stdout + first.stderr
    assert "`odmd approve foundation@main changes` lets them happen" in first.stdout + first.stderr
    assert states(bench)["foundation/b..main"] == "asks"
    done = bench.odmd("approve", "--stage", "dev", "--yes", "-m", "as planned")
    assert "reader@main: changes: reader--main: Add Queue (AWS::SQS::Queue)" in done.stdout
    assert "waits for team platform to approve it" in done.stdout
    assert states(bench)["foundation/b..main"] == "deployed"
    bench.odmd("approve", "--all", "--yes")
    assert (states(bench)["reader/b..main"], states(bench)["writer/b..main"]) == ("deployed", "asks")
    assert bench.odmd("reject", "writer@main", "changes", "-m", "not now").returncode == 0
    assert "writer" not in bench.odmd("status").stdout.partition("asks")[2]
    assert "as planned" in bench.odmd("why", "foundation@main").stdout
