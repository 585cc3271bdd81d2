"""Runs act with roles of their own: on the emulator, which enforces what IAM says of callers, trust and boundaries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.workbench import Workbench, bus

DEPLOY = "odmd-deploy-us-west-1-branch"


class Account:
    """An account of the emulator, as its root and as others see it."""

    def __init__(self, emulator: Emulator, target: Target) -> None:
        self.endpoint, self.target = emulator.endpoint, target
        self.root = {"aws_access_key_id": target.account, "aws_secret_access_key": "emulator"}
        self.iam = self.client("iam")

    def client(self, service: str, rights: Mapping[str, str] | None = None) -> Any:
        where = {"endpoint_url": self.endpoint, "region_name": self.target.region}
        return boto3.client(service, **where, **(rights or self.root))  # type: ignore[call-overload]

    def user(self, name: str, *allowed: Mapping[str, object]) -> Mapping[str, str]:
        """The environment of a user who may do nothing else."""
        self.iam.create_user(UserName=name)
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in allowed]}
        self.iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(document))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def taken(self, role: str) -> Mapping[str, str]:
        """What a client with the rights of a role is made of."""
        arn = f"arn:aws:iam::{self.target.account}:role/{role}"
        made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }

    def lets(self, role: str, action: str) -> None:
        """Where the emulator asks for an action on anything that AWS asks for on a resource."""
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=role, PolicyName="emulator", PolicyDocument=document)

    def carries_out(self) -> Mapping[str, str]:
        """Who takes roles, and writes what is published to where other systems read it."""
        account, region = self.target.account, self.target.region
        return self.user(
            "worker",
            {"Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{account}:role/odmd-deploy-*"},
            {"Action": "sts:TagSession", "Resource": f"arn:aws:iam::{account}:role/odmd-deploy-*"},
            {
                "Action": "cloudformation:DescribeStacks",
                "Resource": f"arn:aws:cloudformation:{region}:{account}:stack/odmd-bootstrap/*",
            },
            {"Action": "ssm:*", "Resource": f"arn:aws:ssm:{region}:{account}:parameter/odmd-share/*"},
        )


@pytest.fixture
def account(emulator: Emulator, target: Target) -> Account:
    return Account(emulator, target)


def bootstrapped(bench: Workbench) -> None:
    done = bench.odmd("bootstrap", "--all", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


class TestWhoMayOnlyTakeRoles:
    def test_deploys_all_of_it(self, bench: Workbench, account: Account) -> None:
        bench.commit("foundation", {"": bus("foundation-main-one")})
        bootstrapped(bench)
        bench.environment = {**bench.environment, **account.carries_out()}
        done = bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        account.lets(f"{DEPLOY}-foundation", "events:ListTagsForResource")
        bench.commit("foundation", {"": bus("foundation-main-two")})
        done = bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
