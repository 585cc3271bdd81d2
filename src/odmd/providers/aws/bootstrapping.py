"""What `cdk bootstrap` makes in an account and region, and what an assembly needs of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from odmd.control.running.saying import WARNS, Progress
from odmd.errors import BootstrapTooOld, BucketOfAnother, NotBootstrapped
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Assembly, Bootstrap
from odmd.providers.aws.codes import DENIED, code
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.templates import is_large

DEFAULT_QUALIFIER: Final = "hnb659fds"
"""What `cdk bootstrap` puts into the names of what it makes, unless told otherwise."""
_QUALIFIED: Final = re.compile(r"cdk-([a-z0-9]{1,10})-assets-[0-9]{12}-.*|/cdk-bootstrap/([a-z0-9]{1,10})/version")


@dataclass(frozen=True, slots=True)
class Bootstrapping:
    """Knows by which qualifier each account was bootstrapped, and proves that it was."""

    sessions: Sessions
    qualifiers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Account id → qualifier, where it is not CDK's own."""

    def bucket(self, target: Target) -> str:
        """The account's own bucket for assets."""
        return asset_bucket(target, self._qualifier(target))

    def prove(self, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Proves that an account has what an assembly needs: the buckets of its assets and of templates that are too
        large to be sent along, a version that is new enough.

        Raises:
            CloudUnreachable, CredentialsRefused, CloudRefused, NotBootstrapped, BootstrapTooOld, BucketOfAnother
        """
        of_templates = {one.bucket or self.bucket(target) for one in assembly.stacks if is_large(one.template)}
        for bucket in sorted(of_templates | {asset.bucket for asset in assembly.assets}):
            self.prove_bucket(target, bucket)
        for needed in assembly.bootstraps:
            self._prove_version(needed, target, progress)

    def prove_bucket(self, target: Target, bucket: str) -> None:
        """Proves that a bucket exists, and is the account's own.

        Raises:
            CloudUnreachable, CredentialsRefused, CloudRefused, NotBootstrapped, BucketOfAnother
        """
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                self.sessions.s3(target).head_bucket(Bucket=bucket, ExpectedBucketOwner=target.account)
            except ClientError as wrong:
                if code(wrong) in {"404", "NoSuchBucket", "NotFound"}:
                    raise self.no_bucket(target, bucket) from wrong
                if code(wrong) in DENIED and self._lets_in(target, bucket):
                    raise self._of_another(target, bucket) from wrong
                raise

    def _lets_in(self, target: Target, bucket: str) -> bool:
        """Whether a bucket answers those who do not ask whose it is."""
        from botocore.exceptions import ClientError

        try:
            self.sessions.s3(target).head_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True

    def _of_another(self, target: Target, bucket: str) -> BucketOfAnother:
        return BucketOfAnother(
            f"bucket {bucket} is not account {target.account}'s, and lets it in: "
            "who owns it would read, and could change, what is deployed",
            next_step="assets go into a bucket of the enver's own account only; if that one was deleted and its name "
            f"taken, bootstrap with another qualifier: cdk bootstrap --qualifier … aws://{target.account}/{target.region}",
        )

    def no_bucket(self, target: Target, bucket: str) -> NotBootstrapped:
        """That a bucket for assets is not there, and who would make it."""
        return self._not_bootstrapped(target, f"no bucket {bucket} for assets", bucket)

    def _prove_version(self, needed: Bootstrap, target: Target, progress: Progress) -> None:
        from botocore.exceptions import ClientError

        name = needed.parameter or version_parameter(self._qualifier(target))
        with reaching(target):
            try:
                said = self.sessions.ssm(target).get_parameter(Name=name)["Parameter"].get("Value", "")
            except ClientError as wrong:
                if code(wrong) in {"AccessDenied", "AccessDeniedException"}:
                    progress(f"{WARNS}{name} may not be read: nobody knows whether it says {needed.version} or more")
                    return
                if code(wrong) != "ParameterNotFound":
                    raise
                raise self._not_bootstrapped(target, f"no SSM parameter {name}", name) from wrong
        if not (said.isdecimal() and int(said) >= needed.version):
            raise BootstrapTooOld(
                f"account {target.account} in {target.region} was bootstrapped at version {said}, "
                f"and the app needs {needed.version} ({name})",
                next_step=self._command(target, name),
            )

    def _not_bootstrapped(self, target: Target, has: str, name: str) -> NotBootstrapped:
        fact, setting = f"account {target.account} has {has} in {target.region}", ""
        named, own = _qualifier_in(name), self._qualifier(target)
        if named not in ("", own):
            fact += f": the app wants what was bootstrapped with qualifier {named}, and the account's is {own}"
            setting = f'write [tool.odmd.qualifiers] {target.account} = "{named}" into pyproject.toml; then '
        command = self._command(target, name)
        if endpoint := self.sessions.on_this_machine(target):
            return NotBootstrapped(
                f"{fact}; it was looked for at {endpoint}, an AWS on this machine",
                next_step=f"{setting}`odmd emulator` makes the accounts of its contracts ready, those that are added "
                f"while it runs, too: does it read these contracts? For another AWS: {command}",
            )
        return NotBootstrapped(fact, next_step=f"{setting}{command}")

    def _command(self, target: Target, name: str) -> str:
        qualifier = _qualifier_in(name) or self._qualifier(target)
        said = "" if qualifier == DEFAULT_QUALIFIER else f" --qualifier {qualifier}"
        return f"cdk bootstrap{said} aws://{target.account}/{target.region}"

    def _qualifier(self, target: Target) -> str:
        return self.qualifiers.get(target.account, DEFAULT_QUALIFIER)


def asset_bucket(target: Target, qualifier: str = DEFAULT_QUALIFIER) -> str:
    """The bucket that `cdk bootstrap` makes for assets."""
    return f"cdk-{qualifier}-assets-{target.account}-{target.region}"


def version_parameter(qualifier: str = DEFAULT_QUALIFIER) -> str:
    """The SSM parameter by which `cdk bootstrap` says its version."""
    return f"/cdk-bootstrap/{qualifier}/version"


def _qualifier_in(name: str) -> str:
    """The qualifier in the name of a bucket or a parameter; empty where the name is somebody's own."""
    found = _QUALIFIED.fullmatch(name)
    return next(filter(None, found.groups())) if found else ""
