"""What tasks may do: server and workers have a role each, by a name that `[tool.odmd.roles]` can say beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from aws_cdk import CfnElement, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from reasons import acknowledge
from wanted import Wanted

SERVER: Final = "odmd-server"
WORKER: Final = "odmd-worker"
_TAKEN: Final = {SERVER: ("deploy", "mirror"), WORKER: ("deploy", "verify")}
"""Of what `odmd bootstrap` makes: the server clears away with the first, and writes values with the second."""
_HELD_DAYS: Final = 400
_ANCHORS: Final = (
    "s3:GetObject",
    "s3:GetObjectRetention",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:PutObjectRetention",
)


def server_role(stack: Stack, wanted: Wanted, key: kms.Key, anchors: s3.Bucket) -> iam.Role:
    """Of who decides: it seals settings, anchors its log, and takes roles of odmd's, or to look."""
    made = _role(stack, SERVER, wanted)
    key.grant(made, "kms:Encrypt", "kms:Decrypt")
    made.add_to_policy(_allow(["s3:ListBucketVersions"], [anchors.bucket_arn]))
    made.add_to_policy(_allow(_ANCHORS, [anchors.arn_for_objects("*")]))
    id = stack.get_logical_id(cast("CfnElement", anchors.node.default_child))
    acknowledge(made, f"AwsSolutions-IAM5[Resource::<{id}.Arn>/*]", "each anchor is an object of its own")
    if wanted.looks:
        made.add_to_policy(_allow(["sts:AssumeRole"], wanted.looks))
    return made


def worker_role(stack: Stack, wanted: Wanted, key: kms.Key) -> iam.Role:
    """Of who carries out runs, and stands beside what services wrote: it opens what is sealed, and seals nothing."""
    made = _role(stack, WORKER, wanted)
    key.grant(made, "kms:Decrypt")
    return made


def _role(stack: Stack, name: str, wanted: Wanted) -> iam.Role:
    """For tasks of this account alone, and to take what `odmd bootstrap` makes, and nothing else."""
    ours = {
        "StringEquals": {"aws:SourceAccount": stack.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
    }
    tasks = iam.ServicePrincipal("ecs-tasks.amazonaws.com", conditions=ours)
    made = iam.Role(stack, f"{name}-role", role_name=name, assumed_by=tasks)  # pyright: ignore[reportArgumentType]
    for account in wanted.accounts:
        taken = [f"arn:{stack.partition}:iam::{account}:role/odmd-{what}-*" for what in _TAKEN[name]]
        made.add_to_policy(_allow(["sts:AssumeRole", "sts:TagSession"], taken))
        for what in _TAKEN[name]:
            rule = f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::{account}:role/odmd-{what}-*]"
            acknowledge(made, rule, "they come and go with builds; each says itself who takes it")
    return made


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def anchors_bucket(stack: Stack, logs: s3.Bucket) -> s3.Bucket:
    """Where the end of the log is written down: what is there stays until its time is over, whoever wants it gone."""
    return s3.Bucket(
        stack,
        "anchors",
        bucket_name=f"odmd-anchors-{stack.account}-{stack.region}",
        object_lock_enabled=True,
        object_lock_default_retention=s3.ObjectLockRetention.compliance(Duration.days(_HELD_DAYS)),
        encryption=s3.BucketEncryption.S3_MANAGED,  # with a key of ours, who schedules its deletion takes all along
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        versioned=True,
        server_access_logs_bucket=logs,
        server_access_logs_prefix="anchors/",
        removal_policy=RemovalPolicy.RETAIN,
    )
