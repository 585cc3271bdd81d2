"""What of a webhook is taken: which repository, or which pull request, is worth a look. Gitea and Forgejo say the same
in the same words."""

from __future__ import annotations

from pydantic import Field, ValidationError

from odmd.control.ports.hosts import Hint
from odmd.errors import RequestInvalid
from odmd.providers.github.app import EVENTS, EVENTS_OF_REFS
from odmd.providers.github.models import GithubSaid


class _Named(GithubSaid):
    full_name: str
    id: int | None = None


class _Numbered(GithubSaid):
    number: int


class _CheckRun(GithubSaid):
    pull_requests: list[_Numbered] = Field(default_factory=list[_Numbered])


class _Issue(GithubSaid):
    number: int
    pull_request: dict[str, object] | None = None


class _Body(GithubSaid):
    repository: _Named
    action: str = ""
    pull_request: _Numbered | None = None
    check_run: _CheckRun | None = None
    issue: _Issue | None = None

    def about(self) -> int | None:
        """The pull request that it is about."""
        if self.check_run is not None:
            asked = self.action == "rerequested" and self.check_run.pull_requests
            return self.check_run.pull_requests[0].number if asked else None
        if self.issue is not None:
            return self.issue.number if self.issue.pull_request else None
        return self.pull_request.number if self.pull_request else None


def hint(event: str, body: bytes) -> Hint | None:
    """None: it is nothing to us.

    Raises:
        RequestInvalid: it names no repository.
    """
    if event not in EVENTS:
        return None
    try:
        said = _Body.model_validate_json(body)
    except ValidationError as wrong:
        raise RequestInvalid(
            "the webhook names no repository", next_step="choose the content type application/json"
        ) from wrong
    repository = said.repository.full_name.lower()
    if event in EVENTS_OF_REFS:
        return Hint(repository, said.repository.id)
    number = said.about()
    return None if number is None else Hint(repository, said.repository.id, number)
