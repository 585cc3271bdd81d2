"""Published values in SSM Parameter Store, where other systems read them."""

from __future__ import annotations

from odmd.control.deployment import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions


class AwsMirror:
    """One parameter a path."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def put(self, path: str, text: str, target: Target) -> None:
        with reaching(target):
            if self._held(path, target) != text:
                self._sessions.ssm(target).put_parameter(
                    Name=path, Value=text, Type="String", Overwrite=True, Tier="Intelligent-Tiering"
                )

    def _held(self, path: str, target: Target) -> str | None:
        ssm = self._sessions.ssm(target)
        try:
            return ssm.get_parameter(Name=path)["Parameter"].get("Value")
        except ssm.exceptions.ParameterNotFound:
            return None
