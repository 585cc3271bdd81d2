"""What a CDK app makes of the secrets that its enver needs: parameters and references, and rights to read them."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template

from odmd.cdk import (
    EnverStack,
    secret,
    secret_reference,
    secret_value,
    secret_version,
    secure_string,
    target,
)
from odmd.model import Build, CdkEnver, NeededSecret, Repo, Team, needed

team = Team("baristas")


class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team))):
    db: NeededSecret = needed("password of the database", name="db-password", restarts=True)
    signing: NeededSecret = needed("key that receipts are signed with")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    enver = target(Orders)
    stack = EnverStack(cdk.App(), enver)
    role = iam.Role(stack, "role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    secret(stack, enver.db).grant_read(role)
    secret(stack, enver.db).grant_read(role)
    secure_string(stack, enver.signing).grant_read(role)
    secure_string(stack, enver.signing)
    said = {
        "text": secret_value(stack, enver.db).unsafe_unwrap(),
        "where": secret_reference(stack, enver.db),
        "version": secret_version(stack, enver.db),
    }
    for name, value in said.items():
        ssm.CfnParameter(stack, name, type="String", value=value)
    return Template.from_stack(stack).to_json()


def value(template: dict[str, Any], name: str) -> Any:
    return template["Resources"][name]["Properties"]["Value"]


def test_each_is_a_parameter_that_takes_the_address_of_its_store_alone(template: dict[str, Any]) -> None:
    parameters = template["Parameters"]
    assert parameters["OdmdSecretDbPassword"]["AllowedPattern"] == "arn:[^:]+:secretsmanager:.+"
    assert parameters["OdmdSecretSigning"]["AllowedPattern"] == "arn:[^:]+:ssm:.+"
    assert parameters["OdmdSecretDbPassword"]["Description"] == "password of the database"
    assert value(template, "where") == {"Ref": "OdmdSecretDbPassword"}


def test_its_text_is_a_dynamic_reference_with_field_and_version(template: dict[str, Any]) -> None:
    (joined,) = value(template, "text").values()
    assert joined[1] == [
        "{{resolve:secretsmanager:",
        {"Ref": "OdmdSecretDbPassword"},
        ":SecretString:",
        {"Ref": "OdmdFieldOfDbPassword"},
        "::",
        {"Ref": "OdmdVersionOfDbPassword"},
        "}}",
    ]


def test_a_new_version_changes_what_says_the_version(template: dict[str, Any]) -> None:
    assert value(template, "version") == {"Ref": "OdmdVersionOfDbPassword"}


def test_who_is_granted_may_read_that_secret_and_no_other(template: dict[str, Any]) -> None:
    (policy,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Policy")
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    by_service = {one["Action"][0].partition(":")[0]: one["Resource"] for one in statements}
    assert by_service["secretsmanager"] == {"Ref": "OdmdSecretDbPassword"}
    assert "OdmdSecretSigning" in json.dumps(by_service["ssm"])
    assert "*" not in by_service.values()
