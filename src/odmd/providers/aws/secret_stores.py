"""Secrets Manager and the SecureStrings of Systems Manager, asked with the credentials of the enver's account."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from odmd.control.ports.secrets import Described, SecretStanding
from odmd.errors import (
    CloudRefused,
    CloudUnreachable,
    SecretMissing,
    SecretRotated,
    SecretStoreUnreachable,
    SecretUnfit,
)
from odmd.model.secret_references import ManagedSecret, SecretReference, SecureString
from odmd.model.targets import Target
from odmd.providers.aws.codes import Meaning, code, meaning, reason
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

_CURRENT: Final = "AWSCURRENT"
_ABSENT: Final = frozenset({"ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound"})
_LEAVING: Final = frozenset({"InvalidRequestException"})
"""What Secrets Manager says of a secret that is marked for deletion."""


@dataclass(frozen=True, slots=True)
class ManagedSecrets:
    """AWS Secrets Manager: a version is the id that it gives each text."""

    sessions: Sessions

    def describe(self, reference: ManagedSecret, target: Target) -> Described:
        from botocore.exceptions import ClientError

        with _reaching(reference, target):
            try:
                found = self._client(reference, target).describe_secret(SecretId=reference.id)
            except ClientError as wrong:
                return _described(wrong)
        if left := found.get("DeletedDate"):
            return Described(SecretStanding.LEAVING, why=f"it was deleted on {left:%Y-%m-%d}")
        stages = found.get("VersionIdsToStages", {})
        version = next((one for one, stages in stages.items() if _CURRENT in stages), "")
        if not version:
            return Described(SecretStanding.ABSENT, why="nobody gave it a text yet")
        changed = _seconds(found.get("LastRotatedDate") or found.get("LastChangedDate"))
        return Described(SecretStanding.THERE, version, changed, id=found.get("ARN", ""))

    def read(self, reference: ManagedSecret, target: Target, version: str = "") -> str:
        from botocore.exceptions import ClientError

        with _reaching(reference, target):
            client = self._client(reference, target)
            try:
                if version:
                    found = client.get_secret_value(SecretId=reference.id, VersionId=version)
                else:
                    found = client.get_secret_value(SecretId=reference.id)
            except ClientError as wrong:
                if version and code(wrong) in _ABSENT and self.describe(reference, target).version not in ("", version):
                    raise _rotated(reference) from wrong
                raise _missing(reference, _described(wrong)) from wrong
        if "SecretString" not in found:
            raise SecretUnfit(f"{reference} is no text", next_step="keep it as a text (SecretString), not as bytes")
        return found["SecretString"]

    def _client(self, reference: ManagedSecret, target: Target) -> SecretsManagerClient:
        return self.sessions.secretsmanager(_where(reference, target))


@dataclass(frozen=True, slots=True)
class SecureStrings:
    """The parameter store of Systems Manager: a version is a number. What is kept there unencrypted is no secret."""

    sessions: Sessions

    def describe(self, reference: SecureString, target: Target) -> Described:
        from botocore.exceptions import ClientError

        with _reaching(reference, target):
            try:
                found = self._client(reference, target).get_parameter(Name=reference.id)["Parameter"]
            except ClientError as wrong:
                return _described(wrong)
        if found.get("Type") != "SecureString":
            return Described(SecretStanding.UNREADABLE, why=f"it is a {found.get('Type')}, which is not encrypted")
        version, changed = str(found.get("Version", "")), _seconds(found.get("LastModifiedDate"))
        return Described(SecretStanding.THERE, version, changed, id=found.get("ARN", ""))

    def read(self, reference: SecureString, target: Target, version: str = "") -> str:
        from botocore.exceptions import ClientError

        wanted = f"{reference.id}:{version}" if version else reference.id
        with _reaching(reference, target):
            try:
                found = self._client(reference, target).get_parameter(Name=wanted, WithDecryption=True)["Parameter"]
            except ClientError as wrong:
                if version and code(wrong) in _ABSENT and self.describe(reference, target).version not in ("", version):
                    raise _rotated(reference) from wrong
                raise _missing(reference, _described(wrong)) from wrong
        if found.get("Type") != "SecureString":
            raise _missing(reference, Described(SecretStanding.UNREADABLE, why=f"it is a {found.get('Type')}"))
        return found.get("Value", "")

    def _client(self, reference: SecureString, target: Target) -> SSMClient:
        return self.sessions.ssm(_where(reference, target))


def _where(reference: ManagedSecret | SecureString, target: Target) -> Target:
    """Its region, with the enver's own credentials: who deploys there is who has to be let in."""
    return target.in_region(reference.region or target.region)


@contextmanager
def _reaching(reference: SecretReference, target: Target) -> Generator[None]:
    try:
        with reaching(target):
            yield
    except CloudUnreachable as away:
        raise SecretStoreUnreachable(f"nobody knows of {reference}: {away.fact}", next_step=away.next_step) from away
    except CloudRefused as refused:
        raise _missing(reference, Described(SecretStanding.UNREADABLE, why=refused.fact)) from refused


def _described(wrong: ClientError) -> Described:
    """What an error says of the secret; one that is about something else goes on."""
    if meaning(wrong) is not Meaning.REFUSED:
        raise wrong
    if code(wrong) in _ABSENT:
        return Described(SecretStanding.ABSENT, why=reason(wrong))
    return Described(
        SecretStanding.LEAVING if code(wrong) in _LEAVING else SecretStanding.UNREADABLE, why=reason(wrong)
    )


def _missing(reference: SecretReference, described: Described) -> SecretMissing:
    return SecretMissing.of(str(reference), described.standing, described.why)


def _rotated(reference: SecretReference) -> SecretRotated:
    return SecretRotated.of(str(reference))


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
