"""Data in stacks inside is asked about as in the stack itself: by what CloudFormation says, or by their templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from aws_worlds import EmulatedWorld, stack

from odmd.control.running.proposal import ResourceChange
from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from odmd.providers.aws.cloud_assembly import StackTemplate

Template = Mapping[str, Any]


def table(key: str = "id", **more: Any) -> dict[str, Any]:
    properties = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": {**properties, **more.pop("Properties", {})}, **more}


def template(parameters: Template | None = None, **resources: Template) -> Template:
    topic = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}
    return {"Parameters": parameters or {}, "Resources": {**topic, **resources}}


class Site:
    """An account in which one stack is deployed again and again."""

    def __init__(self, emulator: Emulator) -> None:
        self.world = EmulatedWorld(emulator)
        self.target: Target = self.world.target
        self.bucket = f"cdk-hnb659fds-assets-{self.target.account}-{self.target.region}"
        self._run = 0

    def nested(self, inner: Template, given: Template | None = None, **more: Any) -> dict[str, Any]:
        """A stack inside with this template, which is put where CDK puts it."""
        text = json.dumps(inner)
        key = f"{hashlib.sha256(text.encode()).hexdigest()}.json"
        self.world.sessions.s3(self.target).put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        of_place = {"Fn::Sub": f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{self.bucket}/{key}"}
        properties = {"TemplateURL": of_place, **({"Parameters": given} if given else {})}
        return {"Type": "AWS::CloudFormation::Stack", "Properties": properties, **more}

    def deploy(self, outer: Template, **parameters: str) -> None:
        stack, changes = self._proposed(outer, parameters)
        self.world.cloud.execute(changes, self.target, lambda _line: None)
        del stack

    def lost(self, outer: Template, **parameters: str) -> list[str]:
        """What an update to this template would lose."""
        _, proposed = self._proposed(outer, parameters)
        return [one.logical_id for one in proposed.changes if one.is_loss]

    def changes(self, outer: Template, **parameters: str) -> tuple[ResourceChange, ...]:
        return self._proposed(outer, parameters)[1].changes

    def _proposed(self, outer: Template, parameters: Mapping[str, str]) -> tuple[StackTemplate, Any]:
        self._run += 1
        made = stack("orders--main", outer["Resources"], {}, outer["Parameters"])
        name = f"odmd-run-{self._run}-1"
        return made, self.world.cloud.propose(made, parameters, name, "", self.target)


@pytest.fixture(scope="module")
def site(emulator: Emulator) -> Site:
    made = Site(emulator)
    named = {"Name": {"Type": "String"}}
    orders = {
        "Orders": table(),
        "Kept": table(DeletionPolicy="Retain"),
        "Named": table(Properties={"TableName": {"Ref": "Name"}}),
        "Deep": made.nested(template(Deepest=table())),
    }
    made.deploy(
        template({"Of": {"Type": "String"}}, Data=made.nested(template(named, **orders), {"Name": {"Ref": "Of"}})),
        Of="first",
    )
    return made


def outer(site: Site, given: object | None = None, **changed: Any) -> Template:
    """The stack with its stack inside, in which some resources are others, or (None) are none."""
    named = {"Name": {"Type": "String"}}
    orders = {
        "Orders": table(),
        "Kept": table(DeletionPolicy="Retain"),
        "Named": table(Properties={"TableName": {"Ref": "Name"}}),
        "Deep": site.nested(template(Deepest=table())),
    }
    inner = template(named, **{name: one for name, one in (orders | changed).items() if one is not None})
    return template({"Of": {"Type": "String"}}, Data=site.nested(inner, {"Name": given or {"Ref": "Of"}}))


def test_nothing_is_asked_where_no_data_is_touched(site: Site) -> None:
    assert site.lost(outer(site), Of="first") == []
    queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
    assert site.lost(outer(site, More=queue), Of="first") == [], "something comes"
    recovery = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    assert site.lost(outer(site, Orders=table(Properties=recovery)), Of="first") == [], "it changes in place"


def test_a_table_whose_key_changes_is_replaced(site: Site) -> None:
    (change,) = [one for one in site.changes(outer(site, Orders=table("pk")), Of="first") if one.is_loss]
    assert (change.logical_id, change.replacement, change.cause) == ("Data/Orders", "True", "KeySchema")


def test_a_table_that_goes_is_lost_unless_its_policy_keeps_it(site: Site) -> None:
    assert site.lost(outer(site, Orders=None, Kept=None), Of="first") == ["Data/Orders"]


def test_a_table_named_by_a_parameter_is_replaced_with_it(site: Site) -> None:
    assert site.lost(outer(site), Of="second") == ["Data/Named"]
    assert site.lost(outer(site, given="second"), Of="first") == ["Data/Named"]


def test_a_resource_that_becomes_another_type_takes_its_data_along(site: Site) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
    assert site.lost(outer(site, Orders=queue), Of="first") == ["Data/Orders"]


def test_it_is_so_at_every_depth(site: Site) -> None:
    deep = site.nested(template(Deepest=table("pk")))
    assert site.lost(outer(site, Deep=deep), Of="first") == ["Data/Deep/Deepest"]
    assert site.lost(outer(site, Deep=None), Of="first") == ["Data/Deep/Deepest"]


def test_a_stack_inside_that_goes_takes_all_of_it_along(site: Site) -> None:
    gone = site.lost(template({"Of": {"Type": "String"}}), Of="first")
    assert sorted(gone) == ["Data/Deep/Deepest", "Data/Named", "Data/Orders"]


def test_what_cannot_be_read_is_asked_about(site: Site) -> None:
    unread = outer(site)
    nested = cast("dict[str, Any]", unread["Resources"]["Data"])
    nested["Properties"]["TemplateURL"] = {"Fn::GetAtt": ["Topic", "TopicName"]}
    gone = site.lost(unread, Of="first")
    assert sorted(gone) == ["Data/Deep/Deepest", "Data/Named", "Data/Orders"]
