"""What is known of AWS's services: how the names of resources stand in ARNs, and which services are whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from odmd.model.targets import Target


@dataclass(frozen=True, slots=True)
class NamedService:
    """A service whose resources have names: `{n}` stands for the pattern of one, `{low}` for it in small letters. What
    is below a resource begins with its name, and needs no pattern of its own."""

    own: tuple[str, ...]
    anywhere: tuple[str, ...] = ()
    """Actions that IAM knows no resource for, or one that has no name."""
    nameless: str = ""
    """What else it has, without a name that says whose it is."""
    tags: tuple[str, ...] = ()
    """Actions on that: tags alone."""
    linked: tuple[str, ...] = ()
    """Actions on that where it belongs to `linked_to` of its own, whose ARN is in the condition key `link`."""
    linked_to: str = ""
    link: str = ""


NAMED: Final[Mapping[str, NamedService]] = {
    "cloudformation": NamedService(("stack/{n}",)),
    "cloudwatch": NamedService(
        ("alarm:{n}",), ("cloudwatch:PutMetricData", "cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms")
    ),
    "dynamodb": NamedService(("table/{n}",)),
    "ecr": NamedService(("repository/{low}",), ("ecr:GetAuthorizationToken",)),
    "events": NamedService(("event-bus/{n}", "rule/{n}")),
    "firehose": NamedService(("deliverystream/{n}",)),
    "kinesis": NamedService(("stream/{n}",)),
    "lambda": NamedService(
        ("function:{n}", "layer:{n}"),
        ("lambda:ListEventSourceMappings",),
        "event-source-mapping:*",
        ("lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"),
        tuple(f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Delete", "Get", "Update")),
        "function:{n}",
        "lambda:FunctionArn",
    ),
    "logs": NamedService(
        ("log-group:{n}", "log-group:/aws/*/{n}"),
        ("logs:DescribeLogGroups",),
    ),
    "s3": NamedService((":::{low}",)),
    "sns": NamedService(("{n}",)),
    "sqs": NamedService(("{n}",)),
    "ssm": NamedService(("parameter/{n}",)),
    "states": NamedService(("stateMachine:{n}", "execution:{n}")),
}
"""All others are held to be its own by the tag that its stacks carry, as far as the service knows tags."""

COMMON: Final = ("cloudwatch", "events", "lambda", "logs", "s3", "sqs", "ssm", "xray")
"""What stacks commonly need, whatever they publish."""

SHARED: Final = ("acm", "cloudfront", "directconnect", "networkmanager", "ram", "route53", "route53domains", "shield")
"""What an account has once, and all feel: clones may not touch it."""

NEVER: Final = ("account", "iam", "organizations", "sso", "sts")
"""What gives rights to others, or takes from the account what guards it: no build has these as a whole."""

OF_DATA: Final = frozenset({"kms", "rds", "secretsmanager"})
"""What is in these is its maker's alone, also where a wire leads there: it gives what is read of it as values."""

OF_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "AuroraCluster": ("rds", "ec2", "secretsmanager"),
    "Certificate": ("acm",),
    "EcsCluster": ("ecs",),
    "EcsService": ("ecs", "ec2", "elasticloadbalancing"),
    "EksCluster": ("eks", "ec2"),
    "FileSystem": ("elasticfilesystem", "ec2"),
    "GraphQlApi": ("appsync",),
    "HostedZone": ("route53",),
    "HttpApi": ("apigateway",),
    "IdentityPool": ("cognito-identity",),
    "ImageRepository": ("ecr",),
    "IpamPool": ("ec2", "ram"),
    "KmsKey": ("kms",),
    "LoadBalancer": ("elasticloadbalancing", "ec2"),
    "MySqlDatabase": ("rds", "ec2", "secretsmanager"),
    "NameServers": ("route53",),
    "OfferedSecret": ("secretsmanager",),
    "PostgresDatabase": ("rds", "ec2", "secretsmanager"),
    "PrefixList": ("ec2",),
    "RedisCache": ("elasticache", "ec2"),
    "Secret": ("secretsmanager",),
    "SecurityGroup": ("ec2",),
    "StateMachine": ("states",),
    "Stream": ("kinesis",),
    "Subnets": ("ec2",),
    "Table": ("dynamodb",),
    "TargetGroup": ("elasticloadbalancing", "ec2"),
    "Topic": ("sns",),
    "TransitGateway": ("ec2", "ram"),
    "UserPool": ("cognito-idp",),
    "UserPoolClient": ("cognito-idp",),
    "Vpc": ("ec2",),
    "VpcEndpointService": ("ec2",),
    "VpcId": ("ec2",),
    "WebSocketApi": ("apigateway",),
    "Website": ("cloudfront",),
}
"""Kind's class name → the services besides the common ones that make such a thing."""


def partition(region: str) -> str:
    """The part of AWS that a region is in."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def iam_arn(what: str, target: Target) -> str:
    """The ARN of what IAM has in an account: `role/NAME`, `policy/NAME`, `root`."""
    return f"arn:{partition(target.region)}:iam::{target.account}:{what}"


def arn(service: str, rest: str, region: str, account: str) -> str:
    """The ARN of what a service has in an account and region; what S3 has says neither."""
    if rest.startswith(":::"):
        return f"arn:{partition(region)}:{service}{rest}"
    return f"arn:{partition(region)}:{service}:{region}:{account}:{rest}"
