"""What only an AWS with moving parts can show: events that flow, accounts that are not ready, processes that die."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from aws_worlds import EmulatedWorld, bus, bus_stack, stack
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from odmd.errors import (
    CloudRefused,
    CloudUnreachable,
    CredentialsRefused,
    NotBootstrapped,
    StackFailed,
    ToolMissing,
)
from odmd.model.targets import Target
from odmd.providers.aws import AwsCloud, AwsMirror, Emulator, Sessions
from odmd.providers.aws.cloud_assembly import Assembly, Asset
from support.strangers import credentials
from support.until import TOO_LONG, until

LISTENER = {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "heard"}},
    "Listener": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["orders"]},
            "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
        },
    },
}

CODE = """
import json, os, urllib.request
def handler(event, context):
    goes_back = event["RequestType"] == "Update" and event["ResourceProperties"]["Value"] == "old"
    fails = goes_back and os.environ.get("CLINGS")
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"PhysicalResourceId": "clinging", "Status": "FAILED" if fails else "SUCCESS", "Reason": "it clings"}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request)
"""
CUSTOM = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "clinging",
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": CODE},
            "Environment": {"Variables": {"CLINGS": "1"}},
        },
    },
}


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def deploy(world: EmulatedWorld, name: str, bus_name: str, **resources: dict[str, object]) -> None:
    change_set = world.cloud.propose(
        bus_stack(name, **resources), {"BusName": bus_name}, f"odmd-run-{bus_name}-1", "", world.target
    )
    world.cloud.execute(change_set, world.target, quiet)


class TestBridges:
    def test_what_is_sent_to_the_old_bus_reaches_who_listens_on_the_new_one(
        self, emulated: EmulatedWorld, emulator: Emulator
    ) -> None:
        deploy(emulated, "orders--main", "first")
        deploy(emulated, "orders--main", "second", **LISTENER)
        emulated.handovers.bridge(
            bus("first", emulated.target), bus("second", emulated.target), "odmd-bridge-1", "orders--main"
        )

        emulated.sessions.events(emulated.target).put_events(
            Entries=[{"Source": "orders", "DetailType": "placed", "Detail": '{"id": 7}', "EventBusName": "first"}]
        )

        (message,) = until(lambda: _received(emulator, emulated.target))
        assert json.loads(message["Body"])["detail"] == {"id": 7}

    def test_a_bus_on_which_others_listen_stays(self, emulated: EmulatedWorld) -> None:
        deploy(emulated, "orders--main", "first")
        deploy(emulated, "orders--main", "second")
        emulated.sessions.events(emulated.target).put_rule(
            Name="audit", EventBusName="first", EventPattern='{"source": ["orders"]}'
        )

        why = emulated.handovers.retire(bus("first", emulated.target), None, "orders--main/bus")

        assert why == "first is kept: audit still listens"
        assert emulated.buses() == {"first", "second"}


class TestStacks:
    def test_many_threads_deploy_at_once(self, emulated: EmulatedWorld) -> None:
        names = [f"orders-{number}" for number in range(8)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda name: deploy(emulated, f"{name}--main", name), names))

        assert emulated.buses() == set(names)

    def test_tags_are_the_templates_and_the_run_is_in_the_description(self, emulated: EmulatedWorld) -> None:
        emulated.cloud.propose(bus_stack(), {"BusName": "first"}, "odmd-run-1-1", "run 1 commit abc", emulated.target)

        cloudformation = emulated.sessions.cloudformation(emulated.target)
        described = cloudformation.describe_change_set(ChangeSetName="odmd-run-1-1", StackName="orders--main")
        assert described["Description"] == "run 1 commit abc"
        assert described["Tags"] == [{"Key": "odmd:enver", "Value": "orders--main"}]

    def test_a_template_that_cloudformation_refuses_fails_with_its_words(self, emulated: EmulatedWorld) -> None:
        wrong = stack("orders--main", {"Bus": {"Type": "AWS::Nothing::Here"}}, {})

        with pytest.raises(StackFailed, match=r"orders--main: .*AWS::Nothing::Here"):
            emulated.cloud.propose(wrong, {}, "odmd-run-1-1", "run 1", emulated.target)

    def test_a_change_set_that_was_overtaken_is_not_taken_for_executed(self, emulated: EmulatedWorld) -> None:
        deploy(emulated, "orders--main", "first")
        change_set = emulated.cloud.propose(
            bus_stack(), {"BusName": "second"}, "odmd-run-2-1", "run 2", emulated.target
        )
        emulated.sessions.cloudformation(emulated.target).update_stack(
            StackName="orders--main",
            TemplateBody=bus_stack().template,
            Parameters=[{"ParameterKey": "BusName", "ParameterValue": "third"}],
        )

        with pytest.raises(StackFailed, match="OBSOLETE") as refused:
            emulated.cloud.execute(change_set, emulated.target, quiet)

        assert refused.value.clean


class TestRollbacksThatFail:
    def test_they_are_not_clean_and_are_finished_before_the_next_change(
        self, emulated: EmulatedWorld, emulator: Emulator
    ) -> None:
        emulated.take_bus_name("taken")
        deploy(emulated, "orders--main", "first", **CUSTOM, Clinging=clinging("old"))
        rival = {"Type": "AWS::Events::EventBus", "DependsOn": "Clinging", "Properties": {"Name": "taken"}}

        with pytest.raises(StackFailed, match=r"left in UPDATE_ROLLBACK_FAILED: Rival") as failed:
            deploy(emulated, "orders--main", "second", **CUSTOM, Clinging=clinging("new"), Rival=rival)
        with pytest.raises(StackFailed, match="cannot be rolled back") as again:
            deploy(emulated, "orders--main", "third", **CUSTOM, Clinging=clinging("old"))
        client(emulator, "lambda", emulated.target).update_function_configuration(
            FunctionName="clinging", Environment={"Variables": {}}
        )
        deploy(emulated, "orders--main", "fourth", **CUSTOM, Clinging=clinging("old"))

        assert not failed.value.clean
        assert not again.value.clean
        assert "fourth" in emulated.buses()


class TestPreflight:
    def test_assets_without_a_bucket_are_not_bootstrapped_either(self, emulated: EmulatedWorld, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("content")
        assembly = Assembly((), (Asset("file", zip=False, bucket="no-such-bucket", key="key"),))

        with pytest.raises(NotBootstrapped, match="no-such-bucket"):
            emulated.cloud.upload_assets(tmp_path, assembly, emulated.target, quiet)

    def test_nothing_that_answers_is_out_of_reach(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        cloud = AwsCloud(Sessions(endpoint="http://127.0.0.1:1", emulated=True))

        with pytest.raises(CloudUnreachable, match="account 111122223333") as refused:
            cloud.preflight(Target("111122223333", "eu-west-1"))

        assert refused.value.retryable

    def test_no_credentials_are_out_of_reach(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

        with pytest.raises(CloudUnreachable, match="credentials"):
            AwsCloud(Sessions()).preflight(Target("111122223333", "eu-west-1"))

    def test_a_profile_that_is_not_there_is_out_of_reach(self) -> None:
        with pytest.raises(CloudUnreachable, match=r"nobody.*111122223333"):
            AwsCloud(Sessions(profiles={"111122223333": "nobody"})).preflight(Target("111122223333", "eu-west-1"))

    def test_credentials_of_another_account_are_refused(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, secret = credentials(emulator, "444455556666")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)

        with pytest.raises(CredentialsRefused, match="the enver is in 111122223333"):
            AwsCloud(Sessions(endpoint=emulator.endpoint)).preflight(Target("111122223333", "eu-west-1"))

    def test_credentials_that_nobody_gave_are_refused(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

        with pytest.raises(CredentialsRefused, match="is invalid"):
            AwsCloud(Sessions(endpoint=emulator.endpoint)).preflight(Target("111122223333", "eu-west-1"))

    def test_who_may_not_is_told_what_to_allow(
        self, emulated: EmulatedWorld, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, secret = credentials(
            emulator, emulated.target.account, may='["s3:*", "cloudformation:Describe*", "cloudformation:List*"]'
        )
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        sessions = Sessions(endpoint=emulator.endpoint)
        AwsCloud(sessions).preflight(emulated.target)

        with pytest.raises(StackFailed, match="not authorized to perform: cloudformation:CreateChangeSet") as refused:
            AwsCloud(sessions).propose(bus_stack(), {"BusName": "first"}, "odmd-run-1-1", "", emulated.target)
        with pytest.raises(CloudRefused, match="not authorized to perform: ssm:GetParameter"):
            AwsMirror(sessions).put("/odmd-share/a/b..main/c", "text", emulated.target)

        assert refused.value.next_step == "allow the credentials' role CreateChangeSet"
        assert not refused.value.retryable


class TestEmulator:
    def test_who_does_not_sign_is_refused(self, emulator: Emulator) -> None:
        unsigned = boto3.client(
            "sts", endpoint_url=emulator.endpoint, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
        )

        with pytest.raises(ClientError, match="MissingAuthenticationToken"):
            unsigned.get_caller_identity()

    def test_what_it_holds_can_be_kept_for_the_next_one(self, tmp_path: Path) -> None:
        target = Target("111122223333", "us-west-1")
        with Emulator(tmp_path / "first", tmp_path / "keep").start(target) as first:
            AwsMirror(first.sessions()).put("/odmd-share/a/b..main/c", "text", target)
        with Emulator(tmp_path / "second", tmp_path / "keep").start(target) as second:
            found = second.sessions().ssm(target).get_parameter(Name="/odmd-share/a/b..main/c")
            AwsCloud(second.sessions()).preflight(target)

        assert found["Parameter"]["Value"] == "text"

    def test_its_environment_makes_any_client_use_it(
        self, emulated: EmulatedWorld, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, text in emulator.environment(emulated.target).items():
            monkeypatch.setenv(name, text)

        AwsMirror(Sessions()).put("/odmd-share/a/b..main/c", "text", emulated.target)

        assert emulated.mirrored("/odmd-share/a/b..main/c") == "text"

    def test_it_is_on_this_machine_only(self, emulator: Emulator) -> None:
        port = int(emulator.endpoint.rpartition(":")[2])
        assert {at.laddr.ip for at in psutil.net_connections("tcp") if at.laddr.port == port and not at.raddr} == {
            "127.0.0.1"
        }

    def test_it_ends_when_its_user_is_killed(self, tmp_path: Path) -> None:
        script = textwrap.dedent("""
            import sys, time
            from pathlib import Path
            from odmd.providers.aws import Emulator
            print(Emulator(Path(sys.argv[1])).start().endpoint, flush=True)
            time.sleep(600)
        """)
        user = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        assert user.stdout
        endpoint = user.stdout.readline().decode().strip()
        below = psutil.Process(user.pid).children(recursive=True)
        assert endpoint.startswith("http://127.0.0.1:")

        user.send_signal(signal.SIGKILL)
        user.wait()
        user.stdout.close()

        assert len(below) == 2
        assert psutil.wait_procs(below, timeout=TOO_LONG)[1] == []

    def test_without_ministack_it_says_how_to_get_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

        with pytest.raises(ToolMissing, match="not installed") as refused:
            Emulator(tmp_path).start()

        assert refused.value.next_step == "pip install 'ondemandenv[demo]'"


def clinging(value: str) -> dict[str, object]:
    """A resource whose provider does not let it go back to `old`."""
    token = {"Fn::GetAtt": ["Function", "Arn"]}
    return {"Type": "Custom::Clinging", "Properties": {"ServiceToken": token, "Value": value}}


def client(emulator: Emulator, service: str, target: Target) -> Any:
    return boto3.client(
        service,
        endpoint_url=emulator.endpoint,
        region_name=target.region,
        aws_access_key_id=target.account,
        aws_secret_access_key="emulator",
    )


def _received(emulator: Emulator, target: Target) -> object:
    sqs = client(emulator, "sqs", target)
    url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
    return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")


TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "rows",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    },
}


def test_looking_at_a_failed_stack_that_somebody_made_by_hand_leaves_it_and_names_what_would_go(
    emulator: Emulator,
) -> None:
    world = EmulatedWorld(emulator)
    world.take_bus_name("taken")
    rival = {"Type": "AWS::Events::EventBus", "DependsOn": "Table", "Properties": {"Name": "taken"}}
    cloudformation = world.sessions.cloudformation(world.target)
    body = json.dumps({"Resources": {"Table": TABLE, "Rival": rival}})
    cloudformation.create_stack(StackName="orders--main", TemplateBody=body, OnFailure="DO_NOTHING")

    look = world.cloud.look("orders--main", world.target)

    assert (look.is_foreign, look.status, look.settled_by_deletion) == (True, "CREATE_FAILED", True)
    assert look.lost_by_settling == ("Table (AWS::DynamoDB::Table)",)
    assert world.cloud.look("orders--main", world.target) == look


def test_what_stacks_inside_hold_is_named_and_protection_ends_with_an_allowed_removal(emulator: Emulator) -> None:
    world = EmulatedWorld(emulator)
    bucket, inner = f"cdk-hnb659fds-assets-{world.target.account}-{world.target.region}", "inner.json"
    s3 = world.sessions.s3(world.target)
    s3.put_object(Bucket=bucket, Key=inner, Body=json.dumps({"Resources": {"Table": TABLE}}).encode())
    url = f"{s3.meta.endpoint_url}/{bucket}/{inner}"
    outer = stack(
        "orders--main", {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}, {}
    )
    world.cloud.execute(world.cloud.propose(outer, {}, "odmd-run-1-1", "", world.target), world.target, lambda _: None)
    world.sessions.cloudformation(world.target).update_termination_protection(
        StackName="orders--main", EnableTerminationProtection=True
    )

    look = world.cloud.look("orders--main", world.target)
    world.cloud.delete("orders--main", "orders--main", world.target)

    assert look.holding == ("Inner/Table (AWS::DynamoDB::Table)",)
    assert look.protected
    assert not world.cloud.look("orders--main", world.target).is_there
