"""The stack that makes one event bus forward everything to another."""

from __future__ import annotations

import json
from typing import Final

from odmd.providers.aws.cloud_assembly import StackTemplate

RULE: Final = "Rule"


def bridge_template(name: str, old: str, new_arn: str) -> StackTemplate:
    """A rule on bus `old` that matches every event, and a role that may put events on the new bus only."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": _document(
                {"Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
            ),
            "Policies": [
                {
                    "PolicyName": "forward",
                    "PolicyDocument": _document({"Action": "events:PutEvents", "Resource": new_arn}),
                }
            ],
        },
    }
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": f"Forwards to {new_arn} until its writers have moved",
            "EventBusName": old,
            "EventPattern": {"source": [{"prefix": ""}]},
            "Targets": [{"Id": "successor", "Arn": new_arn, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}],
        },
    }
    template = {"Resources": {"Role": role, RULE: rule}}
    return StackTemplate(name, json.dumps(template), (), (), (("odmd:purpose", "bridge"),))


def _document(statement: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
