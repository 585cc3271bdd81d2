"""Runs act with roles of their own: on the emulator, which enforces what IAM says of callers, trust and boundaries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.workbench import Workbench, bus, without

SERVICES = ("foundation", "reader", "writer")
DEPLOY = "odmd-deploy-us-west-1-branch"
VERIFIED = """Foundation(
    on=main, at=dev,
    verified_by=(CommandCheck("python look.py", network=True, may=("ssm:GetParameter",)),),
)"""
LOOK = """
import json
import os
import boto3
from botocore.exceptions import ClientError

def refused(ask, **words):
    try:
        ask(**words)
    except ClientError as wrong:
        return "AccessDenied" in str(wrong)

ssm = boto3.client("ssm")
with open(os.environ["ODMD_RUN"]) as document:
    slot = json.load(document)["slot"].removeprefix("b..").replace("-_b..", "--")
own, others = f"foundation--{slot}-word", ["reader--main-word", "foundation--main-word"]
assert ssm.get_parameter(Name=own)["Parameter"]["Value"] == slot
for one in set(others) - {own}:
    assert refused(ssm.get_parameter, Name=one), f"it sees {one}"
assert refused(ssm.put_parameter, Name=own, Value="coffee", Overwrite=True), "it does something else"
who = boto3.client("sts").get_caller_identity()["Arn"].split("/")[1]
print(f"it is {who} with {os.environ['AWS_SESSION_TOKEN']}, and sees its own alone")
"""


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

    def lets(self, role: str, *actions: str) -> None:
        """Where the emulator asks for actions on anything that AWS asks for on a resource."""
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=role, PolicyName="emulator", PolicyDocument=document)

    def carries_out(self, name: str = "worker") -> Mapping[str, str]:
        """Who takes roles, also in order to write what is published to where other systems read it."""
        account, region = self.target.account, self.target.region
        roles = [f"arn:aws:iam::{account}:role/odmd-{what}-*" for what in ("deploy", "mirror", "verify")]
        return self.user(
            name,
            {"Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": roles},
            {
                "Action": "cloudformation:DescribeStacks",
                "Resource": f"arn:aws:cloudformation:{region}:{account}:stack/odmd-bootstrap/*",
            },
        )


@pytest.fixture
def account(emulator: Emulator, target: Target) -> Account:
    return Account(emulator, target)


def bootstrapped(bench: Workbench) -> None:
    done = bench.odmd("bootstrap", "--all", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


class TestWhoMayOnlyTakeRoles:
    def test_deploys_all_of_it(self, bench: Workbench, account: Account) -> None:
        (bench.root / "repos/acme/foundation/look.py").write_text(LOOK)
        bench.commit("foundation", {"": bus("foundation-main-one")})
        contracts = bench.root / "contracts.py"
        contracts.write_text(contracts.read_text().replace("Foundation(on=main, at=dev)", VERIFIED))
        bootstrapped(bench)
        for slot in ("main", "main--fix-1"):
            account.client("ssm").put_parameter(Name=f"foundation--{slot}-word", Value=slot, Type="String")
        root = bench.environment
        bench.environment = {**root, **account.carries_out()}
        done = bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        log = bench.odmd("logs", "foundation@main").stdout
        assert "hands it a role that may ssm:GetParameter" in log
        assert "it is odmd-verify-us-west-1-branch-foundation with ***, and sees its own alone" in log
        account.lets(f"{DEPLOY}-foundation", "events:ListTagsForResource", "events:DeleteEventBus")
        bench.commit("foundation", {"": bus("foundation-main-two")})
        done = bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        share = account.client("ssm").get_parameters_by_path(Path="/odmd-share", Recursive=True)["Parameters"]
        assert "/odmd-share/foundation/b..main/bus" in {one["Name"] for one in share}, "values stand where others read"
        buses = [one["Name"] for one in account.client("events").list_event_buses()["EventBuses"]]
        assert "foundation-main-two" in buses
        assert "foundation-main-one" not in buses, "what nobody needs was taken away with the role"
        bench.environment = root
        done = bench.odmd("drift", "--exit-code")
        assert done.returncode == 0, "the boundary is no drift" + done.stdout
        bench.environment = {**root, **account.carries_out("remover")}
        bench.git("foundation", "checkout", "-q", "-b", "fix-1")
        bench.commit("foundation", {"": bus("foundation-main--fix-1")})
        file = bench.root / "contracts.py"
        clone = 'fix = foundation.clone(Branch("fix-1"))\nacme ='
        left = without(file.read_text(), "writer").replace("acme =", clone).replace("[foundation", "[fix, foundation")
        file.write_text(left)
        done = bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        stacks = [one["StackName"] for one in account.client("cloudformation").describe_stacks()["Stacks"]]
        assert "reader--main" in stacks
        assert "writer--main" not in stacks, "what left was removed with the role"
        assert "foundation--main--fix-1" in stacks, "a clone needs no new roles"


class TestBootstrap:
    def test_asks_and_does_what_it_showed_and_nothing_twice(self, bench: Workbench, account: Account) -> None:
        place = f"{account.target.account}/us-west-1"
        done = bench.odmd("bootstrap", place)
        assert done.returncode == 1
        assert "nobody is there to say yes" in done.stderr
        assert f"{DEPLOY}-reader: new; taken by arn:aws:iam::{account.target.account}:root" in done.stdout
        assert account.iam.list_roles()["Roles"] == []

        done = bench.odmd("bootstrap", place, "--yes", "--json")
        made = [(one["does"], one["stack"]) for one in json.loads(done.stdout)]
        assert made == [("make", f"odmd-{one}") for one in ("bootstrap", *(f"roles-{it}" for it in SERVICES))]
        assert "nothing to do" in bench.odmd("bootstrap", "--all").stdout
        assert bench.odmd("bootstrap", "--all", "--check").returncode == 0
        (found,) = [one for one in bench.data("doctor") if one["name"].startswith("account ")]
        assert found["fact"].endswith("runs act with roles of their own")

    def test_says_what_somebody_changed_by_hand(self, bench: Workbench, account: Account) -> None:
        bootstrapped(bench)
        account.lets(f"{DEPLOY}-reader", "s3:*")
        done = bench.odmd("bootstrap", "--all", "--check")
        assert done.returncode == 1
        assert f"{DEPLOY}-reader: gains s3:* on anything" in done.stdout
        done = bench.odmd("bootstrap", "--all", "--check", "--json")
        ((only,),) = [one["differs"] for one in json.loads(done.stdout)]
        assert only == f"{DEPLOY}-reader: gains s3:* on anything"
        done = bench.odmd("doctor", "--json")
        (found,) = [one for one in json.loads(done.stdout) if one["name"].startswith("account ")]
        assert (found["state"], done.returncode) == ("wrong", 1)
        assert f"roles of their own, which differ from the contracts: {only}" in found["fact"]

    def test_a_new_permission_is_a_gain_that_is_shown(self, bench: Workbench) -> None:
        bootstrapped(bench)
        file = bench.root / "contracts.py"
        more = 'Build("reader", Repo("acme/reader", team), may=(Permission("ses:SendEmail"),))'
        file.write_text(file.read_text().replace('Build("reader", Repo("acme/reader", team))', more))
        done = bench.odmd("bootstrap", "--all", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "change stack odmd-roles-reader" in done.stdout
        assert "odmd-exec-us-west-1-branch-reader: gains ses:SendEmail on anything where" in done.stdout
        assert "roles-writer" not in done.stdout

    def test_what_left_the_contracts_is_told_and_goes(self, bench: Workbench, account: Account) -> None:
        bootstrapped(bench)
        place = f"{account.target.account}/us-west-1"
        file = bench.root / "contracts.py"
        both = file.read_text()
        file.write_text(both.replace('"us-west-1"', '"eu-west-1"'))
        done = bench.odmd("bootstrap", "--all", "--check", "--json")
        assert done.returncode == 1
        (left,) = [one for one in json.loads(done.stdout) if one["region"] == "us-west-1"]
        gone = [f"odmd-{one}" for one in ("bootstrap", *(f"roles-{it}" for it in SERVICES))]
        assert left["differs"] == [f"stack {one}: is there, and what it is for left the contracts" for one in gone]
        assert f"`odmd bootstrap {place} --remove`" in bench.odmd("bootstrap", "--all", "--check").stdout
        done = bench.odmd("bootstrap", place, "--remove", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        assert [one["stack"] for one in json.loads(done.stdout)] == [*gone[1:], gone[0]]
        assert account.iam.list_roles()["Roles"] == []
        done = bench.odmd("bootstrap", place, "--remove", "--yes")
        assert "ODMD173" in done.stderr

    def test_credentials_of_another_account_make_nothing(self, bench: Workbench, emulator: Emulator) -> None:
        other = Account(emulator, Target("999988887777", "us-west-1"))
        bench.environment = {**bench.environment, **other.user("admin", {"Action": "*", "Resource": "*"})}
        done = bench.odmd("bootstrap", "--all", "--yes")
        assert done.returncode == 1
        assert "the credentials are for account 999988887777" in done.stderr
        assert other.iam.list_roles()["Roles"] == []

    def test_what_cannot_be_is_said(self, bench: Workbench) -> None:
        for words, code, says in (
            (("999999999999",), 1, "ODMD173"),
            ((), 2, "say which account, or --all"),
            (("--all", "--print", "--check"), 2, "four things"),
        ):
            done = bench.odmd("bootstrap", *words)
            assert done.returncode == code
            assert says in done.stderr

    def test_templates_are_printed_without_asking_aws(self, bench: Workbench, account: Account) -> None:
        bench.environment = {**bench.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        done = bench.odmd("bootstrap", "--all", "--print")
        (of_place,) = json.loads(done.stdout).values()
        assert list(of_place) == ["odmd-bootstrap", *(f"odmd-roles-{one}" for one in SERVICES)]
        sets = json.loads(bench.odmd("bootstrap", "--all", "--stackset").stdout)["Resources"].values()
        made = [json.loads(one["Properties"]["TemplateBody"]) for one in sets]
        assert made == list(of_place.values())


def test_the_line_that_allows_it_is_named(bench: Workbench) -> None:
    role = "odmd-boundary-us-west-1-branch-writer@b..main"
    done = bench.odmd("policy", "role", role, "events:PutEvents", "--json")
    said = json.loads(done.stdout)
    assert said["allowed"]
    assert {one["why"] for one in said["by"]} >= {"writer@main writes foundation@main/bus"}
    assert all(one["file"].endswith("contracts.py") for one in said["by"])
    assert bench.odmd("policy", "role", role, "events:PutEvents").returncode == 0
    refused = bench.odmd("policy", "role", role, "dynamodb:PutItem")
    assert refused.returncode == 1
    assert "may not dynamodb:PutItem" in refused.stdout
    assert "ODMD175" in bench.odmd("policy", "role", "odmd-boundary-us-west-1-branch-writr@b..main", "a:B").stderr


def test_awss_own_engine_allows_what_a_run_needs_and_denies_it_on_anothers(bench: Workbench, target: Target) -> None:
    role, place = f"{DEPLOY}-writer", f"arn:aws:cloudformation:us-west-1:{target.account}:stack"
    words = ("policy", "role", role, "cloudformation:CreateChangeSet")
    done = bench.odmd(*words, f"{place}/writer--main/1", "--simulate", "--json")
    assert json.loads(done.stdout)["engine"] == {"decision": "allowed", "unsaid": []}
    done = bench.odmd(*words, f"{place}/reader--main/1", "--simulate")
    assert done.returncode == 1
    assert "AWS's own engine says: implicitDeny" in done.stdout
