"""What AWS does and the emulator does not: it is played by a proxy between us and the emulator, in AWS's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_worlds import EmulatedWorld, bus_stack, stack

from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import WAITS, WARNS
from odmd.errors import BucketOfAnother, CloudRefused, CredentialsRefused, StackFailed
from odmd.providers.aws import AwsCloud, Emulator, Sessions
from odmd.providers.aws.cloud_assembly import Assembly, Asset, StackTemplate
from support.call_record import CallRecord
from support.strangers import credentials, profile


def test_a_wait_outlasts_throttling_and_a_network_that_is_cut(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws/aws-sam-cli#2671, Kotaimen/awscfncli#68 and LambdaSharp/LambdaSharpTool#102."""
    said = list[str]()
    proxy.refuse("DescribeChangeSet", "Throttling", "Rate exceeded", times=1)
    change_set = cloud.propose(bus_stack(), {"BusName": "first"}, "odmd-run-1-1", "", emulated.target)
    proxy.refuse("DescribeStackEvents", "Throttling", "Rate exceeded", times=1)
    proxy.cut("ExecuteChangeSet", times=1)

    cloud.execute(change_set, emulated.target, said.append)

    assert "first" in emulated.buses()
    waits = [line for line in said if line.startswith(WAITS)]
    assert len(waits) == 2
    assert "Rate exceeded" in waits[0]


