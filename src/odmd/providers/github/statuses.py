"""A status beside a commit: the newest of a context counts, so that it can be said again."""

from __future__ import annotations

from typing import Final

from odmd.control.ports.hosts import RunPhase
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.models import Numbered
from odmd.providers.github.places import Places, RepositoryPlace

CONTRACTS: Final = "odmd/contracts in force"
_LONGEST: Final = 140
_LONGEST_NAME: Final = 255
_STATES: Final = {
    RunPhase.WAITING: "pending",
    RunPhase.RUNNING: "pending",
    RunPhase.SUCCEEDED: "success",
    RunPhase.FAILED: "failure",
}


def set_status(client: Github, place: RepositoryPlace, commit: str, context: str, phase: RunPhase, words: str) -> None:
    """Raises:
    HostUnreachable, HostBusy, HostRefused, HostLacks
    """
    body = {"state": _STATES[phase], "context": context[:_LONGEST_NAME], "description": shortened(words)}
    path, grant = f"{place.path}/statuses/{in_path(commit)}", place.grant(statuses="write")
    client.send(grant, "POST", path, body, Numbered, Priority.MIRROR)


def shortened(words: str) -> str:
    """As much as GitHub takes of a description."""
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


class GithubMerges:
    """A `CommitMirror`.

    Args:
        repository: of the contracts, as the settings name it.
    """

    def __init__(self, client: Github, places: Places, repository: str) -> None:
        self._client, self._places, self._repository = client, places, repository

    def show(self, commit: str, phase: RunPhase, words: str) -> None:
        set_status(self._client, self._places.of(self._repository), commit, CONTRACTS, phase, words)
