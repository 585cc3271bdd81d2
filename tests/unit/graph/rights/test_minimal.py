"""What a deployment of a small shop asks of AWS, written down by hand: all of it is allowed, and no statement is there
that nothing of it needs.

What IAM does is on the emulator only in part (`tests/integration/providers/aws/test_role_stacks.py`); here the
statements are asked themselves, without their conditions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from shops import ACCOUNT, DEV, PROD, Item, bootstrap, compiled

from odmd.graph.rights.explain import explained
from odmd.graph.rights.statements import Statement
from odmd.model import (
    READ_WRITE,
    AlarmCheck,
    Branch,
    Build,
    CdkEnver,
    CommandCheck,
    Config,
    Consumes,
    NeededSecret,
    Produces,
    Promoted,
    Repo,
    SuiteCheck,
    Team,
    configured,
    consumed,
    needed,
    produced,
)
from odmd.model.kinds import EventBus, Queue, Table

TEAM = Team("platform")


@dataclass
class Open:
    late: bool = False


class Kitchen(CdkEnver, build=Build("kitchen", Repo("acme/kitchen", TEAM))):
    bus: Produces[EventBus[Item]] = produced("orders", external=True)
    counter: Produces[Table[Item]] = produced("how many", external=True)


class Bar(CdkEnver, build=Build("bar", Repo("acme/bar", TEAM))):
    bus: Consumes[EventBus[Item]] = consumed("orders")
    counter: Consumes[Table[Item]] = consumed("how many", access=READ_WRITE)
    queue: Produces[Queue[Item]] = produced("to do", external=True)
    open: Config[Open] = configured("when", read="live")
    key: NeededSecret = needed("for the till")


CHECKS = (
    AlarmCheck(("bar-errors",)),
    SuiteCheck("tests", network=True, may=("sqs:SendMessage", "cognito-idp:AdminGetUser")),
    CommandCheck("true", network=True, may=("sqs:SendMessage", "logs:FilterLogEvents")),
)
kitchen = Kitchen(on=Branch("main"), at=DEV)
bar = Bar(on=Branch("main"), at=DEV, bus=kitchen.bus, counter=kitchen.counter)
bar_prod = Bar(on=Promoted(bar), at=PROD, bus=kitchen.bus, counter=kitchen.counter, verified_by=CHECKS)
FOUND = bootstrap(compiled(kitchen, bar, bar_prod))
STACK, IAM = "bar--s--prod", f"arn:aws:iam::{ACCOUNT}"


def at(service: str, rest: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{rest}"


ASSETS = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-eu-west-1"
ASSET = f"{ASSETS}/{'1234' * 16}"
ROLE = f"{IAM}:role/{STACK}-HandlerRole-ABC"
RULE = at("events", f"rule/kitchen-main-orders/{STACK}-Rule-ABC")
CALLS: dict[str, list[tuple[str, str]]] = {
    "odmd-deploy-eu-west-1-promoted-bar": [
        ("cloudformation:CreateChangeSet", at("cloudformation", f"stack/{STACK}/*")),
        ("cloudformation:ExecuteChangeSet", at("cloudformation", "stack/bar-data--s--prod/1")),
        ("cloudformation:DescribeStackEvents", at("cloudformation", f"stack/{STACK}-Inner-ABC/1")),
        ("cloudformation:ListStacks", "*"),
        ("iam:PassRole", f"{IAM}:role/odmd-exec-eu-west-1-promoted-bar"),
        ("s3:ListBucket", ASSETS),
        ("s3:GetObject", f"{ASSET}.zip"),
        ("s3:PutObject", f"{ASSET}.zip"),
        ("s3:PutObject", f"{ASSETS}/odmd/templates/bar/promoted/{'1234' * 16}.json"),
        ("ssm:GetParameter", at("ssm", "parameter/cdk-bootstrap/hnb659fds/version")),
        ("ssm:PutParameter", at("ssm", "parameter/odmd-bar/s..prod/config/open")),
        ("cloudwatch:DescribeAlarms", "*"),
        ("secretsmanager:DescribeSecret", at("secretsmanager", "secret:till-AbCdEf")),
    ],
    "odmd-deploy-eu-west-1-branch-kitchen": [
        ("cloudformation:CreateChangeSet", at("cloudformation", "stack/kitchen--main/*")),
        ("cloudformation:ListStackResources", at("cloudformation", "stack/kitchen--main-Inner-ABC/1")),
        ("cloudformation:ListStacks", "*"),
        ("iam:PassRole", f"{IAM}:role/odmd-exec-eu-west-1-branch-kitchen"),
        ("s3:GetBucketLocation", ASSETS),
        ("s3:GetObject", ASSET),
        ("s3:PutObject", ASSET),
        ("ssm:GetParameter", at("ssm", "parameter/cdk-bootstrap/hnb659fds/version")),
        ("events:ListTagsForResource", at("events", "event-bus/kitchen-main-orders")),
        ("events:ListRules", at("events", "event-bus/kitchen-main-orders")),
        ("events:DeleteEventBus", at("events", "event-bus/kitchen-main-orders")),
        ("cloudformation:CreateChangeSet", at("cloudformation", "stack/odmd-bridge-kitchen-b--main-bus-1/1")),
    ],
    "odmd-verify-eu-west-1-promoted-bar": [
        ("sqs:SendMessage", at("sqs", f"{STACK}-Queue-ABC")),
        ("logs:FilterLogEvents", at("logs", f"log-group:/aws/lambda/{STACK}-Handler-ABC:log-stream:")),
        ("cognito-idp:AdminGetUser", "*"),
    ],
    "odmd-exec-eu-west-1-promoted-bar": [
        ("cloudformation:CreateStack", at("cloudformation", f"stack/{STACK}-Inner-ABC/1")),
        ("cloudwatch:PutMetricAlarm", at("cloudwatch", f"alarm:{STACK}-Alarm-ABC")),
        ("cloudwatch:DescribeAlarms", "*"),
        ("events:PutRule", at("events", f"rule/{STACK}-Hourly-ABC")),
        ("events:PutRule", RULE),
        ("iam:CreateInstanceProfile", f"{IAM}:instance-profile/{STACK}-Profile-ABC"),
        ("iam:CreatePolicy", f"{IAM}:policy/{STACK}-Policy-ABC"),
        ("iam:CreateRole", ROLE),
        ("iam:CreateServiceLinkedRole", "*"),
        ("iam:PassRole", ROLE),
        ("lambda:CreateFunction", at("lambda", f"function:{STACK}-Handler-ABC")),
        ("lambda:CreateEventSourceMapping", "*"),
        ("lambda:ListEventSourceMappings", "*"),
        ("lambda:TagResource", at("lambda", "event-source-mapping:1234")),
        ("logs:CreateLogGroup", at("logs", f"log-group:/aws/lambda/{STACK}-Handler-ABC")),
        ("logs:DescribeLogGroups", "*"),
        ("s3:CreateBucket", f"arn:aws:s3:::{STACK}-bucket-abc"),
        ("s3:GetObject", f"{ASSET}.zip"),
        ("sqs:CreateQueue", at("sqs", f"{STACK}-Queue-ABC")),
        ("ssm:PutParameter", at("ssm", f"parameter/{STACK}-Limit-ABC")),
        ("xray:CreateGroup", "*"),
    ],
    "odmd-boundary-eu-west-1-promoted-bar@s..prod": [
        ("cloudwatch:SetAlarmState", at("cloudwatch", f"alarm:{STACK}-Alarm-ABC")),
        ("cloudwatch:PutMetricData", "*"),
        ("dynamodb:UpdateItem", at("dynamodb", "table/kitchen-main-counter")),
        ("events:DescribeEventBus", at("events", "event-bus/kitchen-main-orders")),
        ("events:PutEvents", at("events", f"event-bus/{STACK}-Own-ABC")),
        ("lambda:InvokeFunction", at("lambda", f"function:{STACK}-Handler-ABC")),
        ("lambda:GetEventSourceMapping", "*"),
        ("lambda:ListEventSourceMappings", "*"),
        ("lambda:ListTags", at("lambda", "event-source-mapping:1234")),
        ("logs:PutLogEvents", at("logs", f"log-group:/aws/lambda/{STACK}-Handler-ABC:log-stream:1")),
        ("logs:DescribeLogGroups", "*"),
        ("s3:GetObject", f"arn:aws:s3:::{STACK}-bucket-abc/one"),
        ("secretsmanager:GetSecretValue", at("secretsmanager", "secret:till-AbCdEf")),
        ("sqs:SendMessage", at("sqs", f"{STACK}-Queue-ABC")),
        ("ssm:GetParameter", at("ssm", "parameter/odmd-bar/s..prod/config/open")),
        ("xray:PutTraceSegments", "*"),
    ],
}


def statements(name: str) -> tuple[Statement, ...]:
    known = {one.name: one.statements for build in FOUND.builds for one in (*build.roles, *build.boundaries)}
    return known[name]


@pytest.mark.parametrize("name", CALLS)
def test_all_that_is_asked_is_allowed(name: str) -> None:
    assert [call for call in CALLS[name] if not explained([FOUND], name, *call).allowed] == []


@pytest.mark.parametrize("name", CALLS)
def test_without_any_one_statement_something_is_refused(name: str) -> None:
    said = statements(name)
    for one in said:
        left = [it for it in said if it is not one]
        refused = [call for call in CALLS[name] if not any(it.matches(*call) for it in left)]
        assert refused, f"nothing needs {one.why}: {one.actions} on {one.resources}"


OF_OTHERS = (
    ("dynamodb:DeleteTable", at("dynamodb", "table/kitchen-main-counter")),
    ("events:PutEvents", at("events", "event-bus/kitchen-main-orders")),
    ("iam:CreateRole", f"{IAM}:role/kitchen--main-IamRole-ABC"),
    ("iam:PassRole", f"{IAM}:role/odmd-exec-eu-west-1-branch-kitchen"),
    ("lambda:InvokeFunction", at("lambda", "function:kitchen--main-Handler-ABC")),
    ("sqs:SendMessage", at("sqs", "bar--main-Queue-ABC")),
    ("ssm:GetParameter", at("ssm", "parameter/odmd-kitchen/b..main/config/open")),
    ("cloudformation:DeleteStack", at("cloudformation", "stack/bar--main/1")),
    ("s3:DeleteObject", f"{ASSET}.zip"),
    *(
        (action, f"{ASSETS}/odmd/templates/{whose}/{'1234' * 16}.json")
        for action in ("s3:GetObject", "s3:PutObject")
        for whose in ("bar/branch", "kitchen/branch", "b/promoted", "bar/promoted2")
    ),
)


@pytest.mark.parametrize("name", [name for name in CALLS if "promoted-bar" in name])
def test_nothing_of_others_is_allowed(name: str) -> None:
    assert [call for call in OF_OTHERS if explained([FOUND], name, *call).allowed] == []
