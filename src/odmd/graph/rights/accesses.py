"""What access on a wire is worth in AWS: the actions on the thing behind a value, by its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from odmd.graph.rights.statements import EVERYTHING
from odmd.model.access import READ, WRITE, Access
from odmd.model.kinds import (
    Bucket,
    EventBus,
    Function,
    Image,
    ImageRepository,
    Kind,
    KmsKey,
    LogGroup,
    OfferedSecret,
    Parameter,
    Queue,
    Secret,
    StateMachine,
    Stream,
    Table,
    Topic,
)

DOES: Final = {Access.READ: "reads", Access.WRITE: "writes", Access.READ_WRITE: "reads and writes"}


@dataclass(frozen=True, slots=True)
class Grant:
    """`resources` are what follows the account in an ARN, as in `services.NAMED`; where the thing has no name that says
    whose it is (`by_tag`), its tag does."""

    service: str
    resources: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    wires_up: tuple[str, ...] = ()
    """What a stack does to its resource in order to hear of it; not what runs."""
    by_tag: bool = False
    lets_in: tuple[str, ...] = ()
    """Those of all these actions that the policy of the thing itself can speak of; none: it has no such policy."""
    called: tuple[str, ...] = ("{arn}",)
    """What that policy calls the thing; a policy that calls it nothing, or `*`, speaks of no other thing."""

    @property
    def is_asked(self) -> bool:
        """Whether the thing itself decides, too, who may do something with it."""
        return bool(self.lets_in)

    def actions(self, access: Access) -> tuple[str, ...]:
        """What runs may do."""
        return tuple(dict.fromkeys((*(self.reads * (access is not WRITE)), *(self.writes * (access is not READ)))))


def _of(service: str, *actions: str) -> tuple[str, ...]:
    return tuple(f"{service}:{one}" for one in actions)


_SECRET: Final = Grant(
    "secretsmanager",
    ("secret:*",),
    _of("secretsmanager", "DescribeSecret", "GetSecretValue"),
    _of("secretsmanager", "PutSecretValue", "UpdateSecretVersionStage"),
    by_tag=True,
    lets_in=("secretsmanager:*",),
    called=EVERYTHING,
)
_IMAGE: Final = Grant(
    "ecr",
    ("repository/{low}",),
    _of("ecr", "BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"),
    lets_in=("ecr:*",),
    called=(),
)

GRANTS: Final[dict[type[Kind], Grant]] = {
    Bucket: Grant(
        "s3",
        (":::{low}",),
        _of("s3", "GetBucketLocation", "GetObject", "GetObjectVersion", "ListBucket"),
        _of("s3", "AbortMultipartUpload", "DeleteObject", "PutObject"),
        lets_in=("s3:*",),
        called=("{arn}", "{arn}/*"),
    ),
    EventBus: Grant(
        "events",
        ("event-bus/{n}",),
        _of("events", "DescribeEventBus"),
        _of("events", "PutEvents"),
        _of("events", "DeleteRule", "DescribeRule", "ListTargetsByRule", "PutRule", "PutTargets", "RemoveTargets"),
        lets_in=_of("events", "PutEvents", "*Rule", "*Targets*"),
    ),
    Function: Grant("lambda", ("function:{n}",), _of("lambda", "InvokeFunction")),
    Image: _IMAGE,
    ImageRepository: _IMAGE,
    KmsKey: Grant(
        "kms",
        ("key/*",),
        _of("kms", "Decrypt", "DescribeKey"),
        _of("kms", "Encrypt", "GenerateDataKey*", "ReEncrypt*"),
        by_tag=True,
        lets_in=("kms:*",),
        called=EVERYTHING,
    ),
    LogGroup: Grant(
        "logs",
        ("log-group:{n}",),
        _of("logs", "FilterLogEvents", "GetLogEvents", "GetQueryResults", "StartQuery"),
        _of("logs", "CreateLogStream", "PutLogEvents"),
    ),
    OfferedSecret: _SECRET,
    Parameter: Grant(
        "ssm",
        ("parameter/{n}",),
        _of("ssm", "GetParameter", "GetParameters", "GetParametersByPath"),
        _of("ssm", "PutParameter"),
    ),
    Queue: Grant(
        "sqs",
        ("{n}",),
        _of("sqs", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage"),
        _of("sqs", "GetQueueAttributes", "GetQueueUrl", "SendMessage"),
        lets_in=("sqs:*",),
    ),
    Secret: _SECRET,
    StateMachine: Grant(
        "states",
        ("stateMachine:{n}", "execution:{n}"),
        _of("states", "DescribeExecution", "DescribeStateMachine", "GetExecutionHistory", "ListExecutions"),
        _of("states", "StartExecution", "StartSyncExecution", "StopExecution"),
    ),
    Stream: Grant(
        "kinesis",
        ("stream/{n}",),
        _of("kinesis", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards", "SubscribeToShard"),
        _of("kinesis", "DescribeStreamSummary", "PutRecord", "PutRecords"),
    ),
    Table: Grant(
        "dynamodb",
        ("table/{n}",),
        _of(
            "dynamodb",
            *("BatchGetItem", "ConditionCheckItem", "DescribeStream", "DescribeTable", "GetItem", "GetRecords"),
            *("GetShardIterator", "ListStreams", "Query", "Scan"),
        ),
        _of("dynamodb", "BatchWriteItem", "DeleteItem", "DescribeTable", "PutItem", "UpdateItem"),
    ),
    Topic: Grant(
        "sns",
        ("{n}",),
        _of("sns", "GetTopicAttributes"),
        _of("sns", "Publish"),
        _of("sns", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "Subscribe", "Unsubscribe"),
        lets_in=_of("sns", "GetTopicAttributes", "Publish", "Subscribe"),
    ),
}


def grant_of(kind: type[Kind]) -> Grant | None:
    """What access to a kind is worth: its own, or that of what it extends; None where a value is all there is."""
    return next((GRANTS[one] for one in kind.__mro__ if one in GRANTS), None)
