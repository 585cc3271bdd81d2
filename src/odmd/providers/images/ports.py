"""What images need of AWS."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from odmd.model.targets import Target

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


class ImageCloud(Protocol):
    """AWS with the credentials of each account."""

    def preflight(self, target: Target) -> None:
        """Proves that credentials are for the account.

        Raises:
            CloudUnreachable, CredentialsRefused, CloudRefused
        """
        ...

    def ecr(self, target: Target) -> ECRClient:
        """The client for repositories of images."""
        ...

    def reaching(self, target: Target) -> AbstractContextManager[None]:
        """Inside, what AWS says becomes one of ours.

        Raises:
            CloudUnreachable, CredentialsRefused, CloudRefused
        """
        ...

    def on_this_machine(self, target: Target) -> str | None:
        """The endpoint, where it is an AWS on this machine: its registry is there, too."""
        ...

    def secret(self, name: str, target: Target) -> str:
        """The text of a secret in AWS Secrets Manager.

        Raises:
            CloudUnreachable, CredentialsRefused, CloudRefused
        """
        ...
