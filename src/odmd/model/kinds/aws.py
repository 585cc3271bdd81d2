"""Kinds of AWS resources that compute and keep. Patterns follow the services' API references."""

from __future__ import annotations

from typing import Generic, TypeVar

from odmd.model.kinds.arn import UUID, ArnKind
from odmd.model.kinds.base import Handover, TextKind

Item = TypeVar("Item")


class Bucket(TextKind):
    """An S3 bucket by name."""

    pattern = r"(?!.*\.\.)(?![0-9.]+$)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]"
    looks_like = "a bucket name of 3 to 63 small letters, digits and . -"
    handover = Handover.NONE


class Table(TextKind, Generic[Item]):
    """A DynamoDB table by name. Invariant: it is read and written."""

    pattern = r"[A-Za-z0-9_.\-]{3,255}"
    looks_like = "a table name of 3 to 255 letters, digits and _ . -"
    handover = Handover.NONE


class FileSystem(TextKind):
    """An EFS file system by id."""

    pattern = r"fs-[0-9a-f]+"
    looks_like = "an id like fs-0a1b2c"
    handover = Handover.NONE


class Function(ArnKind):
    """A Lambda function, or one of its versions or aliases."""

    service = "lambda"
    resource = r"function:[A-Za-z0-9_\-]{1,64}(:(\$LATEST|[A-Za-z0-9_\-]{1,128}))?"
    looks_like = "an ARN like arn:aws:lambda:…:function:orders"


class StateMachine(ArnKind):
    """A Step Functions state machine, or one of its versions or aliases."""

    service = "states"
    resource = r"stateMachine:[\w.\-]{1,80}(:[A-Za-z0-9_.\-]{1,80})?"
    looks_like = "an ARN like arn:aws:states:…:stateMachine:orders"


class EcsCluster(ArnKind):
    """An ECS cluster."""

    service = "ecs"
    resource = r"cluster/[A-Za-z0-9_\-]{1,255}"
    looks_like = "an ARN like arn:aws:ecs:…:cluster/shared"


class EcsService(ArnKind):
    """A service on an ECS cluster."""

    service = "ecs"
    resource = r"service/[A-Za-z0-9_\-]{1,255}/[A-Za-z0-9_\-]{1,255}"
    looks_like = "an ARN like arn:aws:ecs:…:service/shared/orders"


class Secret(ArnKind):
    """A Secrets Manager secret, only ever by its ARN."""

    service = "secretsmanager"
    resource = r"secret:\S+"
    looks_like = "the ARN of a secret"
    refers_to_secret = True


class Parameter(TextKind):
    """A parameter of the Systems Manager's store, by name."""

    pattern = r"(?!/?(aws|ssm)[^/]*$)(?=.{1,1011}$)([A-Za-z0-9_.\-]+|(/[A-Za-z0-9_.\-]+)+)"
    looks_like = "a parameter's name like /orders/limit"


class KmsKey(ArnKind):
    """A KMS key. What it encrypted stays unreadable without it."""

    service = "kms"
    resource = rf"key/({UUID}|mrk-[0-9a-f]{{32}})"
    looks_like = "an ARN like arn:aws:kms:…:key/1234abcd-…"
    handover = Handover.NONE


class LogGroup(TextKind):
    """A CloudWatch log group by name."""

    pattern = r"[A-Za-z0-9_./#\-]{1,512}"
    looks_like = "a log group's name like /aws/lambda/orders"
    handover = Handover.NONE
