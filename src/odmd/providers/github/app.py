"""The App as which we are known at GitHub: its credentials, and the rights that it needs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

Level = Literal["read", "write"]
Permissions = Mapping[str, Level]

LEAST: Final[Permissions] = {
    "actions": "write",
    "checks": "write",
    "contents": "read",
    "deployments": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}
"""Without these something does not work; with others it works no better."""
TO_WRITE_WORKFLOWS: Final[Permissions] = {"contents": "write", "workflows": "write"}
"""Needed as well where workflow files are brought into repositories by us."""
EVENTS_OF_REFS: Final = ("create", "delete", "push", "repository")
EVENTS_OF_PULL_REQUESTS: Final = ("check_run", "issue_comment", "pull_request")
EVENTS: Final = (*EVENTS_OF_REFS, *EVENTS_OF_PULL_REQUESTS)
"""What it has to be told of; of its installations GitHub tells each App."""
PUBLIC_API: Final = "https://api.github.com"
PUBLIC_WEB: Final = "https://github.com"
_SKEW_SECONDS: Final = 60
_GOOD_SECONDS: Final = 540
"""GitHub takes ten minutes at most."""


@dataclass(frozen=True, slots=True)
class GithubApp:
    """As GitHub told of it when it was made."""

    id: int
    slug: str
    owner: str
    """The organisation that it belongs to."""
    key: str = field(repr=False)
    """Its private key, in PEM."""
    webhook_secret: str = field(repr=False)
    page: str
    """Where people see it."""
    api: str = PUBLIC_API
    hears: bool = False
    """Whether GitHub tells it what happens, by webhooks."""

    @property
    def web(self) -> str:
        """Where people, and git, find repositories: the host of its page."""
        parts = urlsplit(self.page)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def install_page(self) -> str:
        """Where an owner of the organisation lets it in."""
        return f"{self.page}/installations/new"

    def proof(self, now: float | None = None) -> str:
        """A signed token by which the App is known as itself, for some minutes."""
        from joserfc import jwt
        from joserfc.jwk import RSAKey

        at = int(time.time() if now is None else now)
        claims = {"iat": at - _SKEW_SECONDS, "exp": at + _GOOD_SECONDS, "iss": str(self.id)}
        return jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, RSAKey.import_key(self.key))

    def to_json(self) -> str:
        """All of it, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> GithubApp:
        """What `to_json` wrote."""
        return cls(**json.loads(text))


def lacking(granted: Mapping[str, str], least: Permissions = LEAST) -> Permissions:
    """What of the least is not granted."""
    enough: Mapping[str, tuple[str, ...]] = {"read": ("read", "write", "admin"), "write": ("write", "admin")}
    return {name: level for name, level in least.items() if granted.get(name, "") not in enough[level]}


def beyond(granted: Mapping[str, str], least: Permissions = LEAST) -> Mapping[str, str]:
    """What is granted and more than is needed."""
    known = (*least.items(), *TO_WRITE_WORKFLOWS.items())
    return {name: level for name, level in granted.items() if not {(name, level), (name, "write")} & set(known)}


def in_words(permissions: Mapping[str, str]) -> str:
    """`checks: write, contents: read`."""
    return ", ".join(f"{name}: {level}" for name, level in sorted(permissions.items()))
