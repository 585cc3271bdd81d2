"""Which resource failed, at whatever depth: each stack inside tells it by its own events alone, found by its ARN.

After aws/aws-cdk#5974 and aws/aws-cdk-cli#635. The emulator has no events of stacks inside, so they are written here as
AWS documents them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stack_events import StackEvents, line

HERE = Target("111122223333", "eu-west-1")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOP = "arn:aws:cloudformation:eu-west-1:111122223333:stack/top/0"


def arn(depth: int) -> str:
    return TOP if depth == 0 else f"arn:aws:cloudformation:eu-west-1:111122223333:stack/inner{depth}/0"


def event(at: float, stack: str, name: str, type: str, physical: str, status: str, why: str = "") -> Mapping[str, Any]:
    return {
        "EventId": f"{stack}{at}{name}",
        "StackId": stack,
        "Timestamp": NOON + timedelta(seconds=at),
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "ResourceType": type,
        "ResourceStatus": status,
        "ResourceStatusReason": why,
    }


class Told:
    """Stands for sessions of which each stack's events are asked, newest first."""

    def __init__(self, events: Mapping[str, Sequence[Mapping[str, Any]]], checks: Sequence[Mapping[str, Any]] = ()):
        self.events, self.checks = events, checks

    def cloudformation(self, _target: Target) -> Told:
        return self

    def get_paginator(self, name: str) -> Told:
        self.asked = name
        return self

    def paginate(self, StackName: str = "", **_rest: Any) -> Iterator[Mapping[str, Any]]:
        if self.asked == "describe_events":
            yield {"OperationEvents": self.checks}
        else:
            yield {"StackEvents": self.events[StackName][::-1]}


def nested(depth: int, *, arn_in_reason_only: bool) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for level in range(depth):
        inner, said = arn(level + 1), f"Embedded stack {arn(level + 1)} was not successfully created: [X]"
        physical = "" if arn_in_reason_only else inner
        found[arn(level)] = [
            event(-90, arn(level), "Earlier", "AWS::SQS::Queue", "q", "UPDATE_FAILED", "of an operation before"),
            event(0, arn(level), "s", "AWS::CloudFormation::Stack", arn(level), "UPDATE_IN_PROGRESS"),
            event(3, arn(level), f"L{level}", "AWS::CloudFormation::Stack", physical, "CREATE_FAILED", said),
            event(4, arn(level), "Other", "AWS::SQS::Queue", "q", "CREATE_FAILED", "Resource creation cancelled"),
        ]
    found[arn(depth)] = [
        event(0, arn(depth), "s", "AWS::CloudFormation::Stack", arn(depth), "CREATE_IN_PROGRESS"),
        event(1, arn(depth), "Migration", "Custom::Migration", "m", "CREATE_FAILED", "column is not there"),
        event(2, arn(depth), "Later", "AWS::SQS::Queue", "q", "CREATE_FAILED", "failed after it"),
    ]
    return found


@pytest.mark.parametrize("arn_in_reason_only", [False, True])
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_the_first_that_failed_by_itself_is_told_with_its_path(depth: int, arn_in_reason_only: bool) -> None:
    told = Told(nested(depth, arn_in_reason_only=arn_in_reason_only))
    events = StackEvents(cast("Sessions", told), TOP, HERE)
    events.skip_before(NOON)
    events.fresh()
    path = "/".join([*(f"L{level}" for level in range(depth)), "Migration"])
    assert events.why() == f"{path} (Custom::Migration): column is not there"


def test_a_stack_that_names_itself_is_not_followed_for_ever() -> None:
    loop = event(1, TOP, "Self", "AWS::CloudFormation::Stack", arn(1), "CREATE_FAILED", "inner")
    again = event(1, arn(1), "Self", "AWS::CloudFormation::Stack", arn(1) + "x", "CREATE_FAILED", "inner")
    told = Told({TOP: [loop], arn(1): [again], arn(1) + "x": [{**again, "PhysicalResourceId": arn(1)}]})
    events = StackEvents(cast("Sessions", told), TOP, HERE)
    events.fresh()
    assert "(AWS::CloudFormation::Stack): inner" in events.why()


def test_what_hooks_and_validations_found_is_told_each_once() -> None:
    """After aws/aws-cdk-cli#1463 (only one of several was told)."""
    of = {"LogicalResourceId": "P", "ResourceType": "AWS::IAM::Policy", "Timestamp": NOON + timedelta(seconds=2)}
    checks = [
        {**of, "ValidationStatusReason": "PolicyName is required", "ValidationPath": "/Resources/P"},
        {**of, "ValidationStatusReason": "PolicyDocument is required"},
        {**of, "ValidationStatusReason": "PolicyDocument is required"},
        {**of, "HookType": "Acme::Tags", "HookStatusReason": "tag `owner` is missing"},
    ]
    failed = event(1, TOP, "s", "AWS::CloudFormation::Stack", TOP, "CREATE_FAILED", "Validation failed")
    events = StackEvents(cast("Sessions", Told({TOP: [failed]}, checks)), TOP, HERE)
    events.fresh()
    assert events.why("Validation failed") == (
        "Validation failed; P (AWS::IAM::Policy): PolicyName is required, at /Resources/P; "
        "P (AWS::IAM::Policy): PolicyDocument is required; P (AWS::IAM::Policy): Acme::Tags: tag `owner` is missing"
    )


def test_network_interfaces_are_said_to_take_long() -> None:
    """After aws-cloudformation/cloudformation-coverage-roadmap#392."""
    why = "CloudFormation is waiting for NetworkInterfaces associated with the Lambda Function to be cleaned up."
    waiting = event(1, TOP, "Handler", "AWS::Lambda::Function", "h", "DELETE_IN_PROGRESS", why)
    said = line(cast("Any", waiting))
    assert said == "waits: AWS lets go of the network interfaces of Handler in 20 to 40 minutes"
