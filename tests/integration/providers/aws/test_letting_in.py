"""Wires across accounts on the emulator, which asks the policies of queues, topics and buckets, and keeps those of
buses without asking them."""

from __future__ import annotations

import itertools
import json
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from odmd.graph import Compiled, compile_contracts
from odmd.graph.rights.letting import documents, let_in
from odmd.model import (
    READ,
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, Queue
from odmd.model.targets import Target
from odmd.providers.aws import Emulator

_accounts = itertools.count(240_000_000_001)
TEAM, MAIN, REGION = Team("platform"), Branch("main"), "us-west-1"


class Hall(CdkEnver, build=Build("hall", Repo("acme/hall", TEAM))):
    orders: Produces[Queue[str]] = produced("orders", tells_consumers=True)
    bus: Produces[EventBus[str]] = produced("what happens", tells_consumers=True)


class Guest(CdkEnver, build=Build("guest", Repo("acme/guest", TEAM))):
    orders: Consumes[Queue[str]] = consumed("orders", access=WRITE)
    bus: Consumes[EventBus[str]] = consumed("what happens", access=READ)


class Passer(CdkEnver, build=Build("passer", Repo("acme/passer", TEAM))):
    """Consumes nothing."""

    bus: Produces[EventBus[str]] = produced("of its own", external=True)


def contracts(near: str, far: str) -> Compiled:
    here, there = (Stage(name, Account(name, id), REGION) for name, id in (("near", near), ("far", far)))
    hall = Hall(on=MAIN, at=here)
    guest = Guest(on=MAIN, at=there, orders=hall.orders, bus=hall.bus)
    envers = [hall, guest, Passer(on=MAIN, at=there)]
    return compile_contracts(Organisation("acme", central=here.account, envers=envers))


def template(made: Compiled) -> dict[str, Any]:
    """What an app in any language makes of the statements that it is told."""
    resources: dict[str, Any] = {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "happens"}}}
    resources["Orders"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}
    lets = list(let_in(made.graph, made.kinds, ["hall/b..main/orders"]))
    said = [{**one, "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}} for one in documents(lets)]
    policy = {"Queues": [{"Ref": "Orders"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": said}}
    resources["Policy"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}
    for number, one in enumerate(documents(let_in(made.graph, made.kinds, ["hall/b..main/bus"]))):
        of_bus = {"EventBusName": {"Ref": "Bus"}, "StatementId": one["Sid"], "Statement": one}
        resources[f"BusPolicy{number}"] = {"Type": "AWS::Events::EventBusPolicy", "Properties": of_bus}
    return {"Resources": resources}


def role(emulator: Emulator, target: Target, name: str) -> Any:
    """A role as a stack makes it, that its own account lets send anywhere; and clients of whoever has it."""
    iam = cast("Any", emulator.sessions().reader("iam", target))
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{target.account}:root"}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document)
    sts = emulator.sessions().sts(target)
    given = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "sqs",
        endpoint_url=emulator.endpoint,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def test_who_consumes_may_and_who_is_beside_him_may_not(emulator: Emulator) -> None:
    near, far = (Target(str(next(_accounts)), REGION) for _ in range(2))
    made = contracts(near.account, far.account)
    sessions = emulator.sessions()
    cloudformation = sessions.cloudformation(near)
    cloudformation.create_stack(StackName="hall--main", TemplateBody=json.dumps(template(made)))
    (stack,) = cloudformation.describe_stacks(StackName="hall--main")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    url = cast("Any", sessions.reader("sqs", near)).get_queue_url(QueueName="orders")["QueueUrl"]

    guest = role(emulator, far, "guest--main-Handler-ABC")
    guest.send_message(QueueUrl=url, MessageBody="tea")
    with pytest.raises(ClientError, match="AccessDenied"):
        guest.receive_message(QueueUrl=url)
    with pytest.raises(ClientError, match="AccessDenied"):
        role(emulator, far, "passer--main-Handler-ABC").send_message(QueueUrl=url, MessageBody="tea")

    kept = sessions.events(near).describe_event_bus(Name="happens").get("Policy", "")
    assert "events:PutRule" in kept
    assert f"arn:aws:iam::{far.account}:role/odmd-exec-us-west-1-branch-guest" in kept
    assert "events:PutEvents" not in kept
    cloudformation.delete_stack(StackName="hall--main")
    with pytest.raises(ClientError):
        sessions.events(near).describe_event_bus(Name="happens")
