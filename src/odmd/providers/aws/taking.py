"""Takes the deploy role of an enver, where its account is bootstrapped with roles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from odmd.errors import RoleNotTaken
from odmd.graph.rights.guard import guard_name
from odmd.graph.rights.roles import BASE_STACK
from odmd.graph.rights.services import iam_arn
from odmd.graph.rights.used import RolesUsed
from odmd.model.targets import Acting, Target
from odmd.providers.aws.codes import DENIED, code, reason
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.statuses import TO_CREATE

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.credentials import RefreshableCredentials
    from botocore.exceptions import ClientError
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef


class Clients(Protocol):
    """Hands out clients."""

    def cloudformation(self, target: Target) -> CloudFormationClient: ...
    def reader(self, service: str, target: Target) -> BaseClient: ...


_SECONDS: Final = 3600
"""For which a role is taken; it is taken again in time."""
_KNOWN_SECONDS: Final = 60.0
"""For which it is known whether an account has roles."""


class RolesInForce:
    """Whether accounts have roles: looked at once in a while, as the settings say."""

    def __init__(self, used: RolesUsed, now: Callable[[], float] = time.monotonic) -> None:
        self._used, self._now, self._lock = used, now, threading.Lock()
        self._known: dict[Target, tuple[float, bool]] = {}

    def at(self, target: Target, cloudformation: Callable[[], CloudFormationClient]) -> bool:
        """Whether runs have to take a role there."""
        if self._used is not RolesUsed.AUTO:
            return self._used is RolesUsed.REQUIRED
        with self._lock:
            known = self._known.get(target)
        if known is None or self._now() - known[0] > _KNOWN_SECONDS:
            known = self._now(), _is_bootstrapped(target, cloudformation())
            with self._lock:
                self._known[target] = known
        return known[1]


def _is_bootstrapped(target: Target, cloudformation: CloudFormationClient) -> bool:
    """Credentials of another account would see that one's stack."""
    from botocore.exceptions import ClientError

    with reaching(target):
        try:
            stack = cloudformation.describe_stacks(StackName=BASE_STACK)["Stacks"][0]
        except ClientError as wrong:
            if "does not exist" in reason(wrong):
                return False
            if code(wrong) in DENIED:
                return True  # who may not even look there may do nothing else with these credentials
            raise
    is_its = stack.get("StackId", "").split(":")[4:5] == [target.account]
    return is_its and stack["StackStatus"] not in TO_CREATE | {"ROLLBACK_COMPLETE"}


def roles_are_there(sessions: Clients, target: Target) -> bool:
    """Whether an account has roles in a region, also those of a stack set, whose stacks have names of their own.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    return _is_bootstrapped(target, sessions.cloudformation(target)) or _is_guarded(sessions, target)


def _is_guarded(sessions: Clients, target: Target) -> bool:
    """As IAM says; nobody knows, where it is not to be asked."""
    from botocore.exceptions import ClientError

    with reaching(target):
        try:
            cast("Any", sessions.reader("iam", target)).get_policy(
                PolicyArn=policy_arn(guard_name(target.region), target)
            )
        except ClientError as wrong:
            if code(wrong) in {*DENIED, "NoSuchEntity"}:
                return False
            raise
    return True


def role_arn(name: str, target: Target) -> str:
    """The ARN of a role by its name."""
    return iam_arn(f"role/{name}", target)


def policy_arn(name: str, target: Target) -> str:
    """The ARN of a policy of the account's own by its name."""
    return iam_arn(f"policy/{name}", target)


def has_taken(acting: Acting, target: Target, sts: STSClient) -> bool:
    """Whether the credentials are those of the role already, as a job of GitHub has them."""
    return f"::{target.account}:assumed-role/{acting.deploy}/" in sts.get_caller_identity()["Arn"]


def taken(acting: Acting, target: Target, sts: Callable[[], STSClient]) -> RefreshableCredentials:
    """Credentials that renew themselves; their name and tags say which run it is.

    Args:
        sts: asked anew for each renewal, as the account's own credentials may be others by then.

    Raises:
        RoleNotTaken
    """
    from botocore.credentials import RefreshableCredentials

    def take() -> dict[str, str]:
        return _take(acting, target, sts())

    return RefreshableCredentials.create_from_metadata(take(), take, "odmd")


def _tags(acting: Acting) -> Iterator[tuple[str, str]]:
    if acting.enver:
        yield "odmd:enver", acting.enver
    if acting.run is not None:
        yield "odmd:run", str(acting.run)


def taken_by_job(
    acting: Acting, target: Target, sts: Callable[[], STSClient], token: Callable[[], str]
) -> RefreshableCredentials:
    """The same for who proves to be a job of GitHub, and has no credentials of its own.

    Args:
        token: asked anew for each renewal, as it is good for minutes.

    Raises:
        RoleNotTaken
    """
    from botocore.credentials import RefreshableCredentials
    from botocore.exceptions import ClientError

    def take() -> dict[str, str]:
        arn = role_arn(acting.deploy, target)
        try:
            made = sts().assume_role_with_web_identity(
                RoleArn=arn,
                RoleSessionName=f"odmd-run-{acting.run}",
                DurationSeconds=_SECONDS,
                WebIdentityToken=token(),
            )["Credentials"]
        except ClientError as wrong:
            raise _not_taken(arn, target, wrong, acting) from wrong
        return _said(made)

    return RefreshableCredentials.create_from_metadata(take(), take, "odmd")


def _take(acting: Acting, target: Target, sts: STSClient) -> dict[str, str]:
    from botocore.exceptions import ClientError

    arn = role_arn(acting.deploy, target)
    try:
        made = sts.assume_role(
            RoleArn=arn,
            RoleSessionName=acting.session,
            DurationSeconds=_SECONDS,
            Tags=[{"Key": key, "Value": value} for key, value in _tags(acting)],
        )["Credentials"]
    except ClientError as wrong:
        if code(wrong) not in {*DENIED, "NoSuchEntity"}:
            raise
        raise _not_taken(arn, target, wrong, acting) from wrong
    return _said(made)


def _not_taken(arn: str, target: Target, wrong: ClientError, acting: Acting) -> RoleNotTaken:
    return RoleNotTaken(
        f"{arn} cannot be taken: {reason(wrong)}",
        next_step=f"`odmd bootstrap {target.account}/{target.region}` makes what the contracts need; "
        "[tool.odmd.roles] trusts says who may take it, github whether jobs may, and use whether runs act with roles"
        + (": off, where it went before what it took away" if acting.enver and acting.run is None else ""),
    )


def _said(made: CredentialsTypeDef) -> dict[str, str]:
    return {
        "access_key": made["AccessKeyId"],
        "secret_key": made["SecretAccessKey"],
        "token": made["SessionToken"],
        "expiry_time": made["Expiration"].isoformat(),
    }
