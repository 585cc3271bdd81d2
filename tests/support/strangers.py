"""Credentials that an account of the emulator gave somebody, as IAM gives them."""

from __future__ import annotations

from typing import Any

import boto3

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator


def credentials(emulator: Emulator, account: str, *, may: str | None = None) -> tuple[str, str]:
    """The access key and secret of a new user, who may do `may` (an action of IAM), if anything."""
    iam: Any = boto3.client(
        "iam",
        endpoint_url=emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="emulator",
    )
    name = f"user-{len(iam.list_users()['Users'])}"
    iam.create_user(UserName=name)
    if may:
        statement = f'{{"Effect": "Allow", "Action": {may}, "Resource": "*"}}'
        document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def profile(name: str, key: tuple[str, str]) -> str:
    """A profile of the shared credentials file."""
    return f"[{name}]\naws_access_key_id = {key[0]}\naws_secret_access_key = {key[1]}\n"


def made_where_nobody_is_meant(emulator: Emulator) -> list[str]:
    """What stands in the account that requests without a known key would end in: nothing should."""
    nowhere = Target("000000000000", "us-east-1")
    sessions = emulator.sessions()
    stacks = sessions.cloudformation(nowhere).describe_stacks()["Stacks"]
    parameters = sessions.ssm(nowhere).describe_parameters()["Parameters"]
    buckets = sessions.s3(nowhere).list_buckets()["Buckets"]
    return [
        *(one["StackName"] for one in stacks),
        *(one.get("Name", "") for one in parameters),
        *(one.get("Name", "") for one in buckets),
    ]
