"""Whether names are free for what a run would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from odmd.control.running.needs import Finding, PhysicalNamesNeeded, Proven, StackNameNeeded, Unknown
from odmd.errors import CloudRefused, NameOfAnother
from odmd.model import naming
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import ENVER_TAG
from odmd.providers.aws.codes import code
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.statuses import TO_CREATE

Ask = Callable[[Any, str], object]


def _log_group(api: Any, name: str) -> object:
    return [one for one in api.describe_log_groups(logGroupNamePrefix=name)["logGroups"] if one["logGroupName"] == name]


_ASKS: Final[Mapping[str, tuple[str, Ask]]] = {
    "AWS::DynamoDB::Table": ("dynamodb", lambda api, name: api.describe_table(TableName=name)),
    "AWS::ECR::Repository": ("ecr", lambda api, name: api.describe_repositories(repositoryNames=[name])),
    "AWS::Events::EventBus": ("events", lambda api, name: api.describe_event_bus(Name=name)),
    "AWS::IAM::Role": ("iam", lambda api, name: api.get_role(RoleName=name)),
    "AWS::Lambda::Function": ("lambda", lambda api, name: api.get_function_configuration(FunctionName=name)),
    "AWS::Logs::LogGroup": ("logs", _log_group),
    "AWS::S3::Bucket": ("s3", lambda api, name: api.head_bucket(Bucket=name)),
    "AWS::SSM::Parameter": ("ssm", lambda api, name: api.get_parameters(Names=[name])["Parameters"]),
    "AWS::SecretsManager::Secret": ("secretsmanager", lambda api, name: api.describe_secret(SecretId=name)),
}
"""Type → the service, and how it is asked for one by its name: an empty answer, or an error, is that there is none."""
_ABSENT: Final = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFound",
        "RepositoryNotFoundException",
        "ResourceNotFoundException",
    }
)
_TAKEN: Final = frozenset({"403", "301"})
"""What S3 says of a bucket that is another account's, or in another region: names are the whole world's."""


def stack_is_free(sessions: Sessions, need: StackNameNeeded) -> Finding:
    """No stack is there by that name, or the enver's own.

    Raises:
        NameOfAnother, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    stacks, where = Stacks(sessions), f"{need.target.account}, {need.target.region}"
    if stacks.status(need.stack, need.target).name in TO_CREATE:
        return Proven("free")
    owner = stacks.tags(need.stack, need.target).get(ENVER_TAG)
    if owner == need.enver:
        return Proven("its own")
    label = naming.enver_label(need.enver)
    if owner is None:
        return Unknown(
            f"stack {need.stack} is in {where} already, and no enver made it: its run asks whether to adopt it",
            f"`odmd apply` asks; `odmd approve {label} data` adopts it; else give the stack another name",
        )
    raise NameOfAnother(
        f"stack {need.stack} in {where} is {naming.enver_label(owner)}'s",
        next_step=f"give the stacks of {label} other names, or remove {naming.enver_label(owner)} first",
    )


def names_are_free(sessions: Sessions, need: PhysicalNamesNeeded) -> Finding:
    """Nobody has any of them, or the stack itself has, under the same logical id.

    Raises:
        NameOfAnother, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    stacks, own = Stacks(sessions), dict[str, str]()
    if stacks.status(need.stack, need.target).name not in TO_CREATE:
        there = stacks.resources(need.stack, need.target, living=True)
        own = {id: resource.physical_id for id, resource in there.items()}
    new = [(kind, name) for id, kind, name in need.names if name not in own.get(id, "")]
    taken, unasked = list[str](), list[str]()
    for kind, name in new:
        try:
            if is_there(sessions, need.target, kind, name):
                taken.append(f"{kind} {name}")
        except CloudRefused as refused:
            unasked.append(f"{name}: {refused.fact}")
    if taken:
        raise NameOfAnother(
            f"stack {need.stack} would make {', '.join(taken)}, which is there already, and not of that stack",
            next_step="let the app name it after its enver, or not at all; or delete what has the name, if it may go",
        )
    if unasked:
        return Unknown(f"it may not be asked for: {'; '.join(unasked)}", "allow the account's credentials to read it")
    return Proven("free" if new else "its own")


def is_there(sessions: Sessions, target: Target, kind: str, name: str) -> bool:
    """Whether anything of a type has a name.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused
    """
    from botocore.exceptions import ClientError

    service, ask = _ASKS[kind]
    api = cast("Any", sessions.reader(service, target))
    with reaching(target):
        try:
            return bool(ask(api, name))
        except ClientError as wrong:
            if code(wrong) in _ABSENT:
                return False
            if service == "s3" and code(wrong) in _TAKEN:
                return True
            raise
