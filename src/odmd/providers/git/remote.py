"""Where a repository is, and as whom git asks there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remote:
    """An address, and what git's environment says for it alone: neither arguments nor addresses hold a secret."""

    url: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


FindRemote = Callable[[str, str], Remote]
"""From a repository's declared name and where the settings say that it is. Raises `RepositoryUnreachable`."""


def as_the_settings_say(_repo: str, where: str) -> Remote:
    """Git's own credentials, if it has any."""
    return Remote(where)


def signed_in(url: str, user: str, password: str) -> Remote:
    """For this repository and nothing else of its host; whatever the user's own configuration would send is not."""
    header = b64encode(f"{user}:{password}".encode()).decode()
    said = (
        (f"http.{url}.extraHeader", ""),  # what was said before is forgotten
        (f"http.{url}.extraHeader", f"Authorization: Basic {header}"),
        (f"credential.{url}.helper", ""),
    )
    environment = {"GIT_CONFIG_COUNT": str(len(said))}
    for n, (key, value) in enumerate(said):
        environment |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    return Remote(url, environment)