def test_a_state_that_nobody_knows_is_named_and_not_waited_for(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    cloud.execute(
        cloud.propose(bus_stack(), {"BusName": "first"}, "odmd-run-1-1", "", emulated.target),
        emulated.target,
        lambda _: None,
    )
    proxy.reword("DescribeStacks", "CREATE_COMPLETE", "REFURBISH_IN_PROGRESS")

    with pytest.raises(StackFailed, match="REFURBISH_IN_PROGRESS, which this release does not know"):
        cloud.propose(bus_stack(), {"BusName": "second"}, "odmd-run-2-1", "", emulated.target)


def test_what_validations_found_is_told_and_what_may_not_be_asked_is_not_missed(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws/aws-cdk-cli#1000, #1298 and aws-cloudformation/cloudformation-cli#1116."""
    emulated.sessions.s3(emulated.target).create_bucket(
        Bucket="already-there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    wrong = stack("orders--main", {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "already-there"}}}, {})

    with pytest.raises(StackFailed, match=r"B \(AWS::S3::Bucket\): .*already exists"):
        cloud.execute(cloud.propose(wrong, {}, "odmd-1-1", "", emulated.target), emulated.target, lambda _: None)
    proxy.refuse("DescribeEvents", "AccessDenied", "User is not authorized to perform: cloudformation:DescribeEvents")
    with pytest.raises(StackFailed, match="orders--main was"):
        cloud.execute(cloud.propose(wrong, {}, "odmd-2-1", "", emulated.target), emulated.target, lambda _: None)


def test_a_deletion_that_aws_refuses_or_cannot_end_says_why(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws/aws-cdk#1682, takomo-io/takomo#293, aws-cloudformation/cloudformation-coverage-roadmap#392."""
    made = bus_stack()
    cloud.execute(
        cloud.propose(made, {"BusName": "first"}, "odmd-run-1-1", "", emulated.target), emulated.target, lambda _: None
    )
    proxy.refuse(
        "DeleteStack", "ValidationError", "Stack [x] cannot be deleted while TerminationProtection is enabled", times=1
    )
    with pytest.raises(CloudRefused, match="TerminationProtection") as refused:
        cloud.delete(made.name, made.name, emulated.target)
    assert "termination protection" in refused.value.next_step
    proxy.reword("DescribeStacks", "DELETE_COMPLETE", "DELETE_FAILED")
    proxy.reword("DescribeStackEvents", "DELETE_(COMPLETE|SKIPPED)", "DELETE_FAILED")
    with pytest.raises(StackFailed, match="cannot be deleted: DELETE_FAILED"):
        cloud.delete(made.name, made.name, emulated.target)


def test_credentials_that_expired_are_read_again_when_they_were_renewed(
    emulated: EmulatedWorld,
    emulator: Emulator,
    proxy: CallRecord,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """After boto/botocore#704, aws-controllers-k8s/test-infra#971 and miasma-rb/miasma#23."""
    old, new = (credentials(emulator, emulated.target.account, may='"*"') for _ in range(2))
    file = tmp_path / "credentials"
    file.write_text(profile("dev", old))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    cloud = AwsCloud(Sessions(endpoint=proxy.url, profiles={emulated.target.account: "dev"}))
    cloud.preflight(emulated.target)
    proxy.refuse("", "ExpiredToken", "The security token included in the request is expired", status=403, key=old[0])
    with pytest.raises(CredentialsRefused, match="expired"):
        cloud.preflight(emulated.target)

    file.write_text(profile("dev", new))

    cloud.preflight(emulated.target)


def test_a_bucket_whose_name_somebody_else_took_gets_nothing(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud, tmp_path: Path
) -> None:
    """After aws/aws-cdk#31885: the account's own was deleted, and who took its name lets everybody in."""
    (tmp_path / "code").write_text("code")
    bucket = f"cdk-hnb659fds-assets-{emulated.target.account}-{emulated.target.region}"
    assembly = Assembly((), (Asset("code", zip=False, bucket=bucket, key="abc"),))
    cloud.prove(assembly, emulated.target, lambda _: None)
    proxy.owners[bucket] = "666666666666"

    with pytest.raises(BucketOfAnother, match=f"{bucket} is not account {emulated.target.account}'s"):
        cloud.prove(assembly, emulated.target, lambda _: None)
    with pytest.raises(CloudRefused):
        cloud.upload_assets(tmp_path, assembly, emulated.target, lambda _: None)
    assert [one.key for one in emulated.cloud.missing_assets(assembly, emulated.target)] == ["abc"]


def test_what_an_update_could_not_delete_is_told_although_it_is_complete(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws-cloudformation/cloudformation-coverage-roadmap#744, Sceptre/sceptre#343, serverless/serverless#9144."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "clings"}, "DeletionPolicy": "Retain"}
    said = list[str]()

    def deploy(made: StackTemplate, run: int) -> None:
        change_set: Proposal = cloud.propose(made, {"BusName": "first"}, f"odmd-{run}-1", "", emulated.target)
        cloud.execute(change_set, emulated.target, said.append)

    deploy(bus_stack(Clings=queue), 1)
    assert not [line for line in said if line.startswith(WARNS)]
    proxy.reword("DescribeStackEvents", "DELETE_SKIPPED", "DELETE_FAILED")
    deploy(bus_stack(), 2)

    (warning,) = [line for line in said if line.startswith(WARNS)]
    assert "orders--main let go of what could not be deleted" in warning
    assert "Clings (AWS::SQS::Queue" in warning


def test_words_that_are_not_ascii_are_no_change_although_aws_gives_them_back_as_question_marks(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws/aws-cdk#10219."""
    outputs = {"OdmdOutBus": {"Value": "bus", "Description": "größe 대한민국"}}
    made = stack("orders--main", {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}, outputs)
    cloud.execute(cloud.propose(made, {}, "odmd-1-1", "", emulated.target), emulated.target, lambda _: None)
    proxy.reword("GetTemplate", r"\\u[0-9a-f]{4}|[^\x00-\x7f]", "?")

    assert cloud.propose(made, {}, "odmd-2-1", "", emulated.target).empty


def test_a_policy_that_changes_alone_is_carried_out_although_aws_finds_no_change(
    emulated: EmulatedWorld, proxy: CallRecord, cloud: AwsCloud
) -> None:
    """After aws-cloudformation/cloudformation-coverage-roadmap#1543 and aws/aws-cdk#11521."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
    target, name = emulated.target, {"BusName": "first"}
    cloud.execute(cloud.propose(bus_stack(Rows=queue), name, "odmd-1-1", "", target), target, lambda _: None)
    kept = bus_stack(Rows={**queue, "DeletionPolicy": "Retain"})
    words = "The submitted information didn't contain changes."
    proxy.reword("DescribeChangeSet", "<Status>CREATE_COMPLETE</Status>", "<Status>FAILED</Status>", times=1)
    proxy.reword(
        "DescribeChangeSet",
        "<StatusReason(>[^<]*</StatusReason| ?/)>",
        f"<StatusReason>{words}</StatusReason>",
        times=1,
    )

    cloud.execute(cloud.propose(kept, name, "odmd-2-1", "", target), target, lambda _: None)

    assert emulated.cloud.look(kept.name, target).holding == ()
