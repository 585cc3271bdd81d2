"""Published values and live config in SSM Parameter Store, where other systems read them."""

from __future__ import annotations

from typing import Final

from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

_AT_ONCE: Final = 10
"""How many parameters one call deletes."""


class AwsMirror:
    """One parameter a path."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def held(self, path: str, target: Target) -> str | None:
        with reaching(target):
            return self._held(path, target)

    def put(self, path: str, text: str, target: Target) -> None:
        with reaching(target):
            if self._held(path, target) != text:
                self._sessions.ssm(target).put_parameter(
                    Name=path, Value=text, Type="String", Overwrite=True, Tier="Intelligent-Tiering"
                )

    def clear(self, path: str, target: Target) -> None:
        with reaching(target):
            ssm = self._sessions.ssm(target)
            pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
            names = [one["Name"] for page in pages for one in page["Parameters"] if "Name" in one]
            names.insert(0, path)
            for start in range(0, len(names), _AT_ONCE):
                ssm.delete_parameters(Names=names[start : start + _AT_ONCE])

    def _held(self, path: str, target: Target) -> str | None:
        ssm = self._sessions.ssm(target)
        try:
            return ssm.get_parameter(Name=path)["Parameter"].get("Value")
        except ssm.exceptions.ParameterNotFound:
            return None
