"""Signed questions, answered by the emulator's STS, which enforces IAM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials

from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import IdentityTold, IdentityType, NotProven, ProvenIdentity
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.aws import Emulator
from odmd.providers.identities import IamPrincipals, Web

ACCOUNT = "210000000001"
TRUSTS = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running


def client(emulator: Emulator, service: str) -> Any:
    root = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "any", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=emulator.endpoint, **root)  # type: ignore[call-overload]


def proven(emulator: Emulator, credentials: Credentials) -> ProvenIdentity:
    url = f"{emulator.endpoint}/"
    told = IdentityTold("aws", IdentityType.AWS_IAM, "odmd.acme.example", url)
    return IamPrincipals("aws", told.audience, [url], Web()).prove(signed_question(told, credentials))


def test_a_user_proves_who_he_is_and_nobody_who_has_not_his_key_does(emulator: Emulator) -> None:
    iam = client(emulator, "iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    found = proven(emulator, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert (found.subject, found.kind) == (f"arn:aws:iam::{ACCOUNT}:user/ada", ActorKind.PERSON)
    for other in (Credentials(key["AccessKeyId"], "guessed"), Credentials("AKIANOBODY0000000000", "guessed")):
        with pytest.raises(NotProven, match="answers 403"):
            proven(emulator, other)
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(NotProven, match="answers 403"):
        proven(emulator, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))


def test_who_assumed_a_role_proves_that(emulator: Emulator) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUSTS]})
    client(emulator, "iam").create_role(RoleName="Deployer", AssumeRolePolicyDocument=trust)
    arn = f"arn:aws:iam::{ACCOUNT}:role/Deployer"
    given = client(emulator, "sts").assume_role(RoleArn=arn, RoleSessionName="night")["Credentials"]
    keys = given["AccessKeyId"], given["SecretAccessKey"]
    found = proven(emulator, Credentials(*keys, given["SessionToken"]))
    assert (found.subject, found.name, found.kind) == (arn, f"{ACCOUNT}:Deployer", ActorKind.ROLE)
    with pytest.raises(NotProven, match="answers 403"):
        proven(emulator, Credentials(*keys, "another session"))
