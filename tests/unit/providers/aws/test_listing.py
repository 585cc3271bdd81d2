"""Nested change sets as AWS describes them; the emulator has none, so botocore's stubber answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.stub import Stubber

from odmd.control.running.proposal import ResourceChange
from odmd.model.targets import Target
from odmd.providers.aws import Sessions
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.listing import Listing
from odmd.providers.aws.stacks import Stacks

HERE = Target("111122223333", "us-east-1")
INNER, DEEP = (f"arn:aws:cloudformation:us-east-1:111122223333:stack/{name}/1" for name in ("i", "d"))
NESTED, TABLE = "AWS::CloudFormation::Stack", "AWS::DynamoDB::Table"


def template(**resources: Mapping[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def change(action: str, name: str, type: str, **more: Any) -> dict[str, Any]:
    said = {"Action": action, "LogicalResourceId": name, "ResourceType": type, **more}
    return {"Type": "Resource", "ResourceChange": said}


@pytest.fixture
def aws() -> Iterator[Stubber]:
    """Answers in their order."""
    sessions = Sessions(endpoint="http://127.0.0.1:1", emulated=True)
    with Stubber(sessions.cloudformation(HERE)) as stub:
        stub.sessions = sessions  # type: ignore[attr-defined]
        yield stub
        stub.assert_no_pending_responses()


def describes(aws: Stubber, change_set: str, *changes: dict[str, Any]) -> None:
    aws.add_response(
        "describe_change_set",
        {"Changes": changes},
        {"ChangeSetName": change_set},
    )


def runs(aws: Stubber, stack: str, body: str, change_set: str | None = None) -> None:
    wanted = {"StackName": stack} | ({"ChangeSetName": change_set} if change_set else {"TemplateStage": "Processed"})
    aws.add_response("get_template", {"TemplateBody": body}, wanted)


def listing(aws: Stubber) -> Listing:
    sessions = cast("Sessions", aws.sessions)  # type: ignore[attr-defined]
    return Listing(sessions, Stacks(sessions), Assets(Bootstrapping(sessions)), HERE)


def listed(aws: Stubber, outer: str, *changes: dict[str, Any]) -> list[ResourceChange]:
    made = StackTemplate("o", outer, (), (), ())
    return list(listing(aws).changes(made, {}, cast("Any", {"ChangeSetId": "cs", "Changes": changes}), update=True))


def test_what_nested_change_sets_say_is_listed_at_every_depth_with_its_policies(aws: Stubber) -> None:
    kept = {"Type": TABLE, "DeletionPolicy": "Retain"}
    stack = {"StackName": "o", "CreationTime": datetime(2030, 1, 1, tzinfo=UTC), "StackStatus": "CREATE_COMPLETE"}
    aws.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "o"})
    runs(aws, "o", template(Data={"Type": NESTED}))
    runs(aws, INNER, template(Gone={"Type": TABLE}, Kept=kept, Deep={"Type": NESTED}))
    runs(aws, INNER, template(Deep={"Type": NESTED}), "inner-cs")
    describes(
        aws,
        "inner-cs",
        change("Remove", "Gone", TABLE, PolicyAction="Delete"),
        change("Remove", "Kept", TABLE, PolicyAction="Retain"),
        change("Modify", "Deep", NESTED, PhysicalResourceId=DEEP, ChangeSetId="deep-cs"),
    )
    runs(aws, DEEP, template(Rows={"Type": TABLE}))
    runs(aws, DEEP, template(Rows={"Type": TABLE}), "deep-cs")
    describes(aws, "deep-cs", change("Modify", "Rows", TABLE, Replacement="True", PolicyAction="ReplaceAndDelete"))

    found = listed(
        aws,
        template(Data={"Type": NESTED}),
        change("Modify", "Data", NESTED, PhysicalResourceId=INNER, ChangeSetId="inner-cs"),
    )

    assert [one.logical_id for one in found] == ["Data", "Data/Gone", "Data/Kept", "Data/Deep", "Data/Deep/Rows"]
    assert [one.logical_id for one in found if one.is_loss] == ["Data/Gone", "Data/Deep/Rows"]


def test_a_flat_change_set_costs_no_further_call(aws: Stubber) -> None:
    (found,) = listed(aws, template(Rows={"Type": TABLE}), change("Modify", "Rows", TABLE, Replacement="Conditional"))
    assert found.is_loss


def test_why_one_inside_could_not_be_made_is_told(aws: Stubber) -> None:
    inner = INNER.replace(":stack/", ":changeSet/")
    aws.add_response(
        "describe_change_set",
        {"StackName": "i", "Status": "FAILED", "StatusReason": "Template format error: nothing here"},
        {"ChangeSetName": inner},
    )
    said = f"Nested change set {inner} was not successfully created: Currently in FAILED."
    outer = cast("Any", {"Status": "FAILED", "StatusReason": said})
    assert listing(aws).why_failed(outer) == "i: Template format error: nothing here"
