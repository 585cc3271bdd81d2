"""Kinds of HTTP APIs and their documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from odmd.model.kinds.base import Child, TextKind


@dataclass(frozen=True)
class HttpApi(TextKind):
    """An HTTP endpoint by its base URL."""

    pattern: ClassVar[str] = r"https?://[^\s/]+(/\S*)?"
    looks_like: ClassVar[str] = "a URL like https://api.example.com/v1"


@dataclass(frozen=True)
class OpenApi(TextKind):
    """An OpenAPI document by the URL that serves it."""

    pattern: ClassVar[str] = r"(https?|s3)://\S+"
    looks_like: ClassVar[str] = "the URL of an OpenAPI document"


API_DOC: Final[Child[HttpApi, OpenApi]] = Child(HttpApi, "api-doc", OpenApi)
