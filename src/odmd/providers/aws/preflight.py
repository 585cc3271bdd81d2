"""Proof, before anything moves, that the credentials fit and that assets have a place."""

from __future__ import annotations

from typing import Final

from odmd.control.deployment import Target
from odmd.errors import CredentialsRefused, NotBootstrapped
from odmd.providers.aws.codes import code
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

QUALIFIER: Final = "hnb659fds"
"""What `cdk bootstrap` puts into the names of what it makes, unless told otherwise."""


def preflight(sessions: Sessions, target: Target) -> None:
    """Proves that credentials are for the account and that its asset bucket exists.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused, NotBootstrapped
    """
    with reaching(target):
        account = sessions.sts(target).get_caller_identity()["Account"]
    if account != target.account:
        raise CredentialsRefused(
            f"the credentials are for account {account}, the enver is in {target.account}",
            next_step=_next_step(sessions.profile(target.account), target.account),
        )
    prove_bucket(sessions, target, asset_bucket(target))


def _next_step(profile: str | None, account: str) -> str:
    if profile is None:
        return f'use a profile for {account}: [tool.odmd.profiles] {account} = "PROFILE" in pyproject.toml'
    return f"{account} has profile {profile} in [tool.odmd.profiles] of pyproject.toml: name another one or mend it"


def asset_bucket(target: Target) -> str:
    """The bucket that `cdk bootstrap` makes for assets."""
    return f"cdk-{QUALIFIER}-assets-{target.account}-{target.region}"


def prove_bucket(sessions: Sessions, target: Target, bucket: str) -> None:
    """Proves that a bucket exists.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused, NotBootstrapped
    """
    from botocore.exceptions import ClientError

    with reaching(target):
        try:
            sessions.s3(target).head_bucket(Bucket=bucket)
        except ClientError as wrong:
            if code(wrong) not in {"404", "NoSuchBucket", "NotFound"}:
                raise
            raise no_bucket(sessions, target, bucket) from wrong


def no_bucket(sessions: Sessions, target: Target, bucket: str) -> NotBootstrapped:
    """That an account was not made ready for CDK, and by whom it would be."""
    bootstrap = f"cdk bootstrap aws://{target.account}/{target.region}"
    if endpoint := sessions.on_this_machine(target):
        return NotBootstrapped(
            f"account {target.account} has no bucket {bucket} for assets at {endpoint}, an AWS on this machine",
            next_step="`odmd emulator` makes the accounts of its contracts ready, those that are added while it runs, "
            f"too: does it read these contracts? For another AWS: {bootstrap}",
        )
    return NotBootstrapped(f"account {target.account} has no bucket {bucket} for assets", next_step=bootstrap)
