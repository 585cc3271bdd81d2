"""AWS as images need it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

from odmd.errors import CloudRefused
from odmd.model.targets import Target
from odmd.providers.aws.preflight import preflight
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


class AwsImageCloud:
    """ECR and the secrets of builds."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def preflight(self, target: Target) -> None:
        preflight(self._sessions, target)

    def ecr(self, target: Target) -> ECRClient:
        return self._sessions.ecr(target)

    def reaching(self, target: Target) -> AbstractContextManager[None]:
        return reaching(target)

    def on_this_machine(self, target: Target) -> str | None:
        return self._sessions.on_this_machine(target)

    def secret(self, name: str, target: Target) -> str:
        with reaching(target):
            client: Any = self._sessions.reader("secretsmanager", target)
            found = cast("dict[str, object]", client.get_secret_value(SecretId=name))
        if isinstance(text := found.get("SecretString"), str):
            return text
        raise CloudRefused(
            f"secret {name} in account {target.account}, region {target.region} is no text",
            next_step="keep it as a text (SecretString)",
        )
