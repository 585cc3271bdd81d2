"""Secrets of GitHub's environments: the API says that one is there, and tells its text to nobody.

Who asks says `GITHUB_TOKEN` or `GH_TOKEN`: a token that may read the environments of the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from odmd.control.ports.secrets import Described, SecretStanding
from odmd.errors import SecretUnreadable
from odmd.model.secret_references import GithubSecret
from odmd.model.targets import Target
from odmd.providers.secrets.asking import SecretAsking

_API: Final = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class GithubSecrets:
    """Asked as an environment says; a version is the moment of the last change."""

    environment: Mapping[str, str]

    def describe(self, reference: GithubSecret, target: Target) -> Described:  # noqa: ARG002
        owner, repository, environment = map(quote, (reference.owner, reference.repository, reference.environment))
        found = self._asking().get(f"/repos/{owner}/{repository}/environments/{environment}/secrets/{reference.name}")
        if isinstance(found, Described):
            return found
        changed = str(found.get("updated_at", ""))
        return Described(SecretStanding.THERE, changed, _seconds(changed))

    def read(self, reference: GithubSecret, target: Target, version: str = "") -> str:  # noqa: ARG002
        raise SecretUnreadable(
            f"GitHub tells nobody the text of {reference}",
            next_step="bind a secret of another store for what needs the text itself; a workflow in that environment "
            "gets this one from GitHub",
        )

    def _asking(self) -> SecretAsking:
        token = self.environment.get("GITHUB_TOKEN") or self.environment.get("GH_TOKEN") or ""
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return SecretAsking("GitHub", self.environment.get("GITHUB_API_URL", _API), headers)


def _seconds(said: str) -> float | None:
    try:
        return datetime.fromisoformat(said).timestamp()
    except ValueError:
        return None
